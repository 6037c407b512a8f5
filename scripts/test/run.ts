import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { CENSUS_ENV, type Census } from './census.ts';

const CENSUS_URL = new URL('./census.ts', import.meta.url).href;

/** Test files that are run together. */
export interface Batch {
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly testTimeoutMs: number;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Only tests of a name that matches. */
  readonly name?: RegExp;
}

export interface Outcome {
  readonly success: boolean;
  /** `file: test: reason` of each. */
  readonly skipped: readonly string[];
}

/** What is read of node:test's events, each of which has some of it. */
interface Event {
  readonly type: string;
  readonly data: {
    readonly nesting?: number;
    readonly message?: string;
    readonly level?: string;
    readonly skip?: string | boolean;
    readonly file?: string;
    readonly name?: string;
    readonly success?: boolean;
    readonly details?: { readonly type?: string };
  };
}

/** The closing lines of node:test; each file brings its own, and the sums are what is printed. */
const CLOSING = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

/** Runs the batches one after another and reports them as one run. */
export async function runTests(
  root: string,
  batches: readonly Batch[],
  { signal, name }: RunOptions,
): Promise<Outcome> {
  const skipped: string[] = [];
  const unreported: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'soakd-census-'));
  process.env[CENSUS_ENV] = folder;
  const startedAt = performance.now();
  let success = true;

  async function* events(): AsyncGenerator<Event> {
    const sums = new Map<string, number>();
    let summary: Event | undefined;
    for (const batch of batches) {
      for await (const { file, events } of filesOf(root, batch, { signal, ...(name && { name }) })) {
        let reported = 0;
        for (const event of events) {
          const { type, data } = event;
          const closing =
            type === 'test:diagnostic' && data.nesting === 0 && CLOSING.exec(data.message ?? '');
          if (closing) {
            sums.set(closing[1]!, (sums.get(closing[1]!) ?? 0) + Number(closing[2]));
            continue;
          }
          if ((type === 'test:pass' || type === 'test:fail') && data.details?.type === 'test') reported++;
          if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
            const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given';
            skipped.push(`${file}: ${data.name}: ${reason}`);
          }
          // The reporter lists what failed when it sees the summary of a whole run: once, after all batches.
          if (type === 'test:summary' && data.file === undefined) {
            success &&= data.success === true;
            summary = event;
            continue;
          }
          yield event;
        }
        const wrong = signal.aborted ? undefined : shortfall(readCensus(folder, join(root, file)), reported);
        if (wrong !== undefined) unreported.push(`${file}: ${wrong}`);
      }
    }
    success &&= unreported.length === 0;
    sums.set('duration_ms', performance.now() - startedAt);
    for (const line of unreported) yield diagnostic(`not all reported: ${line}`);
    for (const skip of skipped) yield diagnostic(`not run: ${skip}`);
    for (const [word, sum] of sums) yield diagnostic(`${word} ${sum}`);
    if (summary !== undefined) yield summary;
  }

  await pipeline(Readable.from(events()), spec(), process.stdout, { end: false });
  rmSync(folder, { recursive: true, force: true });
  return { success, skipped };
}

interface FileEvents {
  readonly file: string;
  readonly events: readonly Event[];
}

/** Each file in a run of its own, so that it is known whose events they are; given as they end. */
async function* filesOf(
  root: string,
  { files, concurrency, testTimeoutMs }: Batch,
  { signal, name }: RunOptions,
): AsyncGenerator<FileEvents> {
  const waiting = [...files];
  const running = new Map<string, Promise<FileEvents>>();
  const runOne = async (file: string): Promise<FileEvents> => {
    const stream = run({
      cwd: root,
      files: [file],
      concurrency: 1,
      timeout: testTimeoutMs,
      signal,
      // Not --test-force-exit: it ends a file before its reports are read.
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', CENSUS_URL],
      ...(name === undefined ? {} : { testNamePatterns: name }),
    });
    return { file, events: await Array.fromAsync(stream as AsyncIterable<Event>) };
  };
  while (!signal.aborted && waiting.length + running.size > 0) {
    while (running.size < concurrency && waiting.length > 0) {
      const file = waiting.shift()!;
      running.set(file, runOne(file));
    }
    const ended = await Promise.race(running.values());
    running.delete(ended.file);
    yield ended;
  }
}

/** @returns what a file said of itself; `undefined` where it was killed before it could */
function readCensus(folder: string, file: string): Census | undefined {
  for (const name of readdirSync(folder)) {
    const census = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Census;
    if (census.file === file) return census;
  }
  return undefined;
}

/** @returns what is wrong where a file has not reported all of its tests */
function shortfall(census: Census | undefined, reported: number): string | undefined {
  if (census === undefined) return `it was killed; ${reported} tests were reported`;
  if (!census.over) return `it ended before its tests were over; ${reported} were reported`;
  return reported < census.begun ? `${census.begun} tests began, ${reported} were reported` : undefined;
}

function diagnostic(message: string): Event {
  return { type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } };
}
