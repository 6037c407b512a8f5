import { renameSync, rmSync } from 'node:fs';
import { Command } from 'commander';
import { compareRuns } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import { IrregularFileError } from '../config/regular-file.ts';
import { buildAllowlist, faultOfAllowEntry } from '../core/allow.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { ReportedRun, ReportedTable, ReportInput } from '../document/input.ts';
import { makeDocument } from '../document/make.ts';
import { REPORT_FORMATS, type ReportFormat } from '../document/render/formats.ts';
import { isTableFile, readTableFile } from '../document/table-file.ts';
import { checkMatchers, readTargetUse } from '../document/target-use.ts';
import type { Database } from '../history/database.ts';
import { keptSource, type RunSourceOfReport, reportedRun } from '../kept-report/report-source.ts';
import { NETWORK } from '../transport/dial.ts';
import { lookUp } from '../transport/names.ts';
import { type RangeQuestion, rangeQuery } from '../transport/range-query.ts';
import { BUILD } from '../version.ts';
import { collect, positiveNumber, price } from './options.ts';
import { realOutputPath, writeOutputFile } from './output-file.ts';
import { fileText, isFile, parsed, runInText } from './run-files.ts';
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

/** What one argument of `soakd report` names. */
type ReportSource = RunSourceOfReport | { readonly kind: 'table'; readonly table: ReportedTable };

/** Returns what a file holds: the output of `run --json`, or a table of levels. @throws SoakError USAGE */
function fileSource(file: string): ReportSource {
  const text = fileText(file);
  const data = parsed(text);
  if (isTableFile(data)) return { kind: 'table', table: readTableFile(data, file) };
  const run = runInText(file, text);
  return { kind: 'run', run: reportedRun(file, run.summary), compared: () => run };
}

/** Returns each later run against the first; by their windows where those are kept. */
export function comparisonsOf(sources: readonly ReportSource[]): Comparison[] {
  const [first, ...later] = sources.flatMap((source) => (source.kind === 'run' ? [source.compared] : []));
  return first === undefined ? [] : later.map((run) => compareRuns(first(), run()));
}

/** Flags on the Prometheus of the targets. */
interface UseFlags {
  readonly prometheus?: string;
  readonly prometheusLabels?: string;
  readonly allow?: readonly string[];
}

/** Reads what the targets of a run used, for the time of each of its levels. */
type ReadUse = (run: ReportedRun) => Promise<ReportedRun>;

/**
 * Returns what reads the use of targets from the Prometheus that the flags name; without one, runs stay as they are.
 * @throws SoakError USAGE for flags that are wrong or do not fit together
 */
export function useReader({ prometheus, prometheusLabels, allow = [] }: UseFlags): ReadUse {
  if (prometheus === undefined) {
    if (prometheusLabels === undefined && allow.length === 0) return (run) => Promise.resolve(run);
    throw new SoakError(
      'USAGE',
      `found ${prometheusLabels === undefined ? '--allow' : '--prometheus-labels'} without --prometheus, expected the URL of a Prometheus with it`,
    );
  }
  if (prometheusLabels === undefined)
    throw new SoakError(
      'USAGE',
      'found --prometheus without --prometheus-labels, expected the matchers that select the host of the targets, such as --prometheus-labels \'instance="10.0.0.5:9100"\'',
    );
  checkUrl(prometheus);
  checkMatchers(prometheusLabels);
  for (const entry of allow) {
    const fault = faultOfAllowEntry(entry);
    if (fault !== undefined)
      throw new SoakError('USAGE', `found --allow ${JSON.stringify(entry.slice(0, 100))}, but ${fault}`);
  }
  const options = { allowlist: buildAllowlist(allow), network: NETWORK, lookup: lookUp };
  const ask = (question: RangeQuestion) => rangeQuery(prometheus, question, options);
  return async (run) => ({ ...run, ...(await readTargetUse(run.subjects, prometheusLabels, ask)) });
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHttp = url !== null && /^https?:$/.test(url.protocol);
  if (isHttp && url.username === '' && url.password === '' && url.search === '') return;
  throw new SoakError(
    'USAGE',
    `--prometheus: found ${isHttp ? 'a URL with a user or a query' : JSON.stringify(text.slice(0, 100))}, expected the URL of a Prometheus, such as http://127.0.0.1:9090`,
  );
}

/** Endings of files, by format. */
const ENDINGS: Readonly<Record<string, ReportFormat>> = {
  html: 'html',
  htm: 'html',
  md: 'md',
  markdown: 'md',
  json: 'json',
};

/**
 * Returns the format of a report: the one that is asked for, else that of the ending of the file, else a page in a file and
 * Markdown on standard output.
 * @throws SoakError USAGE for an unknown format
 */
export function reportFormat(asked: string | undefined, file: string | undefined): ReportFormat {
  if (asked === undefined) {
    const ending = file?.split('.').at(-1)?.toLowerCase() ?? '';
    if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending]!;
    return file === undefined ? 'md' : 'html';
  }
  if (Object.hasOwn(REPORT_FORMATS, asked)) return asked as ReportFormat;
  throw new SoakError(
    'USAGE',
    `found the format ${JSON.stringify(asked.slice(0, 40))}, expected one of ${Object.keys(REPORT_FORMATS).join(', ')}`,
  );
}

/**
 * Writes a report to a file or to standard output.
 * @param file replaced as a whole; absent: standard output
 * @throws SoakError CANNOT_START
 */
function writeReport(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  let part: string | undefined;
  try {
    const real = realOutputPath(file);
    part = `${real}.part`;
    writeOutputFile(part, text, 'replace');
    renameSync(part, real);
  } catch (error) {
    // What is no file there is not ours.
    if (part !== undefined && !(error instanceof IrregularFileError)) rmSync(part, { force: true });
    throw new SoakError('CANNOT_START', `${file} cannot be written: ${messageOf(error)}`, [], error);
  }
}
