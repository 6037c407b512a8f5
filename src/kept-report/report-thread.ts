import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, SoakError } from '../core/errors.ts';
import type { ReportFormat } from '../document/render/formats.ts';
import { heapLimits } from '../machine/heap.ts';

/** What the thread writes: the report of a run, or the comparison of a run with a baseline as JSON. Runs are ids. */
export type ReportTask =
  | { readonly run: string; readonly format: ReportFormat }
  | { readonly run: string; readonly baseline: string };

/** `workerData` of the thread. */
export interface ReportRequest {
  /** The database of the history. */
  readonly path: string;
  readonly task: ReportTask;
}

/** What the thread posts, once. */
export type ReportReply =
  | { readonly text: Uint8Array<ArrayBuffer> }
  | { readonly code: ErrorCode; readonly message: string };

/** Longest time, ms: the report of a run of a day with 50 targets takes 3 s. A comparison reads all windows of 10 s. */
const MAX_TIME_MS = { report: 30_000, comparison: 120_000 } as const;
/** Heap of the thread: a summary of 50 targets and 100 levels is 50 MiB as text. */
const HEAP_MIB = 512;

/** The same file extension as this file's: `.ts` in a checkout, `.js` after a build. */
const ENTRY = new URL(`./report-entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/**
 * Writes the report of a run of the history, or compares two, in a thread of its own: loading the library of plots, writing
 * a report and resampling windows block an event loop for a second and more. The thread ends with its task, so that its
 * memory is returned.
 * @returns the report or the comparison as UTF-8
 * @throws SoakError RUN_UNKNOWN, RUN_ACTIVE, HISTORY_UNUSABLE
 */
export function writeKeptReport(request: ReportRequest): Promise<Uint8Array<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const worker = new Worker(ENTRY, {
    workerData: request,
    name: 'report',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: heapLimits(HEAP_MIB),
  });
  // A report must not keep soakd from its end.
  worker.unref();
  const { task } = request;
  const [what, command] =
    'baseline' in task
      ? (['comparison', `compare ${task.baseline} ${task.run}`] as const)
      : (['report', `report ${task.run}`] as const);
  const timer = setTimeout(() => {
    const seconds = MAX_TIME_MS[what] / 1000;
    reject(
      new SoakError('INTERNAL', `the ${what} takes longer than ${seconds} s here; use "soakd ${command}"`),
    );
    void worker.terminate();
  }, MAX_TIME_MS[what]);
  timer.unref();
  worker.once('message', (reply: ReportReply) => {
    if ('text' in reply) resolve(reply.text);
    else reject(new SoakError(reply.code, reply.message));
  });
  worker.once('error', reject);
  worker.once('exit', () => {
    clearTimeout(timer);
    reject(new Error('the thread of the report ended without a report'));
  });
  return promise;
}
