import { Command } from 'commander';
import { SoakError } from '../core/errors.ts';
import type { ReportInput } from '../document/input.ts';
import { makeDocument } from '../document/make.ts';
import { REPORT_FORMATS } from '../document/render/formats.ts';
import type { Database } from '../history/database.ts';
import { BUILD } from '../version.ts';
import { positiveNumber, price } from './options.ts';
import { reportFormat, writeReport } from './report-output.ts';
import { fileSource, keptSource, type ReportSource } from './report-sources.ts';
import { isFile } from './run-files.ts';
import { addFolderFlags, type FolderFlags, withHistory } from './runs-open.ts';

interface ReportFlags extends FolderFlags {
  readonly format?: string;
  readonly out?: string;
  readonly users?: number;
  readonly pricePerHour?: number;
  readonly currency?: string;
}

/** Runs of one report: each has all its sections. */
const MAX_RUNS = 10;

export function reportCommand(): Command {
  const command = new Command('report')
    .argument(
      '<runs...>',
      'runs: an id, its first characters, last, last-pass, or a file of run --json; several are reported side by side',
    )
    .option('--format <format>', 'html, md or json (default: by the ending of --out; without it md)')
    .option('--users <n>', 'users to scale out to', positiveNumber)
    .option('--price-per-hour <price>', 'price of one server per hour, for the cost of a user', price)
    .option('--currency <name>', 'currency of the price (default: none named)')
    .option('--out <file>', 'file to write; an existing one is replaced (default: standard output)');
  return addFolderFlags(command).action(async (refs: string[], flags: ReportFlags) => {
    if (refs.length > MAX_RUNS)
      throw new SoakError('USAGE', `found ${refs.length} runs, expected at most ${MAX_RUNS}`);
    const format = reportFormat(flags.format, flags.out);
    const load = (db?: Database): ReportSource[] =>
      refs.map((ref) => (isFile(ref) || db === undefined ? fileSource(ref) : keptSource(db, ref)));
    // Files need no history.
    const sources = refs.every(isFile) ? load() : await withHistory(flags, 'read', load);
    const document = makeDocument(inputOf(sources, flags));
    writeReport(await REPORT_FORMATS[format](document), flags.out);
  });
}

function inputOf(sources: readonly ReportSource[], flags: ReportFlags): ReportInput {
  const { users, pricePerHour, currency } = flags;
  return {
    runs: sources.flatMap((source) => (source.kind === 'run' ? [source.run] : [])),
    tables: sources.flatMap((source) => (source.kind === 'table' ? [source.table] : [])),
    questions: { users: users ?? null, pricePerHour: pricePerHour ?? null, currency: currency ?? '' },
    version: BUILD.version,
    writtenAt: writtenAt(process.env.SOURCE_DATE_EPOCH),
  };
}

/** @param epoch seconds since 1970 for a report that is the same each time, as reproducible-builds.org defines the variable */
function writtenAt(epoch: string | undefined): string {
  if (epoch === undefined || epoch === '') return new Date().toISOString();
  const seconds = Number(epoch);
  if (/^\d{1,11}$/.test(epoch)) return new Date(seconds * 1000).toISOString();
  throw new SoakError(
    'USAGE',
    `found SOURCE_DATE_EPOCH ${JSON.stringify(epoch.slice(0, 40))}, expected whole seconds since 1970`,
  );
}
