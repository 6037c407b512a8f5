import type { AlertCases, Series } from '../case.ts';
import { A, B, finished, instanceSeries, onInstance, runActive, targetSeries, up } from '../series.ts';

const RUN = runActive('1x60');
const CRITICAL = onInstance('critical');
const WARNING = onInstance('warning');
const onB = { instance: B };
const NONE_LEFT = { job: 'soak', severity: 'critical' };

export const down: AlertCases = {
  alert: 'SoakDown',
  rules: ['soak-generator'],
  states: {
    healthy: { series: [up('1x30'), RUN], silentUntil: '30m' },
    'total outage, no success ever exported': {
      // The outage is that of the target.
      series: [up('1x30'), RUN, ...finished({ failed: '0+100x30' })],
      silentUntil: '30m',
    },
    'low traffic': { series: [up('1x30'), RUN, ...finished({ success: '0+1x30' })], silentUntil: '30m' },
    'no traffic': { series: [up('1x30'), RUN, ...finished({ success: '0x30' })], silentUntil: '30m' },
    'no run': { series: [up('1x30'), runActive('0x30')], silentUntil: '30m' },
    'run just started': { series: [up('1x30'), runActive('0x5 1x25')], silentUntil: '30m' },
    'service restarted mid-window': { series: [up('1x9 0x1 1x20'), RUN], silentUntil: '30m' },
    'one of several targets bad': {
      series: [
        up('1x30'),
        RUN,
        ...finished({ failed: '0+100x30' }),
        ...finished({ success: '0+100x30' }, { target: 'good' }),
      ],
      silentUntil: '30m',
    },
    'several instances': {
      series: [up('1x30'), up('0x30', onB), RUN],
      at: { '1m': [], '2m': [onInstance('critical', B)], '30m': [onInstance('critical', B)] },
      says: { '30m': [[onInstance('critical', B), 'Prometheus gets no metrics from soakd b:9876']] },
    },
  },
  more: {
    'fires after 2m and ends': {
      series: [up('1x9 0x9 1x20'), RUN],
      at: { '11m': [], '12m': [CRITICAL], '19m': [CRITICAL], '20m': [] },
    },
    'without any target of the job it fires': {
      series: [{ name: 'up', labels: { job: 'other', instance: A }, values: '0x30' }],
      at: { '1m': [], '2m': [NONE_LEFT], '30m': [NONE_LEFT] },
      says: { '30m': [[NONE_LEFT, 'Prometheus gets no metrics from soakd']] },
    },
    'an instance that is gone from the configuration is not missed': {
      series: [up('1x30'), up('1x9', onB), RUN],
      silentUntil: '30m',
    },
  },
};

const chunks = (values: string, of = {}): Series => targetSeries('soak_chunks_received_total', values, of);
const desired = (values: string, of = {}): Series => targetSeries('soak_streams_desired', values, of);
const started = (values: string, of = {}): Series => targetSeries('soak_streams_started_total', values, of);

