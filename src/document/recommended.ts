import type { HeldLoad } from '../analysis/held-load.ts';
import type { Subject } from '../analysis/level-point.ts';
import type { Stop } from '../analysis/load-interval.ts';
import { type RecommendedLoad, recommendedLoad } from '../analysis/recommended-load.ts';
import { heldBy, loadText } from './analysed.ts';
import { intervalText, marginStopText } from './stop-text.ts';

/** Returns the recommended load of a target, or of all targets that share the load of a plan; `null`: not known. */
export function recommendedFor(subjects: readonly Subject[]): RecommendedLoad | null {
  return recommendedLoad(knownOf(subjects).map(({ held }) => held));
}

/** Writes the recommended load as all sections do: `1,250 users`, `at least 40 users over all 5 targets`, `none`. */
export function recommendedText(subjects: readonly Subject[]): string {
  const recommended = recommendedFor(subjects);
  const [first] = subjects;
  if (recommended === null || first === undefined) return 'not known';
  if (recommended.load === null) return 'none';
  const shared = first.sharedBy > 1 ? ` over all ${first.sharedBy} targets` : '';
  return `${recommended.isAtLeast ? 'at least ' : ''}${loadText(recommended.load, first)}${shared}`;
}

/** Why the recommended load is no larger: the level after it, and the limit that stops it. */
export interface RecommendedStop {
  readonly subject: Subject;
  readonly stop: Stop;
  /** `at 1,750 users mean success duration, 32.2s, leaves less than 20 % of its limit of 40s` */
  readonly text: string;
}

/** Returns what stops the recommended load; `null`: nothing did, or it is not known. */
export function recommendedStop(subjects: readonly Subject[]): RecommendedStop | null {
  const weakest = weakestOf(subjects);
  const stop = weakest?.held.conservativeStop ?? null;
  if (weakest === null || stop === null) return null;
  const { subject } = weakest;
  const of = subjects.length > 1 ? ` of ${subject.name}` : '';
  return { subject, stop, text: `at ${loadText(stop.load, subject)} ${marginStopText(stop, of)}` };
}

/** Writes the recommended load with its interval and its reason, as the summary does. */
export function recommendedSentence(subjects: readonly Subject[]): string {
  const weakest = weakestOf(subjects);
  if (weakest === null) return '';
  const { subject, held } = weakest;
  const why = recommendedStop(subjects);
  const interval = intervalText(held.conservative, held.conservativeInterval, subject);
  const reason = why === null ? '' : held.conservative === null ? `: already ${why.text}` : `; ${why.text}`;
  const more =
    held.conservative !== null && held.maximum !== null && held.maximum > held.conservative
      ? ` Above it, up to ${loadText(held.maximum, subject)}, all limits hold, but not all with that margin.`
      : '';
  return `Recommended, with a margin of 20 % left of each limit: ${recommendedText(subjects)}${interval}${reason}.${more}`;
}

interface Known {
  readonly subject: Subject;
  readonly held: HeldLoad;
}

function knownOf(subjects: readonly Subject[]): Known[] {
  return subjects.flatMap((subject) => {
    const held = heldBy(subject);
    return 'reason' in held ? [] : [{ subject, held }];
  });
}

/** The same target that {@link recommendedLoad} takes. */
function weakestOf(subjects: readonly Subject[]): Known | null {
  const known = knownOf(subjects);
  if (known.length === 0) return null;
  return known.reduce((a, b) => ((b.held.conservative ?? 0) < (a.held.conservative ?? 0) ? b : a));
}
