import type { AlertCases } from '../case.ts';
import { A, B, instanceSeries, onTarget, runActive, timing } from '../series.ts';

const RUN = runActive('1x60');
const onB = { instance: B };

interface Spec {
  readonly alert: string;
  /** The threshold, as a user sets it in `LIMITS`. */
  readonly id: string;
  readonly metric: string;
  /** Its limit, s: an edge. */
  readonly le: string;
  /** Of a hundred observations so many may be longer. */
  readonly allowed: number;
  readonly noun: string;
}

/** Limits that have no default: the rules of these alerts are made from them. */
export const LIMITS = { 'ttft-p95': 3000, 'gap-p99': 500, 'effective-p95': 60_000, goodput: 0.9 } as const;

/** An alert on a percentile of a timing that is off until a limit is set. */
function alertOn({ alert, id, metric, le, allowed, noun }: Spec): AlertCases {
  const WARNING = onTarget('warning', 'chat', { threshold: id });
  const warning = (target: string) => onTarget('warning', target, { threshold: id });
  const series = (values: { count: string; within?: string }, of = {}) => timing(metric, le, values, of);
  const good = 1000 - 5 * allowed;
  const bad = 100 - 2 * allowed;
  return {
    alert,
    rules: ['soak-latency'],
    limits: true,
    states: {
      healthy: {
        series: [RUN, ...series({ count: '0+1000x30', within: `0+${good}x30` })],
        silentUntil: '30m',
      },
      'total outage, no success ever exported': {
        series: [
          RUN,
          // Every answer is late: 100 observations after 4m.
          ...series({ count: '0+30x30', within: '0x30' }),
          // Nothing is observed of a target that refuses: SoakSuccessRateLow fires.
          ...series({ count: '0x30', within: '0x30' }, { target: 'refuses' }),
        ],
        at: { '8m': [], '9m': [WARNING], '30m': [WARNING] },
      },
      'low traffic': {
        // 95 in 5m.
        series: [RUN, ...series({ count: '0+19x30', within: '0+17x30' }, { target: 'other' })],
        silentUntil: '30m',
      },
      'no traffic': {
        series: [RUN, ...series({ count: '900x30', within: '100x30' })],
        silentUntil: '30m',
      },
      'no run': {
        series: [runActive('0x30'), ...series({ count: '0+100x30', within: '0x30' })],
        silentUntil: '30m',
      },
      'run just started': {
        series: [
          runActive('0x5 1x30'),
          ...series({ count: '0x6 200+200x29', within: '0x7 200+200x28' }),
          ...series({ count: '0x6 200+200x29', within: '0x35' }, { target: 'bad' }),
        ],
        at: { '11m': [], '12m': [warning('bad')], '35m': [warning('bad')] },
      },
      'service restarted mid-window': {
        series: [
          RUN,
          ...series({ count: '0+100x14 0+100x15', within: `0+${bad}x14 0+${bad}x15` }),
          ...series({ count: '0+100x14 0+100x15', within: '0+100x14 0+100x15' }, { target: 'good' }),
        ],
        at: { '14m': [WARNING], '15m': [WARNING], '16m': [WARNING], '25m': [WARNING] },
      },
      'one of several targets bad': {
        series: [
          RUN,
          ...series({ count: '0+100x30', within: `0+${bad}x30` }),
          ...series({ count: '0+100x30', within: '0+100x30' }, { target: 'good' }),
        ],
        at: { '30m': [WARNING] },
      },
      'several instances': {
        // 60 in 5m each, 120 together.
        series: [
          RUN,
          runActive('1x30', onB),
          ...series({ count: '0+12x30', within: '0+10x30' }),
          ...series({ count: '0+12x30', within: '0+10x30' }, onB),
        ],
        at: { '30m': [WARNING] },
      },
    },
    more: {
      'fires and ends': {
        series: [RUN, ...series({ count: '0+100x50', within: '0+100x10 1000x9 1100+100x30' })],
        at: { '15m': [], '16m': [WARNING], '21m': [WARNING], '26m': [] },
      },
      'exactly at the limit it does not fire': {
        series: [RUN, ...series({ count: '0+100x30', within: `0+${100 - allowed}x30` })],
        silentUntil: '30m',
      },
      'a little above it warns': {
        series: [RUN, ...series({ count: '0+10000x30', within: `0+${10_000 - 100 * allowed - 1}x30` })],
        at: { '5m': [], '6m': [WARNING], '30m': [WARNING] },
        says: {
          '30m': [
            [
              WARNING,
              `chat: ${noun} is above ${Number(le) < 1 ? `${Number(le) * 1000} ms` : `${le} s`}: ${allowed}.01% of the observations of 5m were longer; the limit is ${allowed} %`,
            ],
          ],
        },
      },
      'with 100 observations in 5m it fires, with 99.5 it does not': {
        series: [
          RUN,
          ...series({ count: '0+20x30', within: '0+18x30' }),
          ...series({ count: '0+19.9x30', within: '0+18x30' }, { target: 'less' }),
        ],
        at: { '30m': [WARNING] },
      },
      'it ends with the run': {
        series: [runActive('1x15 0x20'), ...series({ count: '0+100x35', within: '0x35' })],
        at: { '15m': [WARNING], '17m': [], '18m': [] },
      },
      'while the generator is saturated its timings say nothing': {
        series: [
          RUN,
          instanceSeries('soak_generator_saturated', '0x14 1x5 0x20', { instance: A }),
          ...series({ count: '0+100x40', within: `0+${bad}x40` }),
        ],
        at: { '14m': [WARNING], '16m': [], '29m': [], '32m': [WARNING] },
      },
    },
  };
}

export const ttftHigh = alertOn({
  alert: 'SoakTTFTHigh',
  id: 'ttft-p95',
  metric: 'soak_stream_ttft_seconds',
  le: '3',
  allowed: 5,
  noun: 'TTFT p95',
});

export const chunkGapHigh = alertOn({
  alert: 'SoakChunkGapHigh',
  id: 'gap-p99',
  metric: 'soak_stream_chunk_gap_seconds',
  le: '0.5',
  allowed: 1,
  noun: 'chunk gap p99',
});

export const streamSlow = alertOn({
  alert: 'SoakStreamSlow',
  id: 'effective-p95',
  metric: 'soak_stream_effective_duration_seconds',
  le: '60',
  allowed: 5,
  noun: 'effective duration p95',
});
