import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, messageOf, SoakError } from '../core/errors.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import { heapLimits, sharedHeapCell } from '../machine/heap.ts';
import type { ReadOptions } from './control.ts';
import type { SimulatorAddress, SimulatorSettings } from './simulator.ts';

/** A simulator in a worker thread, off the caller's event loop. */
export interface SimulatorThread {
  readonly url: string;
  readonly port: number;
  /** Used heap of the thread, bytes; `undefined` once it has ended. */
  readonly heapBytes: number | undefined;
  /** Resolves when the thread is gone. */
  close(): Promise<void>;
}

/** `workerData` of the thread. */
export interface ThreadInput {
  readonly options: SimulatorOptions;
  readonly address: SimulatorAddress;
  /** Whether the caller can parse the body of `PUT /control`. */
  readonly changeable: boolean;
  /** Shared; one cell: used heap of the thread, bytes. */
  readonly heap: Float64Array;
}

/** A message from the thread to main. */
export type ThreadMessage =
  | { readonly kind: 'listening'; readonly url: string; readonly port: number }
  /** Asks main to parse written options; answers arrive in the order of the requests. */
  | { readonly kind: 'read'; readonly written: unknown }
  | { readonly kind: 'failed'; readonly message: string };

/** A message from main to the thread. */
export type ThreadCommand =
  | { readonly kind: 'close' }
  | { readonly kind: 'options'; readonly options: SimulatorOptions }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: readonly string[];
    };

/** A thread that has not ended within this time is terminated, ms. */
const CLOSE_WITHIN_MS = 5000;

/** The same file extension as this file's: `.ts` in a checkout, `.js` after a build. */
const ENTRY = new URL(`./thread-entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

export interface ThreadSettings extends SimulatorSettings {
  readonly onFailure?: (error: SoakError) => void;
  /** Heap of the thread, MiB. */
  readonly heapMiB?: number;
  /** File that the thread runs. */
  readonly entry?: URL;
}

/** Heap of the thread unless the caller gives another, MiB. */
const HEAP_MIB = 512;

/**
 * Starts a simulator in a worker thread. A thread that would need more than its heap ends. A failure after the start is an uncaught error of the process, as it
 * would be without the thread, unless `onFailure` takes it.
 * @throws SoakError `CANNOT_START` when it cannot listen, or the thread cannot start
 */
export function startSimulatorThread(
  options: SimulatorOptions,
  settings: ThreadSettings = {},
): Promise<SimulatorThread> {
  const { onFailure, read, heapMiB = HEAP_MIB, entry = ENTRY, ...address } = settings;
  const heap = sharedHeapCell();
  const workerData: ThreadInput = { options, address, changeable: read !== undefined, heap };
  return new Promise((resolve, reject) => {
    const resourceLimits = heapLimits(heapMiB);
    const worker = new Worker(entry, { workerData, name: 'simulator', resourceLimits });
    let isGone = false;
    const gone = new Promise<void>((done) =>
      worker.once('exit', () => {
        isGone = true;
        done();
      }),
    );
    let started = false;
    let reading: Promise<void> = Promise.resolve();
    let failure: SoakError | undefined;
    worker.on('error', (error) => {
      const text = `the simulator's thread failed: ${messageOf(error)}`;
      failure = new SoakError(started ? 'INTERNAL' : 'CANNOT_START', text, [], error);
      if (!started) return;
      if (onFailure === undefined) throw failure;
      onFailure(failure);
    });
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'failed') {
        failure = new SoakError('CANNOT_START', message.message);
        return;
      }
      if (message.kind === 'read') {
        reading = reading.then(() => answerRead(worker, read!, message.written));
        return;
      }
      started = true;
      resolve({
        url: message.url,
        port: message.port,
        get heapBytes() {
          return isGone ? undefined : heap[0] || undefined;
        },
        close: () => close(worker, gone),
      });
    });
    // Only after the thread has ended, so that the next attempt does not collide with it.
    void gone.then(() =>
      reject(failure ?? new SoakError('CANNOT_START', 'the simulator ended before it was up')),
    );
  });
}

/** Handles requests one after another, which keeps the answers in order. */
async function answerRead(worker: Worker, read: ReadOptions, written: unknown): Promise<void> {
  const say = (command: ThreadCommand): void => worker.postMessage(command);
  try {
    say({ kind: 'options', options: await read(written) });
  } catch (error) {
    if (!(error instanceof SoakError))
      say({ kind: 'refused', code: 'INTERNAL', message: messageOf(error), details: [] });
    else say({ kind: 'refused', code: error.code, message: error.message, details: error.details });
  }
}

async function close(worker: Worker, gone: Promise<void>): Promise<void> {
  const command: ThreadCommand = { kind: 'close' };
  worker.postMessage(command);
  const timer = setTimeout(() => void worker.terminate(), CLOSE_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}
