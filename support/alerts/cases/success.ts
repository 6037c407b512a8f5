import type { AlertCases } from '../case.ts';
import { B, finished, onTarget, runActive } from '../series.ts';

const RUN = runActive('1x120');
const WARNING = onTarget('warning');
const CRITICAL = onTarget('critical');

export const successRateLow: AlertCases = {
  alert: 'SoakSuccessRateLow',
  rules: ['soak-success'],
  states: {
    healthy: {
      series: [RUN, ...finished({ success: '0+1000x60', failed: '0+5x60', cancelled: '0+500x60' })],
      silentUntil: '60m',
    },
    'total outage, no success ever exported': {
      // 30 a minute: 20 have finished after 1m, 100 after 4m.
      series: [RUN, ...finished({ failed: '0+30x60' })],
      at: {
        '2m': [],
        '3m': [CRITICAL],
        '8m': [CRITICAL],
        '9m': [CRITICAL, WARNING],
        '60m': [CRITICAL, WARNING],
      },
    },
    'low traffic': {
      series: [
        RUN,
        // 15 in 5m, all of them failed.
        ...finished({ failed: '0+3x60' }),
        // 95 in 5m, of which 2.5 failed.
        ...finished({ success: '0+18.5x60', failed: '0+0.5x60' }, { target: 'other' }),
      ],
      silentUntil: '60m',
    },
    'no traffic': {
      series: [RUN, ...finished({ success: '500x60', failed: '500x60' })],
      silentUntil: '60m',
    },
    'no run': {
      series: [runActive('0x60'), ...finished({ success: '0+30x60', failed: '0+30x60' })],
      silentUntil: '60m',
    },
    'run just started': {
      // The run starts at 6m, its failures come from 7m on.
      series: [runActive('0x5 1x20'), ...finished({ success: '0x25', failed: '0x6 30+30x20' })],
      at: { '8m': [], '9m': [CRITICAL], '13m': [CRITICAL], '15m': [CRITICAL, WARNING] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...finished({ success: '0+90x19 0+90x40', failed: '0+10x19 0+10x40' }),
        ...finished({ success: '0+100x19 0+100x40', failed: '0x60' }, { target: 'good' }),
      ],
      at: {
        '19m': [CRITICAL, WARNING],
        '20m': [CRITICAL, WARNING],
        '21m': [CRITICAL, WARNING],
        '22m': [CRITICAL, WARNING],
        '30m': [CRITICAL, WARNING],
      },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...finished({ success: '0+97x60', failed: '0+3x60' }),
        ...finished({ success: '0+100x60', failed: '0x60' }, { target: 'good' }),
        ...finished({ success: '0+9000x60', failed: '0+1x60' }, { target: 'large' }),
      ],
      at: { '30m': [WARNING] },
    },
    'several instances': {
      // Each alone has 60 streams in 5m; together it is enough. One alert, and not one for each instance.
      series: [
        RUN,
        runActive('1x60', { instance: B }),
        ...finished({ success: '0+11.5x60', failed: '0+0.5x60' }),
        ...finished({ success: '0+11.5x60', failed: '0+0.5x60' }, { instance: B }),
      ],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires, and goes on for 5m after': {
      // From 10m to 20m every stream fails.
      series: [RUN, ...finished({ success: '0+30x10 300x9 330+30x40', failed: '0x10 30+30x9 300x40' })],
      at: {
        '12m': [],
        '13m': [CRITICAL],
        '15m': [CRITICAL],
        '16m': [CRITICAL, WARNING],
        '28m': [CRITICAL, WARNING],
        '30m': [],
        '50m': [],
      },
      says: {
        '16m': [
          [CRITICAL, 'chat: 100% of the streams failed in 5m; at least 95 % must succeed'],
          [WARNING, 'chat: 100% of the streams failed in 5m; at least 99 % must succeed'],
        ],
      },
    },
    'exactly at 99 % it does not fire': {
      series: [RUN, ...finished({ success: '0+99x60', failed: '0+1x60' })],
      silentUntil: '60m',
    },
    'a little below 99 % it warns': {
      series: [RUN, ...finished({ success: '0+9899x60', failed: '0+101x60' })],
      at: { '5m': [], '6m': [WARNING], '60m': [WARNING] },
    },
    'exactly at 95 % it is not critical': {
      series: [RUN, ...finished({ success: '0+95x60', failed: '0+5x60' })],
      at: { '60m': [WARNING] },
    },
    'a little below 95 % it is': {
      series: [RUN, ...finished({ success: '0+9499x60', failed: '0+501x60' })],
      at: { '2m': [], '3m': [CRITICAL], '60m': [CRITICAL, WARNING] },
    },
    'with 100 and 20 streams in 5m it fires': {
      series: [
        RUN,
        ...finished({ success: '0+19.5x60', failed: '0+0.5x60' }),
        ...finished({ failed: '0+4x60' }, { target: 'few' }),
      ],
      at: { '60m': [WARNING, onTarget('critical', 'few')] },
    },
    'with 99 and 19 it does not': {
      series: [
        RUN,
        ...finished({ success: '0+19.4x60', failed: '0+0.5x60' }),
        ...finished({ failed: '0+3.9x60' }, { target: 'few' }),
      ],
      silentUntil: '60m',
    },
    'when the run ends it goes on for 5m and no longer': {
      series: [runActive('1x20 0x40'), ...finished({ success: '0x60', failed: '0+30x60' })],
      at: { '20m': [CRITICAL, WARNING], '25m': [CRITICAL, WARNING], '28m': [] },
    },
    'cancelled streams count for neither side': {
      series: [
        RUN,
        ...finished({ success: '0+90x60', failed: '0+10x60', cancelled: '0+10000x60' }),
        ...finished({ success: '0+1x60', failed: '0+1x60', cancelled: '0+10000x60' }, { target: 'few' }),
      ],
      at: { '60m': [WARNING, CRITICAL] },
    },
    'another job has its own gate': {
      series: [
        { ...runActive('1x60'), labels: { job: 'soak-2', instance: 'c:9876' } },
        runActive('0x60'),
        ...finished({ failed: '0+100x60' }),
      ],
      silentUntil: '60m',
    },
  },
};

