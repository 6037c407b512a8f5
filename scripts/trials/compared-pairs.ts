import { setImmediate } from 'node:timers/promises';
import { compareRuns } from '../../src/compare/compare.ts';
import { type MadeRun, madeRun } from '../../support/compare/made-run.ts';

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
  readonly signal?: AbortSignal;
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

/** Makes pairs of runs with seeds and compares them. @throws AbortError between two pairs */
export async function comparedPairs(options: ComparedPairs): Promise<ComparedPair[]> {
  const pairs: ComparedPair[] = [];
  for (let i = 0; i < options.pairs; i++) {
    // Signals are handled between two pairs.
    await setImmediate(undefined, options.signal === undefined ? {} : { signal: options.signal });
    const pair = comparedPair(options.seed + i, options);
    options.ended?.(pair);
    pairs.push(pair);
  }
  return pairs;
}

function comparedPair(seed: number, { windows, ttfb, phi = 0.6 }: ComparedPairs): ComparedPair {
  const make = (place: 0 | 1, factor: number): ReturnType<typeof madeRun> => {
    const targets: MadeRun['targets'] = [{ name: 'a', ttfb: factor }, { name: 'b' }];
    return madeRun({ seed: 2 * seed + place, windows, phi, targets });
  };
  const { values } = compareRuns(make(0, 1), make(1, ttfb), { seed });
  const named = values.filter(({ result }) => result !== 'unchanged');
  const text = ({ target, name }: (typeof values)[number]): string => `${target} ${name}`;
  return {
    seed,
    named: named.map(text),
    found: named.some((v) => v.target === 'a' && v.measure === 'ttfb' && v.result === 'regression'),
    others: named
      .filter((v) => !(v.target === 'a' && ['ttfb', 'ttft'].includes(v.measure) && ttfb !== 1))
      .map(text),
  };
}
