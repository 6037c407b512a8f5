import { Command } from 'commander';
import { SoakError } from '../core/errors.ts';
import type { Schema } from '../http/schema/build.ts';
import { reportJsonSchema } from '../http/schema/report.ts';
import { summaryJsonSchema } from '../http/schema/standalone.ts';

const SCHEMAS: Readonly<Record<string, () => Schema>> = {
  summary: summaryJsonSchema,
  report: reportJsonSchema,
};

export function schemaCommand(): Command {
  return new Command('schema')
    .argument(
      '<what>',
      'output to describe: summary (the line that `run --json` prints) or report (what `report --format json` writes)',
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
