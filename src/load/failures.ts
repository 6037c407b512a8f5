import { resultOf } from '../core/outcome.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { WorkerEvent } from './messages.ts';

/** Failed streams described in one message; of the rest only the number is told. */
const DESCRIBED = 50;

/** Gathers failed streams, so that a dead target makes one bounded message at a time. */
export class Failures {
  #results: StreamResult[] = [];
  #omitted = 0;

  add(result: StreamResult): void {
    const kind = resultOf(result.outcome);
    if (kind !== 'failed' && kind !== 'lost') return;
    if (this.#results.length < DESCRIBED) this.#results.push(result);
    else this.#omitted++;
  }

  /** @returns what has come since the last call, or `undefined` for nothing */
  take(): Extract<WorkerEvent, { type: 'failures' }> | undefined {
    if (this.#results.length === 0) return undefined;
    const event = { type: 'failures', results: this.#results, omitted: this.#omitted } as const;
    this.#results = [];
    this.#omitted = 0;
    return event;
  }
}