const INFO = onTarget('info');

export const successBelowObjective: AlertCases = {
  alert: 'SoakSuccessBelowObjective',
  rules: ['soak-success', 'soak-objectives'],
  every: '5m',
  states: {
    healthy: {
      series: [RUN, ...finished({ success: '0+1000x90', failed: '0+2x90' })],
      silentUntil: '90m',
    },
    'total outage, no success ever exported': {
      // 20 a minute: 200 after 10m.
      series: [RUN, ...finished({ failed: '0+20x60' })],
      at: { '20m': [], '25m': [INFO], '60m': [INFO] },
    },
    'low traffic': {
      // 180 an hour.
      series: [RUN, ...finished({ failed: '0+3x90' })],
      silentUntil: '90m',
    },
    'no traffic': {
      series: [RUN, ...finished({ success: '9000x90', failed: '9000x90' })],
      silentUntil: '90m',
    },
    'no run': {
      series: [runActive('0x90'), ...finished({ success: '0+30x90', failed: '0+30x90' })],
      silentUntil: '90m',
    },
    'run just started': {
      series: [runActive('0x5 1x40'), ...finished({ success: '0x6 90+90x40', failed: '0x6 10+10x40' })],
      at: { '10m': [], '20m': [], '25m': [INFO] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...finished({ success: '0+99x29 0+99x60', failed: '0+1x29 0+1x60' }),
        ...finished({ success: '0+100x29 0+100x60', failed: '0x90' }, { target: 'good' }),
      ],
      at: { '25m': [INFO], '30m': [INFO], '35m': [INFO], '60m': [INFO] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...finished({ success: '0+99x60', failed: '0+1x60' }),
        ...finished({ success: '0+100x60', failed: '0x60' }, { target: 'good' }),
      ],
      at: { '60m': [INFO] },
    },
    'several instances': {
      // 120 an hour each.
      series: [
        RUN,
        runActive('1x90', { instance: B }),
        ...finished({ success: '0+1.8x90', failed: '0+0.2x90' }),
        ...finished({ success: '0+1.8x90', failed: '0+0.2x90' }, { instance: B }),
      ],
      at: { '90m': [INFO] },
    },
  },
  more: {
    'fires and ends': {
      // All fail from 60m to 63m; the hour has forgotten it at 123m.
      series: [
        runActive('1x200'),
        ...finished({ success: '0+30x60 1800x2 1830+30x130', failed: '0x60 30+30x2 90x130' }),
      ],
      at: { '75m': [], '80m': [INFO], '120m': [INFO], '125m': [] },
    },
    'exactly at 99.5 % it does not fire': {
      series: [RUN, ...finished({ success: '0+199x90', failed: '0+1x90' })],
      silentUntil: '90m',
    },
    'a little below it fires': {
      series: [RUN, ...finished({ success: '0+19899x90', failed: '0+101x90' })],
      at: { '15m': [], '20m': [INFO], '90m': [INFO] },
      says: {
        '90m': [[INFO, 'chat: 0.505% of the streams failed in 1h; the objective is that 99.5 % succeed']],
      },
    },
    'with 200 streams an hour it fires, with half of one less not yet': {
      series: [
        RUN,
        ...finished({ failed: '0+20x60' }),
        ...finished({ failed: '0+19.95x60' }, { target: 'less' }),
      ],
      at: { '20m': [], '25m': [INFO] },
    },
    'it ends with the run': {
      series: [runActive('1x60 0x30'), ...finished({ failed: '0+20x90' })],
      at: { '60m': [INFO], '65m': [] },
    },
  },
};
