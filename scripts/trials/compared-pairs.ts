import { compareRuns } from '../../src/compare/compare.ts';
import { type MadeRun, madeRun } from '../../test/compare/made-run.ts';

export interface ComparedPairs {
  readonly pairs: number;
  /** Windows of 10 s of each run. */
  readonly windows: number;
  /** Factor of TTFB on target `a` in the second run of each pair; target `b` stays as it is. */
  readonly ttfb: number;
  /** Seed of the first pair. */
  readonly seed: number;
  /** Autocorrelation of neighbouring windows; absent: 0.6. */
  readonly phi?: number;
  /** Called after each pair. */
  readonly ended?: (pair: ComparedPair) => void;
}

export interface ComparedPair {
  readonly seed: number;
  /** Every value that the comparison names: "a TTFB p50". */
  readonly named: readonly string[];
  /** Whether a TTFB of `a` is among the regressions. */
  readonly found: boolean;
  /** Named values other than TTFB of `a` and its TTFT, which contains the TTFB. */
  readonly others: readonly string[];
}

/** Makes pairs of runs with seeds and compares them. */
export function comparedPairs({
  pairs,
  windows,
  ttfb,
  seed,
  phi = 0.6,
  ended,
}: ComparedPairs): ComparedPair[] {
  return Array.from({ length: pairs }, (_, i) => {
    const make = (place: 0 | 1, factor: number): ReturnType<typeof madeRun> => {
      const targets: MadeRun['targets'] = [{ name: 'a', ttfb: factor }, { name: 'b' }];
      return madeRun({ seed: 2 * (seed + i) + place, windows, phi, targets });
    };
    const { values } = compareRuns(make(0, 1), make(1, ttfb), { seed: seed + i });
    const named = values.filter(({ result }) => result !== 'unchanged');
    const text = ({ target, name }: (typeof values)[number]): string => `${target} ${name}`;
    const pair = {
      seed: seed + i,
      named: named.map(text),
      found: named.some((v) => v.target === 'a' && v.measure === 'ttfb' && v.result === 'regression'),
      others: named
        .filter((v) => !(v.target === 'a' && ['ttfb', 'ttft'].includes(v.measure) && ttfb !== 1))
        .map(text),
    };
    ended?.(pair);
    return pair;
  });
}
