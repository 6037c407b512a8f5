import type { Series } from '../case.ts';
import { counterText, gaugeText } from './course.ts';
import type { Of, TargetKind, TargetRule } from './experiments.ts';

/** Ticks of the groups that are evaluated every 15 s: a minute has four. */
const TICK_S = 15;
const MINUTE = 4;
const WINDOW = 5 * MINUTE;

/** By hand, so that a rule that changes by mistake is noticed. */
const rule = (
  severity: string,
  limit: number,
  least: number,
  waitMinutes: number,
  more: Partial<TargetRule> = {},
): TargetRule => ({
  labels: { severity },
  op: '>',
  limit,
  least,
  window: WINDOW,
  wait: waitMinutes * MINUTE,
  ...more,
});

const minus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - b[i]!);

const counter = (
  name: string,
  values: readonly number[],
  labels: Readonly<Record<string, string>>,
): Series => ({
  name,
  labels,
  values: counterText(values),
});

const SHARE = { tickS: TICK_S, of: 'counted', volume: 20_000, good: 0, bad: 1, past: 0.005 } as const;

/** A share of counted streams. */
const finished = (count: readonly number[], part: readonly number[], of: Of): Series[] => [
  counter('soak_streams_finished_total', part, { ...of, result: 'failed', outcome: 'reset' }),
  counter('soak_streams_finished_total', minus(count, part), {
    ...of,
    result: 'success',
    outcome: 'complete',
  }),
];

/** A timing of which a share is over an edge. */
const timing = (metric: string, le: string, rules: readonly TargetRule[]): TargetKind => ({
  ...SHARE,
  rules,
  timed: true,
  series: (count, part, of) => [
    counter(`${metric}_count`, count, { ...of }),
    counter(`${metric}_bucket`, minus(count, part), { ...of, le }),
    counter(`${metric}_bucket`, count, { ...of, le: '+Inf' }),
  ],
});

/** A timing whose mean has a limit, s. */
const mean = (
  metric: string,
  limits: Pick<TargetKind, 'good' | 'bad'>,
  rules: readonly TargetRule[],
  labels: Readonly<Record<string, string>> = {},
): TargetKind => ({
  tickS: TICK_S,
  of: 'counted',
  volume: 100,
  past: 0.005,
  timed: true,
  ...limits,
  rules,
  series: (count, part, of) => [
    counter(`${metric}_count`, count, { ...of, ...labels }),
    counter(`${metric}_sum`, part, { ...of, ...labels }),
  ],
});

const open = (level: readonly number[], of: Of): Series => ({
  name: 'soak_streams_active',
  labels: { ...of, phase: 'streaming' },
  values: gaugeText(level),
});

const optional = (threshold: string, limit: number): TargetRule =>
  rule('warning', limit, 100, 5, { labels: { severity: 'warning', threshold } });

/** Rules about targets, by alert. */
export const TARGET_KINDS: Readonly<Record<string, TargetKind>> = {
  SoakSuccessRateLow: {
    ...SHARE,
    timed: false,
    series: finished,
    rules: [
      rule('warning', 0.01, 100, 5, { keep: 5 * MINUTE }),
      rule('critical', 0.05, 20, 2, { keep: 5 * MINUTE }),
    ],
  },
  SoakSuccessBelowObjective: {
    ...SHARE,
    // As its group is evaluated.
    tickS: 60,
    timed: false,
    series: finished,
    rules: [{ ...rule('info', 0.005, 200, 0), window: 60, wait: 15 }],
  },
  SoakTTFBHigh: timing('soak_stream_ttfb_seconds', '2.5', [
    rule('warning', 0.05, 100, 5),
    rule('critical', 0.5, 20, 5),
  ]),
  SoakTTFBMeanHigh: mean('soak_stream_ttfb_seconds', { good: 1, bad: 10 }, [rule('warning', 2.5, 20, 10)]),
  SoakTTFTHigh: timing('soak_stream_ttft_seconds', '3', [optional('ttft-p95', 0.05)]),
  SoakChunkGapHigh: timing('soak_stream_chunk_gap_seconds', '0.5', [optional('gap-p99', 0.01)]),
  SoakStreamSlow: timing('soak_stream_effective_duration_seconds', '60', [optional('effective-p95', 0.05)]),
  SoakStreamDurationHigh: mean(
    'soak_stream_duration_seconds',
    { good: 30, bad: 120 },
    [rule('warning', 40, 20, 10), rule('critical', 50, 20, 5)],
    { result: 'success' },
  ),
  SoakResponsesBuffered: {
    ...SHARE,
    timed: false,
    rules: [rule('warning', 0.01, 50, 5)],
    series: (count, part, of) => [
      counter('soak_streams_bufferable_total', count, { ...of }),
      counter('soak_streams_buffered_total', part, { ...of }),
    ],
  },
  SoakGoodputLow: {
    ...SHARE,
    good: 1,
    bad: 0,
    timed: false,
    rules: [rule('warning', 0.9, 100, 5, { op: '<' })],
    series: (count, part, of) => [
      counter('soak_streams_finished_total', count, { ...of, result: 'success', outcome: 'complete' }),
      counter('soak_streams_within_objective_total', part, { ...of }),
    ],
  },
  SoakStalledStreams: {
    ...SHARE,
    of: 'gauges',
    timed: false,
    rules: [rule('warning', 0.01, 20, 5)],
    series: (count, part, of) => [
      open(count, of),
      { name: 'soak_streams_stalled', labels: { ...of }, values: gaugeText(part) },
    ],
  },
  SoakConcurrencyHigh: {
    tickS: TICK_S,
    of: 'level',
    volume: 1,
    good: 100,
    bad: 5000,
    // Less than one stream.
    past: 0.0002,
    timed: false,
    rules: [
      rule('info', 1500, 0, 5),
      rule('warning', 1800, 0, 10),
      rule('critical', 2500, 0, 1, { op: '>=', window: MINUTE, most: true }),
    ],
    series: (_, part, of) => [open(part, of)],
  },
};
