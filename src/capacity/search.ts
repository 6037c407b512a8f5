/** Bounds of a search. Loads are users (whole numbers) or streams a second. */
import type { StepVerdict } from '../schema/capacity.ts';
export interface SearchOptions {
  /** First load to try. */
  readonly from: number;
  /** Largest load to try; at least `from`. */
  readonly most: number;
  /** Width of the interval at which the search ends, as a share of the load; above 0. */
  readonly precision: number;
  /** Most steps, repeated and confirming ones included; at least 2. */
  readonly maxSteps: number;
  /** Whether loads are whole numbers. */
  readonly whole: boolean;
}

/** A step that was carried out. */
export interface Tried {
  readonly load: number;
  readonly confirms: boolean;
  readonly verdict: StepVerdict;
}

export type Next =
  | { readonly kind: 'try'; readonly load: number; readonly confirms: boolean }
  | { readonly kind: 'end'; readonly ended: 'found' | 'max-steps' | 'no-data' };

/** Where the capacity lies. */
export interface Bracket {
  /** Largest load that held and that no later step contradicts; 0: none. */
  readonly good: number;
  /** Smallest load that did not hold; infinite: none. */
  readonly bad: number;
  /** Whether a longer hold confirmed `good`. */
  readonly confirmed: boolean;
}

/** Smallest rate to try, streams a second. */
const MIN_RATE = 0.01;
/** Digits of a rate that is tried. */
const RATE_DIGITS = 3;

export function bracketOf(tried: readonly Tried[]): Bracket {
  const bad = Math.min(Number.POSITIVE_INFINITY, ...tried.filter((t) => isRefuted(t)).map((t) => t.load));
  const held = tried.filter((t) => t.verdict === 'held' && t.load < bad);
  const good = Math.max(0, ...held.map((t) => t.load));
  return { good, bad, confirmed: held.some((t) => t.load === good && t.confirms) };
}

/** A generator that is too late for a confirming hold does not refute that the load held before. */
function isRefuted({ verdict, confirms }: Tried): boolean {
  return verdict === 'crossed' || (verdict === 'generator' && !confirms);
}

/**
 * Returns the next load to try, from the steps so far: doubling while the thresholds hold and halving while none has
 * held, then bisection until the interval is narrow enough, then a longer hold of the load that was found. Where that
 * does not confirm it, the search continues below. A step that the generator left open is repeated once.
 */
export function next(options: SearchOptions, tried: readonly Tried[]): Next {
  const { from, most, maxSteps } = options;
  const left = maxSteps - tried.length;
  const last = tried.at(-1);
  if (last === undefined) return attempt(Math.min(from, most));
  if (last.verdict === 'no-data') return { kind: 'end', ended: 'no-data' };
  const { good, bad, confirmed } = bracketOf(tried);
  const isNarrow = good >= most || middleOf(options, good, bad) === undefined;
  if (last.verdict !== 'inconclusive' && isNarrow && (confirmed || good === 0))
    return { kind: 'end', ended: 'found' };
  if (last.verdict === 'generator' && last.confirms) return { kind: 'end', ended: 'found' };
  if (left <= 0) return { kind: 'end', ended: 'max-steps' };
  if (last.verdict === 'inconclusive') return attempt(last.load, last.confirms);
  if (isNarrow || (left === 1 && good > 0 && !confirmed)) return attempt(good, true);
  if (bad === Number.POSITIVE_INFINITY) return attempt(Math.min(most, good * 2));
  return attempt(middleOf(options, good, bad)!);
}

function attempt(load: number, confirms = false): Next {
  return { kind: 'try', load, confirms };
}

/** Returns a load between two; `undefined` where the interval is narrow enough, or no load lies in it. */
function middleOf({ precision, whole }: SearchOptions, good: number, bad: number): number | undefined {
  if (bad === Number.POSITIVE_INFINITY) return bad;
  if (good > 0 && bad - good <= precision * good) return undefined;
  const middle = (good + bad) / 2;
  const load = whole ? Math.floor(middle) : Number(middle.toPrecision(RATE_DIGITS));
  return load > good && load < bad && load >= (whole ? 1 : MIN_RATE) ? load : undefined;
}
