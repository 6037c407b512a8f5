import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SoakError } from '../core/errors.ts';
import { heapLimits } from '../machine/heap.ts';

/** What a check of a text finds. */
export interface CheckedText {
  /** Names of the targets and the scenarios; none where there are issues. */
  readonly targets: readonly string[];
  readonly scenarios: readonly string[];
  /** A line for each issue, as `soakd validate` prints them. */
  readonly lines: readonly string[];
}

/** Name of the text in the lines of issues. */
export const TEXT_NAME = 'configuration';

/** Longest time of a check, ms. The text is bounded. */
const MAX_TIME_MS = 10_000;
const HEAP_MIB = 256;

/** The same file extension as this file's: `.ts` in a checkout, `.js` after a build. */
const ENTRY = new URL(`./check-entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/**
 * Checks the text of a configuration in a thread of its own: a hostile text must not hold up a run. Nothing that the text names is
 * read: no secret and no file.
 * @throws SoakError USAGE for a text that takes too long or too much memory
 */
export function checkText(text: string): Promise<CheckedText> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckedText>();
  const worker = new Worker(ENTRY, {
    workerData: text,
    name: 'config-check',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: heapLimits(HEAP_MIB),
  });
  worker.unref();
  const tooMuch = (): SoakError =>
    new SoakError('USAGE', `the text cannot be checked within ${MAX_TIME_MS / 1000} s and ${HEAP_MIB} MiB`);
  const timer = setTimeout(() => {
    reject(tooMuch());
    void worker.terminate();
  }, MAX_TIME_MS);
  timer.unref();
  worker.once('message', resolve);
  worker.once('error', (error) =>
    reject((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error),
  );
  worker.once('exit', () => {
    clearTimeout(timer);
    reject(new Error('the thread of the check ended without a result'));
  });
  return promise;
}
