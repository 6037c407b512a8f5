import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { Summary } from '../schema/summary.ts';
import { countText } from './text.ts';

/** Returns whether a stream of a run succeeded or failed. */
export function hasEnded({ targets }: Summary): boolean {
  return targets.some(({ streams: { results } }) => results.success + results.failed > 0);
}

/** Returns the names of targets from which no byte of an answer came, though streams to them ended. */
export function silentTargets({ targets }: Summary): string[] {
  return targets
    .filter(
      ({ streams: { results }, ttfbMs }) => results.success === 0 && results.failed > 0 && ttfbMs.count === 0,
    )
    .map(({ name }) => name);
}

/** Writes that a target never answered, with the outcomes of its streams. */
export function silentText({ targets }: Summary, name: string): string {
  const { finished } = targets.find((t) => t.name === name)!.streams;
  const outcomes = OUTCOMES.filter((o) => resultOf(o) === 'failed' && finished[o] > 0);
  const failed = outcomes.reduce((sum, o) => sum + finished[o], 0);
  const all = failed === 1 ? 'its one stream' : `all ${countText(failed)} streams`;
  return `${name} never answered: ${all} failed (${outcomes.map((o) => `${countText(finished[o])} ${o}`).join(', ')})`;
}
