import { correlationAt, deviationsOf } from '../src/drift/autocorrelation.ts';
import { hamedRao, score, scoreVariance, scoreZ, testUpward } from '../src/drift/mann-kendall.ts';
import { upperTail } from '../src/drift/normal-tail.ts';
import { medianSlope } from '../src/drift/theil-sen.ts';
import { trendOf } from '../src/drift/trend.ts';

/** One way to test windows for a climb. @returns one-sided p */
export interface Method {
  readonly name: string;
  readonly p: (values: Float64Array) => number;
}

const slopeOf = (values: Float64Array): number =>
  medianSlope(
    values.map((_, i) => i),
    values,
  );

/** Mann–Kendall with the variance of the score made wider. */
function widened(values: Float64Array, by: (values: Float64Array) => number): number {
  return upperTail(scoreZ(score(values), scoreVariance(values) * Math.max(1e-9, by(values))));
}

export const METHODS: readonly Method[] = [
  { name: 'plain', p: (values) => widened(values, () => 1) },
  { name: 'Hamed–Rao', p: (values) => widened(values, (v) => hamedRao(v, slopeOf(v))) },
  {
    // S. Yue and C. Y. Wang, Water Resources Management 18, 2004, with the first lag, as they propose it.
    name: 'Yue–Wang',
    p: (values) =>
      widened(values, (v) => {
        const slope = slopeOf(v);
        const r = correlationAt(deviationsOf(v.map((x, i) => x - slope * i)), 1);
        const n = v.length;
        return 1 + (2 * (r ** (n + 1) - n * r * r + (n - 1) * r)) / (n * (r - 1) ** 2);
      }),
  },
  {
    // S. Yue, P. Pilon, B. Phinney and G. Cavadias, Hydrological Processes 16, 2002.
    name: 'trend-free pre-whitening',
    p: (values) => {
      const slope = slopeOf(values);
      const rest = values.map((v, i) => v - slope * i);
      const r = correlationAt(deviationsOf(rest), 1);
      const white = rest.subarray(1).map((v, i) => v - r * rest[i]! + slope * (i + 1));
      return testUpward(white, 1).p;
    },
  },
  {
    name: 'blocks',
    p: (values) => trendOf({ values, weights: new Float64Array(values.length).fill(1) }, 'middle')?.p ?? 1,
  },
];
