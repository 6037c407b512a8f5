import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { heapLimits } from '../../machine/heap.ts';

/** How long its thread may take to listen, ms. */
const LISTEN_MS = 5000;

/** Its heap, MiB: it keeps nothing. */
const HEAP_MIB = 64;

/** The same file extension as this file's: `.ts` in a checkout, `.js` after a build. */
const ENTRY = new URL(`./server-entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/** A server on loopback, in a thread of its own, that writes the time into chunks. */
export interface CanaryServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * @returns `undefined` if it cannot be started: the run continues, and its timings have no measurement error
 */
export function startCanaryServer(): Promise<CanaryServer | undefined> {
  const thread = new Worker(ENTRY, { name: 'canary', resourceLimits: heapLimits(HEAP_MIB) });
  const close = async (): Promise<void> => {
    await thread.terminate();
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(undefined);
      void close();
    }, LISTEN_MS);
    const settle = (server: CanaryServer | undefined): void => {
      clearTimeout(timer);
      resolve(server);
    };
    thread.once('message', (port: number) => settle({ port, close }));
    // Later its death shows in the streams that it kept open.
    thread.on('error', () => settle(undefined));
    thread.once('exit', () => settle(undefined));
    thread.unref();
  });
}
