import type { AlertCases, Firing } from '../case.ts';
import { B, finished, onTarget, runActive } from '../series.ts';

const RUN = runActive('1x500');
const on = (severity: string, window: string, target = 'chat'): Firing =>
  onTarget(severity, target, { window });
const HOUR = on('critical', '1h');
const HOURS = on('critical', '6h');
const DAY = on('warning', '1d');
const DAYS = on('warning', '3d');

const summary = (times: number, share: string, window: string): string =>
  `chat uses up its error budget at more than ${times} × the sustainable rate: ${share} of the streams failed in ${window}`;

export const errorBudgetBurn: AlertCases = {
  alert: 'SoakErrorBudgetBurn',
  rules: ['soak-success', 'soak-objectives'],
  every: '5m',
  states: {
    healthy: {
      series: [RUN, ...finished({ success: '0+996x300', failed: '0+4x300' })],
      silentUntil: '300m',
    },
    'total outage, no success ever exported': {
      // 150 in 5m: at 5m there are enough for the windows 1h and 6h, at 10m for 1d, at 20m for 3d.
      series: [RUN, ...finished({ failed: '0+30x300' })],
      at: {
        '5m': [],
        '10m': [HOUR],
        '15m': [HOUR],
        '20m': [HOUR, HOURS],
        '65m': [HOUR, HOURS],
        '70m': [HOUR, HOURS, DAY],
        '195m': [HOUR, HOURS, DAY],
        '200m': [HOUR, HOURS, DAY, DAYS],
      },
    },
    'low traffic': {
      // 15 an hour, 90 in 6h, 120 at the end.
      series: [RUN, ...finished({ failed: '0+0.25x500' })],
      silentUntil: '395m',
    },
    'no traffic': {
      series: [RUN, ...finished({ success: '9000x240', failed: '9000x240' })],
      silentUntil: '240m',
    },
    'no run': {
      series: [runActive('0x240'), ...finished({ success: '0+30x240', failed: '0+30x240' })],
      silentUntil: '240m',
    },
    'run just started': {
      series: [runActive('0x59 1x100'), ...finished({ success: '0x160', failed: '0x60 30+30x100' })],
      at: { '60m': [], '65m': [], '70m': [HOUR] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...finished({ success: '0+90x119 0+90x120', failed: '0+10x119 0+10x120' }),
        ...finished({ success: '0+100x119 0+100x120', failed: '0x240' }, { target: 'good' }),
      ],
      at: {
        '115m': [HOUR, HOURS, DAY],
        '120m': [HOUR, HOURS, DAY],
        '125m': [HOUR, HOURS, DAY],
        '180m': [HOUR, HOURS, DAY],
      },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...finished({ success: '0+90x300', failed: '0+10x300', cancelled: '0+90000x300' }),
        ...finished({ success: '0+1000x300', failed: '0+2x300' }, { target: 'good' }),
      ],
      at: { '240m': [HOUR, HOURS, DAY, DAYS] },
      says: {
        '240m': [
          [HOUR, summary(14.4, '10%', '1h')],
          [HOURS, summary(6, '10%', '6h')],
          [DAY, summary(3, '10%', '1d')],
          [DAYS, summary(1, '10%', '3d')],
        ],
      },
    },
    'several instances': {
      // 30 an hour each; 60 together are enough for 1h, and 180 in three hours for 6h.
      series: [
        RUN,
        runActive('1x300', { instance: B }),
        ...finished({ success: '0+0.45x300', failed: '0+0.05x300' }),
        ...finished({ success: '0+0.45x300', failed: '0+0.05x300' }, { instance: B }),
      ],
      at: { '180m': [HOUR, HOURS] },
    },
  },
  more: {
    'ten minutes of failures: each pair of windows fires and ends in its time': {
      // All fail from 60m to 70m.
      series: [RUN, ...finished({ success: '0+30x60 1800x9 1830+30x400', failed: '0x60 30+30x9 300x400' })],
      at: {
        '65m': [],
        '70m': [HOUR],
        '75m': [],
        '80m': [HOURS],
        '95m': [HOURS],
        '105m': [],
        '120m': [],
        '125m': [DAY],
        '185m': [DAY],
        '200m': [],
        '240m': [],
        '245m': [DAYS],
        '425m': [DAYS],
        '445m': [],
      },
    },
    'it ends with the run': {
      series: [runActive('1x100 0x60'), ...finished({ success: '0x160', failed: '0+30x160' })],
      at: { '100m': [HOUR, HOURS, DAY], '110m': [] },
    },
    'failures that are over for 5m do not count for 1h, for 30m not for 6h': {
      series: [RUN, ...finished({ success: '0+30x40 1200x20 1230+30x40', failed: '0x40 30+30x20 630x40' })],
      at: { '55m': [HOUR], '60m': [HOUR, HOURS], '70m': [HOURS], '95m': [] },
    },
  },
};
