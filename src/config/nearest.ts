import { distance } from 'fastest-levenshtein';

/** Normalizes spelling variants of the same word: case, `think_time`, `think-time`. */
const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');

/** Returns the closest known name, or `undefined` if none is close. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // At most a third of the letters may differ, and at most 3: a further guess misleads.
  let least = Math.min(3, Math.floor(plain(name).length / 3)) + 1;
  for (const candidate of names) {
    const [a, b] = [plain(name), plain(candidate)];
    // Two letters that changed places are one mistake: `fro` for `for`.
    const d = isSwapped(a, b) ? 1 : distance(a, b);
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

function isSwapped(a: string, b: string): boolean {
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  return at !== -1 && a.slice(0, at) + a[at + 1] + a[at] + a.slice(at + 2) === b;
}
