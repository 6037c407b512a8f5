import { join } from 'node:path';
import type { NEEDS } from './needs.ts';
import { poll } from './poll.ts';
import { freePort } from './ports.ts';
import { type Running, start } from './process.ts';
import { ROOT } from './root.ts';

type Need = keyof typeof NEEDS;

/** What each folder of examples/targets needs on the machine, beside what its start installs itself. */
export const TARGETS = {
  'django-asgi': ['python-venv'],
  'django-wsgi': ['python-venv'],
  express: [],
  fastapi: ['python-venv'],
  fiber: ['go'],
  'nginx-three': ['python-venv', 'nginx'],
} as const satisfies Record<string, readonly Need[]>;

export type TargetName = keyof typeof TARGETS;

/** Answers that a server began, and those that it sent to their end. */
export interface Counts {
  readonly started: number;
  readonly finished: number;
}

export interface TargetOptions {
  /** Chunks in an answer on average; absent: 403, half a minute. */
  readonly chunksMean?: number;
  readonly ttfbMs?: number;
  /** Flags of its start, beside the ports. */
  readonly flags?: readonly string[];
  /** In front of the start, such as `taskset -c 0`. */
  readonly prefix?: readonly string[];
}

export interface Target {
  readonly url: string;
  readonly program: Running;
  /** Of nginx-three; empty for the others. */
  readonly appPorts: readonly number[];
  /** By the server itself; of nginx-three, the sum over its app servers. */
  counts(): Promise<Counts>;
  stop(): Promise<void>;
}

/** Starts a server of examples/targets; resolves when it answers. The first start on a machine installs it. */
export async function startTarget(name: TargetName, options: TargetOptions = {}): Promise<Target> {
  const port = await freePort();
  const appPorts = name === 'nginx-three' ? [await freePort(), await freePort(), await freePort()] : [];
  const [command, ...args] = [
    ...(options.prefix ?? []),
    join(ROOT, 'examples/targets', name, 'start'),
    ...['--port', String(port)],
    ...(appPorts.length === 0 ? [] : ['--app-ports', appPorts.join(',')]),
    ...(options.flags ?? []),
  ];
  const program = start(command!, args, {
    // With its children, should the tests be killed.
    group: true,
    env: {
      // Express runs under the Node of the tests.
      NODE: process.execPath,
      ...(options.chunksMean === undefined ? {} : { SOAK_CHUNKS_MEAN: String(options.chunksMean) }),
      ...(options.ttfbMs === undefined ? {} : { SOAK_TTFB_MS: String(options.ttfbMs) }),
    },
  });
  const url = `http://127.0.0.1:${port}/`;
  const counters = appPorts.length === 0 ? [`${url}count`] : appPorts.map((_, i) => `${url}count/${i + 1}`);
  const counts = async (): Promise<Counts> => {
    const all = await Promise.all(counters.map(countsOf));
    return {
      started: all.reduce((sum, { started }) => sum + started, 0),
      finished: all.reduce((sum, { finished }) => sum + finished, 0),
    };
  };
  try {
    await poll(
      name,
      async () => {
        if (program.exit !== undefined) throw new Error(program.output);
        return counts().catch(() => undefined);
      },
      { timeoutMs: 150_000 },
    );
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    url,
    program,
    appPorts,
    counts,
    stop: async () => {
      await program.stop();
    },
  };
}

async function countsOf(url: string): Promise<Counts> {
  const response = await fetch(url, {
    headers: { Connection: 'close' },
    signal: AbortSignal.timeout(5000),
  });
  if (response.status !== 200) throw new Error(`${url}: status ${response.status}`);
  return (await response.json()) as Counts;
}