export const notMakingProgress: AlertCases = {
  alert: 'SoakNotMakingProgress',
  rules: ['soak-generator'],
  states: {
    healthy: {
      series: [RUN, desired('100x30'), started('0+100x30'), chunks('0+4000x30')],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      series: [
        RUN,
        desired('100x30'),
        started('0+100x30'),
        chunks('0x30'),
        ...finished({ failed: '0+100x30' }),
      ],
      at: { '11m': [], '12m': [CRITICAL], '30m': [CRITICAL] },
      says: { '30m': [[CRITICAL, 'A run is active on a:9876, and not one chunk arrived in 10m']] },
    },
    'low traffic': {
      // One chunk in 9 minutes.
      series: [RUN, desired('1x40'), started('1x40'), chunks('0x8 1x8 2x8 3x8 4x4')],
      silentUntil: '40m',
    },
    'no traffic': {
      // A stage that wants no stream is no fault.
      series: [RUN, desired('0x30'), started('500x30'), chunks('9000x30')],
      silentUntil: '30m',
    },
    'no run': {
      series: [runActive('0x30'), desired('0x30'), started('500x30'), chunks('9000x30')],
      silentUntil: '30m',
    },
    'run just started': {
      series: [runActive('0x5 1x30'), desired('0x5 100x30'), started('0x5 100x30'), chunks('9000x35')],
      at: { '10m': [], '17m': [], '18m': [CRITICAL] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        desired('100x40'),
        started('0+100x14 0+100x25'),
        chunks('0+4000x14 0+4000x25'),
        runActive('1x40', onB),
        desired('100x40', onB),
        started('0+100x14 0+100x25', onB),
        // Nothing arrives from the restart on.
        chunks('0+4000x14 0x25', onB),
      ],
      at: { '14m': [], '20m': [], '24m': [], '28m': [onInstance('critical', B)] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        desired('100x30'),
        started('0+100x30'),
        chunks('0x30'),
        desired('100x30', { target: 'good' }),
        started('0+100x30', { target: 'good' }),
        chunks('0+1x30', { target: 'good' }),
      ],
      silentUntil: '30m',
    },
    'several instances': {
      series: [
        RUN,
        desired('100x30'),
        started('0+100x30'),
        chunks('0+4000x30'),
        runActive('1x30', onB),
        desired('100x30', onB),
        started('0+100x30', onB),
        chunks('0x30', onB),
      ],
      at: { '30m': [onInstance('critical', B)] },
    },
  },
  more: {
    'fires and ends': {
      series: [RUN, desired('100x60'), started('0+100x60'), chunks('0+4000x10 40000x19 40001+1x30')],
      at: { '20m': [], '22m': [CRITICAL], '29m': [CRITICAL], '31m': [] },
    },
    'nothing that is wanted is started': {
      series: [RUN, desired('100x30'), started('500x30'), chunks('9000x30')],
      at: { '12m': [CRITICAL] },
    },
    'in the open model what is started counts': {
      // Each is refused at once, so that none is ever seen open.
      series: [RUN, desired('0x30'), started('0+5x30'), chunks('0x30')],
      at: { '12m': [CRITICAL] },
    },
    'what is wanted now and again is wanted': {
      series: [RUN, desired('0 100 '.repeat(20).trim()), started('500x30'), chunks('9000x30')],
      at: { '12m': [CRITICAL] },
    },
    'not knowing what is wanted does not silence it': {
      series: [RUN, chunks('9000x30')],
      at: { '11m': [], '12m': [CRITICAL] },
    },
    'not even one series of chunks': {
      series: [RUN, desired('100x30')],
      at: { '12m': [CRITICAL] },
    },
    'the run must have been active throughout': {
      series: [runActive('1x9 0x0 1x20'), desired('100x30'), started('0+100x30'), chunks('0x30')],
      at: { '12m': [], '21m': [], '23m': [CRITICAL] },
    },
    'a stage without streams that has just begun waits for 10m of it': {
      series: [RUN, desired('100x5 0x30'), started('0+10x5 50x30'), chunks('0+100x5 500x30')],
      silentUntil: '35m',
    },
  },
};

const saturated = (values: string, of = {}): Series => ({
  ...instanceSeries('soak_generator_saturated', values, of),
});

export const generatorSaturated: AlertCases = {
  alert: 'SoakGeneratorSaturated',
  rules: ['soak-generator'],
  states: {
    healthy: { series: [RUN, saturated('0x30')], silentUntil: '30m' },
    'total outage, no success ever exported': {
      // It is the generator itself that is looked at.
      series: [RUN, saturated('0x30'), ...finished({ failed: '0+100x30' })],
      silentUntil: '30m',
    },
    'low traffic': {
      series: [RUN, saturated('0x30'), ...finished({ success: '0+1x30' })],
      silentUntil: '30m',
    },
    'no traffic': { series: [RUN, saturated('0x30'), ...finished({ success: '0x30' })], silentUntil: '30m' },
    'no run': { series: [runActive('0x30'), saturated('0x30')], silentUntil: '30m' },
    'run just started': {
      // A simultaneous start costs for a while.
      series: [runActive('0x5 1x25'), saturated('0x5 1x3 0x21')],
      silentUntil: '30m',
    },
    'service restarted mid-window': {
      series: [RUN, saturated('1x9 0x20')],
      at: { '5m': [WARNING], '9m': [WARNING], '12m': [] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        saturated('0x30'),
        ...finished({ failed: '0+100x30' }),
        ...finished({ success: '0+100x30' }, { target: 'good' }),
      ],
      silentUntil: '30m',
    },
    'several instances': {
      series: [RUN, saturated('0x30'), runActive('1x30', onB), saturated('1x30', onB)],
      at: { '4m': [], '5m': [onInstance('warning', B)], '30m': [onInstance('warning', B)] },
      says: {
        '30m': [
          [
            onInstance('warning', B),
            'The generator b:9876 cannot keep up: its own lag makes the timings unreliable',
          ],
        ],
      },
    },
  },
  more: {
    'fires after 5m and ends': {
      series: [RUN, saturated('0x9 1x10 0x15')],
      at: { '14m': [], '15m': [WARNING], '20m': [WARNING], '23m': [] },
    },
    'a service that does not tell is not accused': { series: [RUN, up('1x30')], silentUntil: '30m' },
  },
};
