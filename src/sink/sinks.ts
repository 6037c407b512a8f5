import type { RunEvent } from '../core/control.ts';
import { messageOf } from '../core/errors.ts';
import type { FinishedRun, Run } from '../core/run.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import { MAX_FLUSH_MS, type Sink, type StreamSnapshot } from './sink.ts';

interface SinkLog {
  error(facts: object, text: string): void;
}

/** All sinks of a service as one, which never throws. A sink that fails to start gets nothing more of that run. */
export class Sinks implements Required<Sink> {
  readonly #sinks: readonly Sink[];
  readonly #log: SinkLog;
  #started: readonly Sink[] = [];

  constructor(sinks: readonly Sink[], log: SinkLog) {
    this.#sinks = sinks;
    this.#log = log;
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    this.#started = this.#sinks.filter((sink) => this.#call(() => sink.start?.(run, snapshot)));
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    for (const sink of this.#started) this.#call(() => sink.add?.(run, snapshot));
  }

  between(run: Run, snapshot: StreamSnapshot): void {
    for (const sink of this.#started) this.#call(() => sink.between?.(run, snapshot));
  }

  event(run: Run, event: RunEvent): void {
    for (const sink of this.#started) this.#call(() => sink.event?.(run, event));
  }

  results(run: Run, results: readonly StreamResult[], omitted: readonly OmittedFailures[]): void {
    for (const sink of this.#started) this.#call(() => sink.results?.(run, results, omitted));
  }

  /** Resolves when all sinks have flushed, at the latest after {@link MAX_FLUSH_MS}. */
  async stop(run: FinishedRun, snapshot: StreamSnapshot): Promise<void> {
    const flushes = this.#started.map(async (sink) => sink.stop?.(run, snapshot));
    this.#started = [];
    const late = Promise.withResolvers<PromiseSettledResult<void>[]>();
    const timer = setTimeout(() => {
      this.#log.error({ run: run.id, waitedMs: MAX_FLUSH_MS }, 'sink flush timed out');
      late.resolve([]);
    }, MAX_FLUSH_MS);
    const ended = await Promise.race([Promise.allSettled(flushes), late.promise]);
    clearTimeout(timer);
    for (const flush of ended) if (flush.status === 'rejected') this.#failed(flush.reason);
  }

  #call(call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    this.#log.error({ err: messageOf(error) }, 'sink failed');
  }
}
