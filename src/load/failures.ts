import { resultOf } from '../core/outcome.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { WorkerEvent } from './messages.ts';

/** Failed streams of one target and outcome that are described in one message; the rest is only counted. */
const DESCRIBED = 10;

/** Gathers failed streams, so that a dead target makes one bounded message at a time and hides no other failure. */
export class Failures {
  #results: StreamResult[] = [];
  readonly #described = new Map<string, number>();
  readonly #omitted = new Map<string, { -readonly [K in keyof OmittedFailures]: OmittedFailures[K] }>();

  add(result: StreamResult): void {
    const { target, outcome, startedAt, durationMs } = result;
    const kind = resultOf(outcome);
    if (kind !== 'failed' && kind !== 'lost') return;
    const key = `${target} ${outcome}`;
    const described = this.#described.get(key) ?? 0;
    if (described < DESCRIBED) {
      this.#described.set(key, described + 1);
      this.#results.push(result);
      return;
    }
    const endedAt = Math.round(startedAt + durationMs);
    const omitted = this.#omitted.get(key);
    if (omitted === undefined)
      this.#omitted.set(key, { target, outcome, count: 1, firstAt: endedAt, lastAt: endedAt });
    else {
      omitted.count++;
      omitted.lastAt = endedAt;
    }
  }

  /** @returns failures since the last call, or `undefined` for none */
  take(): Extract<WorkerEvent, { type: 'failures' }> | undefined {
    if (this.#results.length === 0) return undefined;
    const event = { type: 'failures', results: this.#results, omitted: [...this.#omitted.values()] } as const;
    this.#results = [];
    this.#described.clear();
    this.#omitted.clear();
    return event;
  }
}
