import { distance } from 'fastest-levenshtein';

/** Spelling that people mix up without meaning another word: case, `think_time`, `think-time`. */
const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');

/** @returns the name that was probably meant, or `undefined` when none is close */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // A third of the letters may differ, at most 3: beyond that a guess misleads more than it helps.
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

/** @returns an advice: the name that was probably meant, else the given one */
export function adviseName(name: string, names: readonly string[], otherwise: string): string {
  const meant = nearest(name, names);
  return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}
