import { join } from 'node:path';
import { freePort } from './ports.ts';
import { type Running, start } from './process.ts';
import { ROOT } from './root.ts';

export interface DjangoOptions {
  /** Chunks in an answer; absent: the report's 403, half a minute. */
  readonly chunksMean?: number;
  readonly ttfbMs?: number;
  /** To start it again where it was; absent: a free one. */
  readonly port?: number;
}

export interface Django {
  readonly url: string;
  readonly port: number;
  readonly program: Running;
  stop(): Promise<void>;
}

/** Starts the example target; resolves when it listens. The first start on a machine installs it. */
export async function startDjango(options: DjangoOptions = {}): Promise<Django> {
  const port = options.port ?? (await freePort());
  const env: Record<string, string> = {};
  if (options.chunksMean !== undefined) env.SOAK_CHUNKS_MEAN = String(options.chunksMean);
  if (options.ttfbMs !== undefined) env.SOAK_TTFB_MS = String(options.ttfbMs);
  const program = start(join(ROOT, 'examples/targets/django-asgi/start'), ['--port', String(port)], { env });
  try {
    await program.line(/Uvicorn running on/, 150_000);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    program,
    stop: async () => {
      await program.stop();
    },
  };
}
