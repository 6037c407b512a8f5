import type { AlertCases } from '../case.ts';
import { A, B, instanceSeries, onTarget, runActive, ttfb } from '../series.ts';

const RUN = runActive('1x60');
const WARNING = onTarget('warning');
const CRITICAL = onTarget('critical');
const onB = { instance: B };
const saturated = (values: string, instance = A) =>
  instanceSeries('soak_generator_saturated', values, { instance });

export const ttfbHigh: AlertCases = {
  alert: 'SoakTTFBHigh',
  rules: ['soak-latency'],
  states: {
    healthy: {
      series: [RUN, saturated('0x30'), ...ttfb({ count: '0+100x30', within: '0+96x30' })],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      series: [
        RUN,
        // It hangs: every stream is observed when it times out. 20 after 1m, 100 after 4m.
        ...ttfb({ count: '0+30x30', within: '0x30' }),
        // It refuses: nothing is observed.
        ...ttfb({ count: '0x30', within: '0x30' }, { target: 'refuses' }),
      ],
      at: {
        '5m': [],
        '6m': [CRITICAL],
        '8m': [CRITICAL],
        '9m': [CRITICAL, WARNING],
        '30m': [CRITICAL, WARNING],
      },
    },
    'low traffic': {
      series: [
        RUN,
        // 15 in 5m, all late.
        ...ttfb({ count: '0+3x30', within: '0x30' }),
        // 95 in 5m, 10 of them late.
        ...ttfb({ count: '0+19x30', within: '0+17x30' }, { target: 'other' }),
      ],
      silentUntil: '30m',
    },
    'no traffic': {
      series: [RUN, ...ttfb({ count: '900x30', within: '100x30' })],
      silentUntil: '30m',
    },
    'no run': {
      series: [runActive('0x30'), ...ttfb({ count: '0+100x30', within: '0x30' })],
      silentUntil: '30m',
    },
    'run just started': {
      // A simultaneous start: all wait long at first, and it is good a minute later.
      series: [
        runActive('0x5 1x30'),
        ...ttfb({ count: '0x6 200+200x29', within: '0x7 200+200x28' }),
        ...ttfb({ count: '0x6 200+200x29', within: '0x35' }, { target: 'bad' }),
      ],
      at: {
        '11m': [],
        '12m': [onTarget('critical', 'bad'), onTarget('warning', 'bad')],
        '35m': [onTarget('critical', 'bad'), onTarget('warning', 'bad')],
      },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...ttfb({ count: '0+100x14 0+100x15', within: '0+90x14 0+90x15' }),
        ...ttfb({ count: '0+100x14 0+100x15', within: '0+100x14 0+100x15' }, { target: 'good' }),
      ],
      at: { '14m': [WARNING], '15m': [WARNING], '16m': [WARNING], '25m': [WARNING] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...ttfb({ count: '0+100x30', within: '0+90x30' }),
        ...ttfb({ count: '0+100x30', within: '0+100x30' }, { target: 'good' }),
      ],
      at: { '30m': [WARNING] },
    },
    'several instances': {
      // 60 in 5m each, 120 together.
      series: [
        RUN,
        runActive('1x30', onB),
        ...ttfb({ count: '0+12x30', within: '0+10x30' }),
        ...ttfb({ count: '0+12x30', within: '0+10x30' }, onB),
      ],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires and ends': {
      // All are late from 10m to 20m: 20 % of the last 5m at 11m, 60 % at 13m, 40 % at 23m.
      series: [RUN, ...ttfb({ count: '0+100x50', within: '0+100x10 1000x9 1100+100x30' })],
      at: {
        '15m': [],
        '16m': [WARNING],
        '17m': [WARNING],
        '18m': [WARNING, CRITICAL],
        '21m': [WARNING, CRITICAL],
        '23m': [WARNING],
        '26m': [],
      },
    },
    'exactly at one in twenty it does not fire': {
      series: [RUN, ...ttfb({ count: '0+100x30', within: '0+95x30' })],
      silentUntil: '30m',
    },
    'a little above it warns': {
      series: [RUN, ...ttfb({ count: '0+10000x30', within: '0+9499x30' })],
      at: { '5m': [], '6m': [WARNING], '30m': [WARNING] },
      says: {
        '30m': [
          [
            WARNING,
            'chat: 5.01% of the streams waited more than 2.5 s for the first byte in 5m; the limit is 5 %',
          ],
        ],
      },
    },
    'exactly at one in two it is not critical': {
      series: [RUN, ...ttfb({ count: '0+100x30', within: '0+50x30' })],
      at: { '30m': [WARNING] },
    },
    'a little above it is': {
      series: [RUN, ...ttfb({ count: '0+10000x30', within: '0+4999x30' })],
      at: { '5m': [], '6m': [WARNING, CRITICAL] },
      says: {
        '30m': [
          [
            WARNING,
            'chat: 50.01% of the streams waited more than 2.5 s for the first byte in 5m; the limit is 5 %',
          ],
          [
            CRITICAL,
            'chat: 50.01% of the streams waited more than 2.5 s for the first byte in 5m; that is more than half',
          ],
        ],
      },
    },
    'with 100 and 20 observations in 5m it fires, with 99 and 19 it does not': {
      series: [
        RUN,
        ...ttfb({ count: '0+20x30', within: '0+18x30' }),
        ...ttfb({ count: '0+19.9x30', within: '0+18x30' }, { target: 'less' }),
        ...ttfb({ count: '0+4x30', within: '0x30' }, { target: 'few' }),
        ...ttfb({ count: '0+3.9x30', within: '0x30' }, { target: 'fewer' }),
      ],
      at: { '30m': [WARNING, onTarget('critical', 'few')] },
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), ...ttfb({ count: '0+100x35', within: '0x35' })],
      at: { '15m': [WARNING, CRITICAL], '18m': [] },
    },
    'while the generator is saturated its timings say nothing': {
      series: [RUN, saturated('0x14 1x5 0x20'), ...ttfb({ count: '0+100x40', within: '0+90x40' })],
      // It was saturated from 15m to 20m; figures that rest on that time are left out, and 5m more pass after.
      at: { '14m': [WARNING], '16m': [], '24m': [], '29m': [], '32m': [WARNING] },
    },
    'a saturated instance does not hide another': {
      series: [
        RUN,
        runActive('1x30', onB),
        saturated('0x30'),
        saturated('1x30', B),
        ...ttfb({ count: '0+100x30', within: '0+90x30' }),
        ...ttfb({ count: '0+1000x30', within: '0+1000x30' }, onB),
        // Late on the saturated instance alone.
        ...ttfb({ count: '0+100x30', within: '0+100x30' }, { target: 'fine' }),
        ...ttfb({ count: '0+100x30', within: '0x30' }, { target: 'fine', ...onB }),
      ],
      at: { '30m': [WARNING] },
    },
    'an instance that does not tell of its health counts': {
      series: [
        RUN,
        runActive('1x30', onB),
        saturated('0x30'),
        ...ttfb({ count: '0+1x30', within: '0+1x30' }),
        ...ttfb({ count: '0+100x30', within: '0+90x30' }, onB),
      ],
      at: { '30m': [WARNING] },
    },
    'an instance without this edge makes no false alarm': {
      series: [
        RUN,
        runActive('1x30', onB),
        ...ttfb({ count: '0+100x30', within: '0+100x30' }),
        ...ttfb({ count: '0+100x30' }, onB),
      ],
      silentUntil: '30m',
    },
  },
};

