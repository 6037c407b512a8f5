import type { Cell } from '../catalog/slots.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import {
  SHARE_NAMES,
  type ShareName,
  shareRecord,
  slotsOf,
  TIMING_NAMES,
  type Timing,
  timingRecord,
} from '../measures/list.ts';
import type { ComparedUnit } from './comparison.ts';

/** A statistic that runs are compared by. */
export interface Statistic {
  readonly measure: string;
  readonly statistic: string;
  /** For people: "TTFB p95". */
  readonly name: string;
  readonly unit: ComparedUnit;
  readonly worse: 'higher' | 'lower';
  /** Quantile from 0 to 1; absent: a mean, a ratio or a rate. */
  readonly quantile?: number;
}

/** A timing: its fine histogram, and what is read from it. */
export interface TimingStatistics {
  readonly kind: 'timing';
  readonly timing: Timing;
  readonly statistics: readonly Statistic[];
}

/** A share of streams, or a count per second: sums of cells. An absent `whole` is the time in s. */
export interface CountStatistics {
  readonly kind: 'share' | 'rate';
  readonly part: readonly Cell[];
  readonly whole?: readonly Cell[];
  readonly statistics: readonly Statistic[];
}

export type ComparedMeasure = TimingStatistics | CountStatistics;

const QUANTILES: Readonly<Record<string, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

const SUCCEEDED = OUTCOMES.filter((o) => resultOf(o) === 'success').map((o): Cell => `finished:${o}`);
/** Streams that succeeded or failed. */
const ENDED = OUTCOMES.filter((o) => ['success', 'failed'].includes(resultOf(o))).map(
  (o): Cell => `finished:${o}`,
);

/** Counts per second. What they depend on is in docs/compare.md. */
const RATES: readonly { readonly measure: string; readonly name: string; readonly part: readonly Cell[] }[] =
  [
    { measure: 'throughput', name: 'successes/s', part: SUCCEEDED },
    { measure: 'chunks', name: 'chunks/s', part: ['chunks'] },
    { measure: 'outputTokens', name: 'output tokens/s', part: ['outputTokens'] },
  ];

/** Everything that runs are compared by: a new timing or share of `measures` is among it. */
export const COMPARED: readonly ComparedMeasure[] = [
  {
    kind: 'share',
    part: SUCCEEDED,
    whole: ENDED,
    statistics: [share('success', 'success rate', 'lower')],
  },
  ...SHARE_NAMES.map(shareStatistics),
  ...TIMING_NAMES.map(timingStatistics),
  ...RATES.map(
    ({ measure, name, part }): CountStatistics => ({
      kind: 'rate',
      part,
      statistics: [{ measure, statistic: 'rate', name, unit: 'per-second', worse: 'lower' }],
    }),
  ),
];

function share(measure: string, name: string, worse: Statistic['worse']): Statistic {
  return { measure, statistic: 'ratio', name, unit: 'ratio', worse };
}

function shareStatistics(name: ShareName): CountStatistics {
  const { noun, whole, op } = shareRecord(name);
  return {
    kind: 'share',
    part: [`${name}:part`],
    whole: whole === undefined ? ENDED : [`${name}:whole`],
    statistics: [share(name, noun, op === '<' ? 'lower' : 'higher')],
  };
}

function timingStatistics(measure: (typeof TIMING_NAMES)[number]): TimingStatistics {
  const { noun } = timingRecord(measure);
  // Of a timing that is kept by result, that of successes, as in thresholds.
  const { timing } = slotsOf(measure)[0]!;
  const base = { measure, unit: 'ms', worse: 'higher' } as const;
  return {
    kind: 'timing',
    timing,
    statistics: [
      { ...base, statistic: 'mean', name: `mean ${noun}` },
      ...Object.entries(QUANTILES).map(([statistic, quantile]) => ({
        ...base,
        statistic,
        name: `${noun} ${statistic}`,
        quantile,
      })),
    ],
  };
}
