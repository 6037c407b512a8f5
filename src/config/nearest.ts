import { distance } from 'fastest-levenshtein';

/** Normalizes spelling variants of the same word: case, `think_time`, `think-time`. */
const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');

/** Returns the closest known name, or `undefined` if none is close. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // At most a third of the letters may differ, and at most 3: a further guess misleads.
  let least = Math.min(3, Math.floor(plain(name).length / 3)) + 1;
  for (const candidate of names) {
    const d = distance(plain(name), plain(candidate));
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

/** Returns the advice to use the closest known name, else the given advice. */
export function adviseName(name: string, names: readonly string[], otherwise: string): string {
  const meant = nearest(name, names);
  return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}
