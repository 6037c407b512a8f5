import type { AlertCases, Series } from '../case.ts';
import { active, B, onTarget, runActive, targetSeries } from '../series.ts';

const RUN = runActive('1x60');
const INFO = onTarget('info');
const WARNING = onTarget('warning');
const CRITICAL = onTarget('critical');
const onB = { instance: B };

/** Open streams, and how many of them are stalled. */
const open = (all: string, stalled: string, of = {}, phase = 'streaming'): Series[] => [
  active(all, of, phase),
  targetSeries('soak_streams_stalled', stalled, of),
];

export const stalledStreams: AlertCases = {
  alert: 'SoakStalledStreams',
  rules: ['soak-streams'],
  states: {
    healthy: {
      series: [RUN, ...open('1000x30', '5x30')],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      series: [
        RUN,
        // It accepts and never answers.
        ...open('1000x30', '1000x30', {}, 'waiting'),
        // It refuses: nothing stays open.
        ...open('0x30', '0x30', { target: 'refuses' }),
      ],
      at: { '4m': [], '5m': [WARNING], '30m': [WARNING] },
    },
    'low traffic': {
      series: [RUN, ...open('19x30', '19x30')],
      silentUntil: '30m',
    },
    'no traffic': {
      series: [RUN, ...open('0x30', '0x30')],
      silentUntil: '30m',
    },
    'no run': {
      // A run that drains: what hangs is what is left.
      series: [runActive('0x30'), ...open('100x30', '100x30')],
      silentUntil: '30m',
    },
    'run just started': {
      series: [runActive('0x5 1x30'), ...open('0x5 1000x30', '0x5 500x3 5x27')],
      silentUntil: '10m',
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...open('1000x14 0x1 1000x20', '100x14 0x1 100x20'),
        ...open('1000x14 0x1 1000x20', '0x36', { target: 'good' }),
      ],
      at: { '14m': [WARNING], '16m': [WARNING], '20m': [WARNING] },
    },
    'one of several targets bad': {
      series: [RUN, ...open('1000x30', '20x30'), ...open('9000x30', '0x30', { target: 'good' })],
      at: { '30m': [WARNING] },
      says: {
        '30m': [
          [
            WARNING,
            'chat: 2% of the open streams were without a byte for longer than the stall limit in 5m; the limit is 1 %',
          ],
        ],
      },
    },
    'several instances': {
      series: [
        RUN,
        runActive('1x30', onB),
        // 15 open on each; and of another target one in 90.
        ...open('15x30', '0x30'),
        ...open('15x30', '1x30', onB),
        ...open('60x30', '1x30', { target: 'other' }),
        ...open('60x30', '0x30', { target: 'other', ...onB }),
      ],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires and ends': {
      series: [RUN, ...open('1000x40', '0x10 100x10 0x20')],
      // In the mean of 5m: 1.7 % or 2 % at 11m; above 1 % up to 25m at most.
      at: { '15m': [], '16m': [WARNING], '24m': [WARNING], '27m': [] },
    },
    'all phases are open streams': {
      series: [
        RUN,
        ...open('50x30', '1x30'),
        active('100x30', {}, 'waiting'),
        active('10x30', {}, 'connecting'),
      ],
      silentUntil: '30m',
    },
    'exactly at 1 % it does not fire, a little above it does': {
      series: [RUN, ...open('1000x30', '10x30'), ...open('10000x30', '101x30', { target: 'more' })],
      at: { '30m': [onTarget('warning', 'more')] },
    },
    'with 20 open streams it fires, with 19 it does not': {
      series: [RUN, ...open('20x30', '1x30'), ...open('19.9x30', '1x30', { target: 'less' })],
      at: { '30m': [WARNING] },
    },
    'one stream of twenty that hangs until its timeout is not enough': {
      series: [RUN, ...open('20x30', '0x10 1x0 0x20')],
      silentUntil: '30m',
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), ...open('100x35', '100x35')],
      at: { '15m': [WARNING], '18m': [] },
    },
  },
};

