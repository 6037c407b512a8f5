import { relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

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
  };
}

/** The closing lines of node:test; each batch brings its own, and the sums are what is printed. */
const CLOSING = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

/** Runs the batches one after another and reports them as one run. */
export async function runTests(
  root: string,
  batches: readonly Batch[],
  { signal, name }: RunOptions,
): Promise<Outcome> {
  const skipped: string[] = [];
  let success = true;

  async function* events(): AsyncGenerator<Event> {
    const sums = new Map<string, number>();
    let summary: Event | undefined;
    for (const { files, concurrency, testTimeoutMs } of batches) {
      if (files.length === 0 || signal.aborted) continue;
      const stream = run({
        cwd: root,
        files: [...files],
        concurrency,
        timeout: testTimeoutMs,
        signal,
        // A test that failed before it closed its servers must not keep its file, and so the run, for ever.
        execArgv: ['--disable-warning=ExperimentalWarning', '--test-force-exit'],
        ...(name === undefined ? {} : { testNamePatterns: name }),
      });
      for await (const event of stream as AsyncIterable<Event>) {
        const { type, data } = event;
        const closing = type === 'test:diagnostic' && data.nesting === 0 && CLOSING.exec(data.message ?? '');
        if (closing) {
          sums.set(closing[1]!, (sums.get(closing[1]!) ?? 0) + Number(closing[2]));
          continue;
        }
        if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
          const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given';
          skipped.push(`${relative(root, data.file ?? '')}: ${data.name}: ${reason}`);
        }
        // The reporter lists what failed when it sees the summary of a whole run: once, after all batches.
        if (type === 'test:summary' && data.file === undefined) {
          success &&= data.success === true;
          summary = event;
          continue;
        }
        yield event;
      }
    }
    for (const skip of skipped) yield diagnostic(`not run: ${skip}`);
    for (const [word, sum] of sums) yield diagnostic(`${word} ${sum}`);
    if (summary !== undefined) yield summary;
  }

  await pipeline(Readable.from(events()), spec(), process.stdout, { end: false });
  return { success, skipped };
}

function diagnostic(message: string): Event {
  return { type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } };
}