export const ttfbMeanHigh: AlertCases = {
  alert: 'SoakTTFBMeanHigh',
  rules: ['soak-latency'],
  states: {
    healthy: {
      series: [RUN, ...ttfb({ count: '0+100x30', sum: '0+240x30' })],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      series: [
        RUN,
        // It hangs: each waits 30 s.
        ...ttfb({ count: '0+30x30', sum: '0+900x30' }),
        ...ttfb({ count: '0x30', sum: '0x30' }, { target: 'refuses' }),
      ],
      at: { '10m': [], '11m': [WARNING], '30m': [WARNING] },
    },
    'low traffic': {
      series: [RUN, ...ttfb({ count: '0+3x30', sum: '0+90x30' })],
      silentUntil: '30m',
    },
    'no traffic': {
      series: [RUN, ...ttfb({ count: '900x30', sum: '9000x30' })],
      silentUntil: '30m',
    },
    'no run': {
      series: [runActive('0x30'), ...ttfb({ count: '0+100x30', sum: '0+300x30' })],
      silentUntil: '30m',
    },
    'run just started': {
      series: [runActive('0x5 1x30'), ...ttfb({ count: '0x6 100+100x29', sum: '0x6 300+300x29' })],
      at: { '16m': [], '17m': [WARNING] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...ttfb({ count: '0+100x14 0+100x15', sum: '0+300x14 0+300x15' }),
        ...ttfb({ count: '0+100x14 0+100x15', sum: '0+200x14 0+200x15' }, { target: 'good' }),
      ],
      at: { '14m': [WARNING], '15m': [WARNING], '16m': [WARNING], '25m': [WARNING] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...ttfb({ count: '0+100x30', sum: '0+300x30' }),
        ...ttfb({ count: '0+100x30', sum: '0+100x30' }, { target: 'good' }),
      ],
      at: { '30m': [WARNING] },
      says: {
        '30m': [
          [WARNING, 'chat: streams waited 3s for the first byte on average over 5m; the limit is 2.5 s'],
        ],
      },
    },
    'several instances': {
      // 12 in 5m each, 24 together.
      series: [
        RUN,
        runActive('1x30', onB),
        ...ttfb({ count: '0+2.4x30', sum: '0+7.2x30' }),
        ...ttfb({ count: '0+2.4x30', sum: '0+7.2x30' }, onB),
      ],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires and ends': {
      // Each waits 5 s from 10m to 25m.
      series: [RUN, ...ttfb({ count: '0+100x50', sum: '0+100x10 1500+500x14 8600+100x25' })],
      // 1300 s of 500 streams at 12m are 2.6 s; 1700 s at 27m are 3.4 s, 900 s at 29m are 1.8 s.
      at: { '21m': [], '22m': [WARNING], '27m': [WARNING], '29m': [] },
    },
    'exactly at 2.5 s it does not fire': {
      series: [RUN, ...ttfb({ count: '0+100x30', sum: '0+250x30' })],
      silentUntil: '30m',
    },
    'a little above it does': {
      series: [RUN, ...ttfb({ count: '0+1000x30', sum: '0+2501x30' })],
      at: { '10m': [], '11m': [WARNING] },
    },
    'with 20 observations in 5m it fires, with 19 it does not': {
      series: [
        RUN,
        ...ttfb({ count: '0+4x30', sum: '0+12x30' }),
        ...ttfb({ count: '0+3.9x30', sum: '0+12x30' }, { target: 'less' }),
      ],
      at: { '30m': [WARNING] },
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), ...ttfb({ count: '0+100x35', sum: '0+300x35' })],
      at: { '15m': [WARNING], '18m': [] },
    },
    'while the generator is saturated its timings say nothing': {
      series: [RUN, saturated('1x30'), ...ttfb({ count: '0+100x30', sum: '0+300x30' })],
      silentUntil: '30m',
    },
    'a saturated instance neither raises nor lowers the mean': {
      series: [
        RUN,
        runActive('1x30', onB),
        saturated('0x30'),
        saturated('1x30', B),
        ...ttfb({ count: '0+100x30', sum: '0+300x30' }),
        ...ttfb({ count: '0+1000x30', sum: '0+10x30' }, onB),
        ...ttfb({ count: '0+100x30', sum: '0+200x30' }, { target: 'fine' }),
        ...ttfb({ count: '0+100x30', sum: '0+3000x30' }, { target: 'fine', ...onB }),
      ],
      at: { '30m': [WARNING] },
    },
  },
};
