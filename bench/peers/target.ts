import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { GroundTruth, StreamRecord } from '../../src/sim/ledger.ts';
import { ROOT } from './root.ts';
import { type Times, timesOf } from './times.ts';

/** What the target really did for one tool. */
export interface Truth {
  readonly streams: number;
  /** Of these, read to their end. */
  readonly complete: number;
  readonly chunks: number;
  /** From the request read to the first byte of the body written. */
  readonly ttfb: Times;
  /** How late the target's own timers fired, mean, ms. */
  readonly latenessMs: number;
}

/** The target's books at one moment. */
export type Books = GroundTruth;

/** How many streams the simulator remembers one by one. */
const REMEMBERED = 100_000;

/** soakd's simulator as a process of its own, the same for all tools. */
export class Target {
  readonly origin: string;
  readonly path = '/sse';
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child;
    this.origin = origin;
  }

  /**
   * @param chunks of an answer in the mean. They lie between half and one and a half of that, which is about the
   *   seed's spread (a quarter) with an end to it: else a round would wait long for the last few of its streams
   */
  static async start(chunks: number): Promise<Target> {
    const distribution = `uniform: [${chunks / 2}, ${chunks * 1.5}]`;
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(ROOT, 'src/cli/main.ts'),
        ...['simulate', '--preset', 'seed', '--chunks', distribution, '--port', '0'],
      ],
      // It ends itself when this process is gone: it takes the end of the channel for a signal.
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], cwd: ROOT },
    );
    let said = '';
    child.stdout!.setEncoding('utf8');
    for await (const part of child.stdout!) {
      said += part;
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (origin !== undefined) return new Target(child, origin);
    }
    throw new Error(`the simulator ended: ${said}`);
  }

  get url(): string {
    return `${this.origin}${this.path}`;
  }

  async books(): Promise<Books> {
    return (await this.#ask('/ground-truth')) as Books;
  }

  /** Waits until it sends nothing any more. @throws when that takes more than 90 s */
  async idle(): Promise<Books> {
    for (let tries = 0; tries < 450; tries++) {
      const books = await this.books();
      if (books.active === 0) return books;
      await wait(200);
    }
    throw new Error('the target still has open streams, 90 s after the tool has ended');
  }

  /** What happened since then. Call when it is idle. */
  async since(before: Books): Promise<Truth> {
    const now = await this.books();
    const started = now.started - before.started;
    if (started > REMEMBERED) throw new Error(`${started} streams: the target remembers only ${REMEMBERED}`);
    const { streams } = (await this.#ask(`/ground-truth?streams=1&limit=${started}`)) as {
      streams: { finished: StreamRecord[] };
    };
    const chunks = now.chunks - before.chunks;
    return {
      streams: started,
      complete: now.finished.complete - before.finished.complete,
      chunks,
      ttfb: timesOf(streams.finished.flatMap(({ ttfbMs }) => ttfbMs ?? [])),
      latenessMs: (now.latenessMs - before.latenessMs) / chunks,
    };
  }

  async #ask(path: string): Promise<unknown> {
    const response = await fetch(this.origin + path, { signal: AbortSignal.timeout(30_000) });
    return await response.json();
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }
}
