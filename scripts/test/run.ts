import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spec } from 'node:test/reporters';
import { type Event, type FileRun, runFile } from './file.ts';

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

/** The closing lines of node:test; each file brings its own, and the sums are what is printed. */
const CLOSING = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

/** Runs the batches one after another and reports them as one run. */
export async function runTests(
  root: string,
  batches: readonly Batch[],
  { signal, name }: RunOptions,
): Promise<Outcome> {
  const skipped: string[] = [];
  const issues: string[] = [];
  const notes = mkdtempSync(join(tmpdir(), 'soakd-test-notes-'));
  const startedAt = performance.now();
  let success = true;

  async function* events(): AsyncGenerator<Event> {
    const sums = new Map<string, number>();
    let summary: Event | undefined;
    for (const batch of batches) {
      for await (const { file, events, issue } of runFiles(root, batch, notes, {
        signal,
        ...(name && { name }),
      })) {
        for (const event of events) {
          const { type, data } = event;
          const closing =
            type === 'test:diagnostic' && data.nesting === 0 && CLOSING.exec(data.message ?? '');
          if (closing) {
            sums.set(closing[1]!, (sums.get(closing[1]!) ?? 0) + Number(closing[2]));
            continue;
          }
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
        if (issue !== undefined && !signal.aborted) issues.push(`${file}: ${issue}`);
      }
    }
    success &&= issues.length === 0;
    sums.set('duration_ms', performance.now() - startedAt);
    for (const issue of issues) yield diagnostic(`incomplete: ${issue}`);
    for (const skip of skipped) yield diagnostic(`not run: ${skip}`);
    for (const [word, sum] of sums) yield diagnostic(`${word} ${sum}`);
    if (summary !== undefined) yield summary;
  }

  await pipeline(Readable.from(events()), spec(), process.stdout, { end: false });
  rmSync(notes, { recursive: true, force: true });
  return { success, skipped };
}

/** Each file in a run of its own, so that it is known whose events they are; given as they end. */
async function* runFiles(
  root: string,
  batch: Batch,
  notes: string,
  options: RunOptions,
): AsyncGenerator<FileRun> {
  const waiting = [...batch.files];
  const running = new Map<string, Promise<FileRun>>();
  while (!options.signal.aborted && waiting.length + running.size > 0) {
    while (running.size < batch.concurrency && waiting.length > 0) {
      const file = waiting.shift()!;
      const note = join(notes, encodeURIComponent(file));
      running.set(file, runFile(file, { root, note, testTimeoutMs: batch.testTimeoutMs, ...options }));
    }
    const ended = await Promise.race(running.values());
    running.delete(ended.file);
    yield ended;
  }
}

function diagnostic(message: string): Event {
  return { type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } };
}