export const concurrencyHigh: AlertCases = {
  alert: 'SoakConcurrencyHigh',
  rules: ['soak-streams'],
  states: {
    healthy: {
      series: [RUN, active('1400x30'), active('99x30', {}, 'waiting')],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      series: [
        RUN,
        // It accepts and never answers: all are open, and wait.
        active('2500x30', {}, 'waiting'),
        active('0x30', { target: 'refuses' }, 'connecting'),
      ],
      at: { '30m': [INFO, WARNING, CRITICAL] },
    },
    'low traffic': {
      series: [RUN, active('3x30')],
      silentUntil: '30m',
    },
    'no traffic': {
      series: [RUN, active('0x30')],
      silentUntil: '30m',
    },
    'no run': {
      series: [runActive('0x30'), active('3000x30')],
      silentUntil: '30m',
    },
    'run just started': {
      // 2000 at once, which is more than is good for long; and 3000, which is too many at once.
      series: [runActive('0x5 1x30'), active('0x5 2000x30'), active('0x5 3000x30', { target: 'more' })],
      at: {
        '6m': [],
        '7m': [onTarget('critical', 'more')],
        '10m': [onTarget('critical', 'more')],
      },
    },
    'service restarted mid-window': {
      series: [RUN, active('2000x19 0x0 2000x20'), active('1000x40', { target: 'good' })],
      // The mean of 5m that holds the gap is below 1800, but not below 1500.
      at: { '19m': [INFO, WARNING], '22m': [INFO], '25m': [INFO], '38m': [INFO, WARNING] },
    },
    'one of several targets bad': {
      // Of each target by itself, not of all together.
      series: [RUN, active('1700x30'), active('1400x30', { target: 'good' })],
      at: { '30m': [INFO] },
    },
    'several instances': {
      series: [RUN, runActive('1x30', onB), active('1250x30'), active('1250x30', onB)],
      at: { '30m': [INFO, WARNING, CRITICAL] },
      says: {
        '30m': [
          [INFO, 'chat holds 2.5k open streams; the limit is 1500'],
          [WARNING, 'chat holds 2.5k open streams; the limit is 1800'],
          [CRITICAL, 'chat holds 2.5k open streams; the limit is 2500'],
        ],
      },
    },
  },
  more: {
    'fires and ends': {
      series: [RUN, active('100x9 2600x20 100x20')],
      at: {
        '10m': [],
        '11m': [CRITICAL],
        // Above 1500 in the mean of 5m from 13m or 14m on, above 1800 from 14m or 15m on.
        '16m': [CRITICAL],
        '19m': [CRITICAL, INFO],
        '22m': [CRITICAL, INFO],
        '25m': [CRITICAL, INFO, WARNING],
        '32m': [INFO],
        '35m': [],
      },
    },
    'exactly at 1500, 1800 and just below 2500 it does not fire': {
      series: [
        RUN,
        active('1500x30'),
        active('1800x30', { target: 'scale' }),
        active('2499x30', { target: 'hard' }),
      ],
      at: { '30m': [onTarget('info', 'scale'), onTarget('info', 'hard'), onTarget('warning', 'hard')] },
    },
    'one more, and at 2500, it does, each in its time': {
      series: [
        RUN,
        active('1501x30'),
        active('1801x30', { target: 'scale' }),
        active('2500x30', { target: 'hard' }),
      ],
      at: {
        '0m': [],
        '1m': [onTarget('critical', 'hard')],
        '4m': [onTarget('critical', 'hard')],
        '5m': [onTarget('critical', 'hard'), INFO, onTarget('info', 'scale'), onTarget('info', 'hard')],
        '9m': [onTarget('critical', 'hard'), INFO, onTarget('info', 'scale'), onTarget('info', 'hard')],
        '10m': [
          onTarget('critical', 'hard'),
          INFO,
          onTarget('info', 'scale'),
          onTarget('info', 'hard'),
          onTarget('warning', 'scale'),
          onTarget('warning', 'hard'),
        ],
      },
    },
    'short spikes are not sustained': {
      series: [RUN, active('100 2400 '.repeat(12).trim())],
      silentUntil: '20m',
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), active('2600x35')],
      at: { '15m': [CRITICAL, WARNING, INFO], '18m': [] },
    },
  },
};
