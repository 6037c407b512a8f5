import type { AlertCases, Series } from '../case.ts';
import { B, finished, onTarget, runActive, targetSeries } from '../series.ts';

const RUN = runActive('1x60');
const WARNING = onTarget('warning');
const onB = { instance: B };

const long = (all: string, buffered: string, of = {}): Series[] => [
  targetSeries('soak_streams_bufferable_total', all, of),
  targetSeries('soak_streams_buffered_total', buffered, of),
];

export const responsesBuffered: AlertCases = {
  alert: 'SoakResponsesBuffered',
  rules: ['soak-streams'],
  states: {
    healthy: { series: [RUN, ...long('0+100x30', '0x30')], silentUntil: '30m' },
    'total outage, no success ever exported': {
      // Nothing succeeds: nothing can show it.
      series: [RUN, ...long('0x30', '0x30'), ...finished({ failed: '0+50x30' })],
      silentUntil: '30m',
    },
    // 45 in 5m, all of them.
    'low traffic': { series: [RUN, ...long('0+9x30', '0+9x30')], silentUntil: '30m' },
    'no traffic': { series: [RUN, ...long('900x30', '900x30')], silentUntil: '30m' },
    'no run': { series: [runActive('0x30'), ...long('0+100x30', '0+100x30')], silentUntil: '30m' },
    'run just started': {
      series: [runActive('0x5 1x30'), ...long('0x6 100+100x29', '0x6 100+100x29')],
      at: { '11m': [], '12m': [WARNING], '35m': [WARNING] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...long('0+100x14 0+100x15', '0+100x14 0+100x15'),
        ...long('0+100x14 0+100x15', '0x30', { target: 'good' }),
      ],
      at: { '14m': [WARNING], '15m': [WARNING], '16m': [WARNING], '25m': [WARNING] },
    },
    'one of several targets bad': {
      series: [RUN, ...long('0+100x30', '0+2x30'), ...long('0+100x30', '0x30', { target: 'good' })],
      at: { '30m': [WARNING] },
    },
    'several instances': {
      // 30 in 5m each, 60 together.
      series: [RUN, runActive('1x30', onB), ...long('0+6x30', '0+1x30'), ...long('0+6x30', '0+1x30', onB)],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires and ends': {
      series: [RUN, ...long('0+100x50', '0x10 100+100x9 1000x30')],
      at: { '10m': [], '16m': [WARNING], '20m': [WARNING], '26m': [] },
    },
    'exactly at the limit it does not fire': {
      series: [RUN, ...long('0+100x30', '0+1x30')],
      silentUntil: '30m',
    },
    'a little above it warns': {
      series: [RUN, ...long('0+10000x30', '0+101x30')],
      at: { '5m': [], '6m': [WARNING], '30m': [WARNING] },
      says: {
        '30m': [
          [
            WARNING,
            'chat: 1.01% of the long responses arrived all at once at their end in 5m: something on the way buffers them; the limit is 1 %',
          ],
        ],
      },
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), ...long('0+100x35', '0+100x35')],
      at: { '15m': [WARNING], '17m': [], '18m': [] },
    },
    'with 50 in 5m it fires, with 49 it does not': {
      series: [RUN, ...long('0+10x30', '0+10x30'), ...long('0+9.8x30', '0+9.8x30', { target: 'less' })],
      at: { '30m': [WARNING] },
    },
  },
};

/** Finished streams, of which so many were within the objective. */
const good = (all: string, within: string, of = {}): Series[] => [
  ...finished({ success: all }, of),
  targetSeries('soak_streams_within_objective_total', within, of),
];

export const goodputLow: AlertCases = {
  alert: 'SoakGoodputLow',
  rules: ['soak-success', 'soak-streams'],
  limits: true,
  states: {
    healthy: { series: [RUN, ...good('0+100x30', '0+100x30')], silentUntil: '30m' },
    'total outage, no success ever exported': {
      series: [
        RUN,
        ...finished({ failed: '0+50x30' }),
        targetSeries('soak_streams_within_objective_total', '0x30'),
      ],
      at: { '6m': [], '9m': [WARNING], '30m': [WARNING] },
    },
    // 95 in 5m, none good.
    'low traffic': { series: [RUN, ...good('0+19x30', '0x30')], silentUntil: '30m' },
    'no traffic': { series: [RUN, ...good('900x30', '0x30')], silentUntil: '30m' },
    'no run': { series: [runActive('0x30'), ...good('0+100x30', '0x30')], silentUntil: '30m' },
    'run just started': {
      series: [runActive('0x5 1x30'), ...good('0x6 100+100x29', '0x40')],
      at: { '11m': [], '13m': [WARNING], '35m': [WARNING] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...good('0+100x14 0+100x15', '0+80x14 0+80x15'),
        ...good('0+100x14 0+100x15', '0+100x14 0+100x15', { target: 'good' }),
      ],
      at: { '14m': [WARNING], '15m': [WARNING], '16m': [WARNING], '25m': [WARNING] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...good('0+100x30', '0+80x30'),
        ...good('0+100x30', '0+100x30', { target: 'good' }),
        // Without an objective there is no goodput.
        ...finished({ failed: '0+100x30' }, { target: 'none' }),
      ],
      at: { '30m': [WARNING] },
    },
    'several instances': {
      // 60 in 5m each, 120 together.
      series: [RUN, runActive('1x30', onB), ...good('0+12x30', '0+9x30'), ...good('0+12x30', '0+10x30', onB)],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires and ends': {
      series: [RUN, ...good('0+100x50', '0+100x10 1000x9 1100+100x30')],
      at: { '10m': [], '16m': [WARNING], '20m': [WARNING], '26m': [] },
    },
    'exactly at the limit it does not fire': {
      series: [RUN, ...good('0+100x30', '0+90x30')],
      silentUntil: '30m',
    },
    'with 100 in 5m it fires, with 99.5 it does not': {
      series: [RUN, ...good('0+20x30', '0x30'), ...good('0+19.9x30', '0x30', { target: 'less' })],
      at: { '30m': [WARNING] },
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), ...good('0+100x35', '0x35')],
      at: { '15m': [WARNING], '17m': [], '18m': [] },
    },
    'a little below it warns': {
      series: [RUN, ...good('0+10000x30', '0+8999x30')],
      at: { '5m': [], '6m': [WARNING], '30m': [WARNING] },
      says: {
        '30m': [[WARNING, 'chat: 89.99% of the streams met the objective in 5m; the limit is at least 90 %']],
      },
    },
  },
};
