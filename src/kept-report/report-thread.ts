import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, SoakError } from '../core/errors.ts';
import type { ReportFormat } from '../document/render/formats.ts';

/** `workerData` of the thread that writes a report. */
export interface ReportRequest {
  /** The database of the history. */
  readonly path: string;
  /** Id of a run. */
  readonly run: string;
  readonly format: ReportFormat;
}

/** What the thread posts, once. */
export type ReportReply =
  | { readonly text: Uint8Array<ArrayBuffer> }
  | { readonly code: ErrorCode; readonly message: string };

/** Longest time for one report, ms: that of a run of a day with 50 targets takes 3 s. */
const MAX_TIME_MS = 30_000;
/** Heap of the thread: a summary of 50 targets and 100 levels is 50 MiB as text. */
const HEAP_MIB = 512;

/** The same file extension as this file's: `.ts` in a checkout, `.js` after a build. */
const ENTRY = new URL(`./report-entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/**
 * Writes the report of a run of the history in a thread of its own: loading the library of plots and writing a report block
 * an event loop for a second and more. The thread ends with the report, so that its memory is returned.
 * @returns the report as UTF-8
 * @throws SoakError RUN_UNKNOWN, RUN_ACTIVE, HISTORY_UNUSABLE
 */
export function writeKeptReport(request: ReportRequest): Promise<Uint8Array<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const worker = new Worker(ENTRY, {
    workerData: request,
    name: 'report',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  // A report must not keep soakd from its end.
  worker.unref();
  const timer = setTimeout(() => {
    reject(new Error(`the report of run ${request.run} took longer than ${MAX_TIME_MS / 1000} s`));
    void worker.terminate();
  }, MAX_TIME_MS);
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
