import type { Subject } from '../analysis/level-point.ts';
import { type RecommendedLoad, recommendedLoad } from '../analysis/recommended-load.ts';
import { heldBy, loadText } from './analysed.ts';

/** Returns the recommended load of a target, or of all targets that share the load of a plan; `null`: not known. */
export function recommendedFor(subjects: readonly Subject[]): RecommendedLoad | null {
  return recommendedLoad(
    subjects.flatMap((subject) => {
      const held = heldBy(subject);
      return 'reason' in held ? [] : [held];
    }),
  );
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
