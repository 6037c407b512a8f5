import { resultOf } from '../core/outcome.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { WorkerEvent } from './messages.ts';

/** Failed streams of one target and outcome that are described in one message; the rest is only counted. */
const DESCRIBED = 10;

/** Gathers failed streams, so that a dead target makes one bounded message at a time and hides no other failure. */
export class Failures {
  #results: StreamResult[] = [];
  #omitted = 0;
  readonly #described = new Map<string, number>();

  add(result: StreamResult): void {
    const kind = resultOf(result.outcome);
    if (kind !== 'failed' && kind !== 'lost') return;
    const key = `${result.target} ${result.outcome}`;
    const described = this.#described.get(key) ?? 0;
    if (described >= DESCRIBED) {
      this.#omitted++;
      return;
    }
    this.#described.set(key, described + 1);
    this.#results.push(result);
  }

  /** @returns what has come since the last call, or `undefined` for nothing */
  take(): Extract<WorkerEvent, { type: 'failures' }> | undefined {
    if (this.#results.length === 0) return undefined;
    const event = { type: 'failures', results: this.#results, omitted: this.#omitted } as const;
    this.#results = [];
    this.#omitted = 0;
    this.#described.clear();
    return event;
  }
}
