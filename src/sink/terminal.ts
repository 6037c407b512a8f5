import { createLogUpdate } from 'log-update';
import type { Run } from '../core/run.ts';
import { drainLine, type Progress, ProgressSink, progressBlock, progressLine } from './progress.ts';
import type { Sink, StreamSnapshot } from './sink.ts';

/** Interval of plain lines where the output is not a terminal, ms. */
const LINE_INTERVAL_MS = 10_000;

/** Output for text; `isTTY` decides between a live block and plain lines. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows the current run live on a terminal, elsewhere as a line every 10 s. */
export class TerminalProgress implements Sink {
  readonly #stream: TextStream;
  readonly #live: ReturnType<typeof createLogUpdate> | undefined;
  readonly #progress = new ProgressSink();
  #lastLineMs = 0;
  #said: 'draining' | 'interrupted' | undefined;

  constructor(stream: TextStream) {
    this.#stream = stream;
    this.#live = stream.isTTY === true ? createLogUpdate(stream) : undefined;
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    this.#progress.start(run, snapshot);
    this.#lastLineMs = snapshot.atMs;
    this.#said = undefined;
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    if (this.#isDue(run, snapshot)) this.#show(run, snapshot);
    this.#progress.add(run, snapshot);
  }

  /** Whether there may be something to show now: the progress takes a difference of all counters. */
  #isDue(run: Run, { atMs }: StreamSnapshot): boolean {
    if (run.state === 'finished') return false;
    return (
      this.#live !== undefined || run.state === 'draining' || atMs - this.#lastLineMs >= LINE_INTERVAL_MS
    );
  }

  #show(run: Run, snapshot: StreamSnapshot): void {
    const progress = this.#progress.of(run, snapshot);
    const isInterrupted = run.state === 'draining' && run.why === 'interrupted';
    if (this.#live === undefined && progress.drainMs !== null) this.#sayDraining(progress, isInterrupted);
    if (this.#live !== undefined) this.#live(progressBlock(run.scenario, progress, isInterrupted));
    else if (snapshot.atMs - this.#lastLineMs >= LINE_INTERVAL_MS) {
      this.#lastLineMs = snapshot.atMs;
      this.#stream.write(`${progressLine(progress)}\n`);
    }
  }

  /** Says once at the end of the plan, and once more after a signal, how long what is open may take. */
  #sayDraining(progress: Progress, isInterrupted: boolean): void {
    const said = isInterrupted ? 'interrupted' : 'draining';
    if (this.#said === said) return;
    this.#said = said;
    this.#stream.write(`draining: ${drainLine(progress, isInterrupted)}\n`);
  }

  stop(): void {
    this.#live?.done();
  }

  /** Lets something be written above the live block, which the next snapshot draws again. */
  above(write: () => void): void {
    this.#live?.clear();
    write();
  }
}
