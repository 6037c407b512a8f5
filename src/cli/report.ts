import { Command } from 'commander';
import type { Comparison } from '../compare/comparison.ts';
import { SoakError } from '../core/errors.ts';
import type { ReportedRun, ReportInput } from '../document/input.ts';
import { makeDocument } from '../document/make.ts';
import { REPORT_FORMATS } from '../document/render/formats.ts';
import type { Database } from '../history/database.ts';
import { keptSource } from '../kept-report/report-source.ts';
import { BUILD } from '../version.ts';
import { collect, positiveNumber, price } from './options.ts';
import { reportFormat, writeReport } from './report-output.ts';
import { comparisonsOf, fileSource, type ReportSource } from './report-sources.ts';
import { type ReadUse, type UseFlags, useReader } from './report-use.ts';
import { isFile } from './run-files.ts';
import { addFolderFlags, type FolderFlags, withHistory } from './runs-open.ts';

interface ReportFlags extends FolderFlags, UseFlags {
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
      'runs: an id, its first characters, last, last-pass, or a file: the output of run --json or a table of levels; later runs are compared with the first',
    )
    .option(
      '--format <format>',
      'html, md or json (default: by the ending of --out, else html for a file; md on standard output)',
    )
    .option('--users <n>', 'number of users to serve, for the scale-out section', positiveNumber)
    .option('--price-per-hour <price>', 'price of one server per hour, for the cost section', price)
    .option('--currency <name>', 'currency of the price (default: none)')
    .option('--prometheus <url>', 'Prometheus with CPU, memory and network metrics of the targets')
    .option(
      '--prometheus-labels <matchers>',
      'label matchers that select the host of the targets, e.g. instance="10.0.0.5:9100"',
    )
    .option('--allow <host>', 'host of the Prometheus to allow besides loopback; repeatable', collect)
    .option('--out <file>', 'file to write; replaces an existing file (default: standard output)');
  return addFolderFlags(command).action(async (refs: string[], flags: ReportFlags) => {
    if (refs.length > MAX_RUNS)
      throw new SoakError('USAGE', `found ${refs.length} runs, expected at most ${MAX_RUNS}`);
    const format = reportFormat(flags.format, flags.out);
    const readUse = useReader(flags);
    const load = (db?: Database): Loaded => {
      const sources = refs.map((ref) =>
        isFile(ref) || db === undefined ? fileSource(ref) : keptSource(db, ref),
      );
      return { sources, comparisons: comparisonsOf(sources) };
    };
    // Files need no history.
    const loaded = refs.every(isFile) ? load() : await withHistory(flags, 'read', load);
    const document = makeDocument(await inputOf(loaded, flags, readUse));
    writeReport(await REPORT_FORMATS[format](document), flags.out);
  });
}

interface Loaded {
  readonly sources: readonly ReportSource[];
  readonly comparisons: readonly Comparison[];
}

async function inputOf(
  { sources, comparisons }: Loaded,
  { users, pricePerHour, currency, prometheus }: ReportFlags,
  readUse: ReadUse,
): Promise<ReportInput> {
  const runs = sources.flatMap((source) => (source.kind === 'run' ? [source.run] : []));
  if (prometheus !== undefined && runs.length === 0)
    throw new SoakError(
      'USAGE',
      'found --prometheus with tables alone, expected a run: a table has no times',
    );
  const used: ReportedRun[] = [];
  // One after another, so that the Prometheus has one query at a time.
  for (const run of runs) used.push(await readUse(run));
  return {
    runs: used,
    tables: sources.flatMap((source) => (source.kind === 'table' ? [source.table] : [])),
    comparisons,
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
