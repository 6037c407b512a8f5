import type { AlertCases } from '../case.ts';
import { A, B, finished, instanceSeries, onInstance, runActive, up } from '../series.ts';

const failures = (values: string, instance = A) =>
  instanceSeries('soak_history_write_failures_total', values, { instance });
const WARNING = onInstance('warning');
const RUN = runActive('1x120');

export const historyFailing: AlertCases = {
  alert: 'SoakHistoryFailing',
  rules: ['soak-generator'],
  // A window of a minute needs more than one sample.
  every: '15s',
  sampled: '15s',
  states: {
    healthy: { series: [RUN, failures('0x120')], silentUntil: '30m' },
    'total outage, no success ever exported': {
      series: [RUN, failures('0x120'), ...finished({ failed: '0+25x120' })],
      silentUntil: '30m',
    },
    'low traffic': {
      series: [RUN, failures('0x120'), ...finished({ success: '0+1x120' })],
      silentUntil: '30m',
    },
    'no traffic': { series: [RUN, failures('0x120'), ...finished({ success: '0x120' })], silentUntil: '30m' },
    'no run': {
      // The service writes its own counters, and they are at stake too.
      series: [runActive('0x120'), failures('0x20 1+3x100')],
      at: { '9m': [], '11m': [WARNING] },
    },
    'run just started': {
      series: [runActive('0x20 1x100'), failures('0x20 1+3x100')],
      at: { '9m': [], '11m': [WARNING] },
    },
    'service restarted mid-window': {
      // The counter continues from what was kept last; the disk is full before and after.
      series: [RUN, failures('0+3x40 _x2 90+3x80')],
      at: { '9m': [WARNING], '12m': [WARNING], '17m': [WARNING] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        failures('0x120'),
        ...finished({ failed: '0+25x120' }),
        ...finished({ success: '0+25x120' }, { target: 'good' }),
      ],
      silentUntil: '30m',
    },
    'several instances': {
      series: [RUN, failures('0x120'), failures('0+3x120', B)],
      at: { '4m': [], '7m': [onInstance('warning', B)], '29m': [onInstance('warning', B)] },
      says: {
        '29m': [[onInstance('warning', B), 'soakd b:9876 cannot write its history of runs']],
      },
    },
  },
  more: {
    'fires after 5m, and ends a minute after the last failure': {
      series: [RUN, failures('0x20 1+3x39 118x60')],
      at: { '9m': [], '11m': [WARNING], '14m': [WARNING], '16m30s': [] },
    },
    'a lock of another program that is held for a minute is not told of': {
      series: [RUN, failures('0x20 1x3 2x3 3x90')],
      silentUntil: '25m',
    },
    'a single failure now and then is not told of': {
      series: [RUN, failures('0x19 1x19 2x19 3x60')],
      silentUntil: '25m',
    },
    'one attempt in twenty seconds is enough': {
      series: [RUN, failures('0 1 1 2 3 3 4 5 5 6 7 7 8 9 9 10 11 11 12 13 13 14 15 15 16 17 17 18 19 19')],
      at: { '7m': [WARNING] },
    },
    'a service that does not tell is not accused': { series: [RUN, up('1x120')], silentUntil: '30m' },
  },
};
