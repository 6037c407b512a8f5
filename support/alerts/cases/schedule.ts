import type { AlertCases, Series } from '../case.ts';
import { A, B, finished, instanceSeries, onInstance, runActive } from '../series.ts';

/** The schedule `night`: due at 10m, which is 600 s, then an hour later. */
const night = (metric: string, values: string, instance = A, schedule = 'night'): Series => {
  const series = instanceSeries(metric, values, { instance });
  return { ...series, labels: { ...series.labels, schedule } };
};
const next = (values: string, instance = A, schedule = 'night') =>
  night('soak_schedule_next_timestamp_seconds', values, instance, schedule);
const success = (values: string, instance = A, schedule = 'night') =>
  night('soak_schedule_last_success_timestamp_seconds', values, instance, schedule);
const MISSED = onInstance('warning', A, { schedule: 'night' });

const DUE = next('600x9 4200x50');
const STARTED = success('0x9 600.2x50');
const NEVER = success('0x60');

export const scheduleMissed: AlertCases = {
  alert: 'SoakScheduleMissed',
  rules: ['soak-schedules'],
  every: '5m',
  states: {
    healthy: { series: [DUE, STARTED, runActive('0x9 1x20 0x30')], silentUntil: '40m' },
    'total outage, no success ever exported': {
      // It was started; that all of its streams fail is said elsewhere.
      series: [DUE, STARTED, runActive('0x9 1x20 0x30'), ...finished({ failed: '0x9 100+100x30' })],
      silentUntil: '40m',
    },
    'low traffic': {
      series: [DUE, STARTED, runActive('0x9 1x20 0x30'), ...finished({ success: '0+1x40' })],
      silentUntil: '40m',
    },
    'no traffic': {
      series: [DUE, STARTED, runActive('0x9 1x20 0x30'), ...finished({ success: '0x40' })],
      silentUntil: '40m',
    },
    'no run': {
      // It was due, and no run came of it.
      series: [DUE, NEVER, runActive('0x60')],
      at: { '10m': [], '15m': [MISSED], '40m': [MISSED] },
      says: {
        '40m': [[MISSED, 'The schedule night of a:9876 was due and has not started its scenario']],
      },
    },
    'run just started': {
      // By hand, and so the schedule was skipped; another one has just started the run.
      series: [
        DUE,
        NEVER,
        runActive('0x8 1x40'),
        next('600x9 4200x50', A, 'day'),
        success('0x9 600x50', A, 'day'),
      ],
      at: { '15m': [MISSED] },
    },
    'service restarted mid-window': {
      // It remembers nothing of what it started.
      series: [
        DUE,
        success('0x9 600.2x10 0x40'),
        // Away at the very time it was due.
        next('600x9 _x1 4200x49', B),
        success('0x9 _x1 0x49', B),
      ],
      at: {
        '15m': [onInstance('warning', B, { schedule: 'night' })],
        '40m': [onInstance('warning', B, { schedule: 'night' })],
      },
    },
    'one of several targets bad': {
      series: [
        DUE,
        STARTED,
        runActive('0x9 1x20 0x30'),
        ...finished({ failed: '0x9 100+100x30' }),
        ...finished({ success: '0x9 100+100x30' }, { target: 'good' }),
      ],
      silentUntil: '40m',
    },
    'several instances': {
      series: [DUE, STARTED, next('600x9 4200x50', B), success('0x60', B)],
      at: { '15m': [onInstance('warning', B, { schedule: 'night' })] },
    },
  },
  more: {
    'fires, and ends when it has started its scenario': {
      series: [next('600x9 4200x60 7800x30'), success('0x69 4200x30')],
      at: { '10m': [], '15m': [MISSED], '65m': [MISSED], '70m': [] },
    },
    'and ends after a day without another time': {
      series: [
        next('600x9 900000x1700'),
        success('0x1710'),
        // Stuck at a time at which it did start; a day later nobody remembers that.
        next('600x1710', A, 'stuck'),
        success('600.2x20 0x1690', A, 'stuck'),
      ],
      at: {
        '1400m': [MISSED],
        '1455m': [],
        '1475m': [onInstance('warning', A, { schedule: 'stuck' })],
      },
    },
    'a time that was put off before it came was not missed': {
      series: [next('600x5 4200x40'), success('0x46')],
      silentUntil: '45m',
    },
    'of two times the later one counts': {
      series: [next('600x9 4200x60 7800x30'), success('0x9 600.2x90')],
      at: { '65m': [], '75m': [MISSED] },
    },
    'a start that is early by more than 90s is of another time': {
      series: [
        DUE,
        success('0x9 509x50'),
        next('600x9 4200x50', A, 'early'),
        success('0x9 510x50', A, 'early'),
      ],
      at: { '15m': [MISSED] },
    },
    'a start that is late by some seconds, or early, is one': {
      series: [
        DUE,
        success('0x9 625x50'),
        next('600x9 4200x50', A, 'early'),
        success('0x9 599.9x50', A, 'early'),
      ],
      silentUntil: '40m',
    },
    'a schedule of every minute that starts each time is not missed': {
      series: [next('60+60x60'), success('0.1+60x60')],
      silentUntil: '40m',
    },
    'a schedule of every minute that starts no more is': {
      series: [next('60+60x60'), success('0+60x20 1200x40')],
      at: { '20m': [], '35m': [MISSED] },
    },
    'a schedule that is stuck at its time is missed': {
      series: [next('600x50'), success('0x50')],
      at: { '15m': [MISSED], '40m': [MISSED] },
    },
    'a schedule that is never due is not': {
      series: [next('0x40'), success('0x40')],
      silentUntil: '40m',
    },
  },
};
