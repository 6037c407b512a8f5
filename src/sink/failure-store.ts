import type { Outcome } from '../core/outcome.ts';
import type { Run } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Sink } from './sink.ts';

/** Failed streams of one target and outcome that are kept. */
const KEPT = 20;

export interface FailureQuery {
  readonly target?: string;
  readonly outcome?: string;
  /** At most this many. */
  readonly limit: number;
}

/**
 * The last failed streams of each target and outcome. Many of one kind never push out the few of another, so the
 * memory is bounded by the configuration: targets × outcomes × 20.
 */
export class FailureStore implements Sink {
  readonly #kept = new Map<string, StreamResult[]>();

  results(_run: Run, results: readonly StreamResult[]): void {
    for (const result of results) {
      const key = keyOf(result);
      const kept = this.#kept.get(key);
      if (kept === undefined) this.#kept.set(key, [result]);
      else {
        kept.push(result);
        if (kept.length > KEPT) kept.shift();
      }
    }
  }

  /** Adds the failures of a run that an earlier process began, in any order. */
  restore(earlier: readonly StreamResult[]): void {
    for (const [key, results] of Map.groupBy(earlier, keyOf)) {
      const all = [...results, ...(this.#kept.get(key) ?? [])];
      this.#kept.set(key, all.sort((a, b) => a.startedAt - b.startedAt).slice(-KEPT));
    }
  }

  /** Forgets targets that are no longer known. */
  keep(targets: readonly string[]): void {
    for (const key of this.#kept.keys())
      if (!targets.includes(key.slice(0, key.indexOf(' ')))) this.#kept.delete(key);
  }

  /** @returns the newest first */
  list({ target, outcome, limit }: FailureQuery): StreamResult[] {
    return [...this.#kept.values()]
      .flat()
      .filter(
        (r) =>
          (target === undefined || r.target === target) && (outcome === undefined || r.outcome === outcome),
      )
      .sort((a, b) => b.startedAt - a.startedAt)
      .slice(0, limit);
  }

  /** @returns the newest of one kind whose id begins so */
  examples(target: string, outcome: Outcome, runId: string, limit: number): StreamResult[] {
    const kept = this.#kept.get(`${target} ${outcome}`) ?? [];
    return kept
      .filter((r) => r.id.startsWith(`${runId}-`))
      .slice(-limit)
      .reverse();
  }
}

function keyOf({ target, outcome }: StreamResult): string {
  return `${target} ${outcome}`;
}
