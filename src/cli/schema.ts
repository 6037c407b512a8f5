import { Command } from 'commander';
import { configJsonSchema } from '../config/schema/root.ts';
import { SoakError } from '../core/errors.ts';
import { jsonSchema } from '../schema/build.ts';
import { report } from '../schema/report.ts';
import { summary } from '../schema/summary.ts';

const SCHEMAS: Readonly<Record<string, () => object>> = {
  config: configJsonSchema,
  summary: () => ({ title: 'Summary of a run of soakd', ...jsonSchema(summary, 'draft-7') }),
  report: () => ({ title: 'Report of soakd', ...jsonSchema(report, 'draft-7') }),
};

export function schemaCommand(): Command {
  return new Command('schema')
    .argument(
      '<what>',
      'what to describe: config (a configuration file, for editors), summary (the line that `run --json` prints) or report (what `report --format json` writes)',
    )
    .action((what: string) => {
      const schema = Object.hasOwn(SCHEMAS, what) ? SCHEMAS[what] : undefined;
      if (schema === undefined)
        throw new SoakError(
          'USAGE',
          `found the schema ${JSON.stringify(what.slice(0, 40))}, expected one of ${Object.keys(SCHEMAS).join(', ')}`,
        );
      process.stdout.write(`${JSON.stringify(schema(), null, 2)}\n`);
    });
}
