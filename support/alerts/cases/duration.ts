import type { AlertCases, Firing, Series } from '../case.ts';
import { A, B, durations, instanceSeries, onInstance, onTarget, runActive, targetSeries } from '../series.ts';

const RUN = runActive('1x60');
const WARNING = onTarget('warning');
const CRITICAL = onTarget('critical');
const onB = { instance: B };

/** Successes and the sum of their durations, s. */
const took = (count: string, sum: string, of = {}): Series[] => durations('success', count, sum, of);

export const streamDurationHigh: AlertCases = {
  alert: 'SoakStreamDurationHigh',
  rules: ['soak-latency'],
  states: {
    healthy: {
      // Failed streams that take long do not count.
      series: [RUN, ...took('0+100x30', '0+3200x30'), ...durations('failed', '0+100x30', '0+30000x30')],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      series: [RUN, ...durations('failed', '0+100x30', '0+30000x30')],
      silentUntil: '30m',
    },
    'low traffic': {
      series: [RUN, ...took('0+3x30', '0+300x30')],
      silentUntil: '30m',
    },
    'no traffic': {
      series: [RUN, ...took('900x30', '90000x30')],
      silentUntil: '30m',
    },
    'no run': {
      series: [runActive('0x30'), ...took('0+100x30', '0+6000x30')],
      silentUntil: '30m',
    },
    'run just started': {
      series: [runActive('0x5 1x30'), ...took('0x6 100+100x29', '0x6 6000+6000x29')],
      at: { '11m': [], '12m': [CRITICAL], '16m': [CRITICAL], '17m': [CRITICAL, WARNING] },
    },
    'service restarted mid-window': {
      series: [
        RUN,
        ...took('0+100x14 0+100x15', '0+4500x14 0+4500x15'),
        ...took('0+100x14 0+100x15', '0+3500x14 0+3500x15', { target: 'good' }),
      ],
      at: { '14m': [WARNING], '15m': [WARNING], '16m': [WARNING], '25m': [WARNING] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        ...took('0+100x30', '0+6000x30'),
        ...took('0+100x30', '0+4500x30', { target: 'slow' }),
        ...took('0+100x30', '0+3000x30', { target: 'good' }),
      ],
      at: { '30m': [CRITICAL, WARNING, onTarget('warning', 'slow')] },
      says: {
        '30m': [
          [CRITICAL, 'chat: successful streams took 1m 0s on average over 5m; the limit is 50 s'],
          [WARNING, 'chat: successful streams took 1m 0s on average over 5m; the limit is 40 s'],
          [
            onTarget('warning', 'slow'),
            'slow: successful streams took 45s on average over 5m; the limit is 40 s',
          ],
        ],
      },
    },
    'several instances': {
      series: [
        RUN,
        runActive('1x30', onB),
        ...took('0+2.4x30', '0+108x30'),
        ...took('0+2.4x30', '0+108x30', onB),
      ],
      at: { '30m': [WARNING] },
    },
  },
  more: {
    'fires and ends': {
      // 60 s each from 10m to 25m, else 30 s.
      series: [RUN, ...took('0+100x50', '0+3000x10 36000+6000x14 123000+3000x25')],
      at: {
        // 42 s at 12m; 54 s at 14m.
        '17m': [],
        '19m': [CRITICAL],
        '21m': [CRITICAL],
        '22m': [CRITICAL, WARNING],
        // 54 s at 26m, 48 s at 27m, 42 s at 28m, 36 s at 29m.
        '26m': [CRITICAL, WARNING],
        '27m': [WARNING],
        '29m': [],
      },
    },
    'exactly at 40 s it does not fire, a little above it warns': {
      series: [RUN, ...took('0+100x30', '0+4000x30'), ...took('0+100x30', '0+4001x30', { target: 'more' })],
      at: { '10m': [], '11m': [onTarget('warning', 'more')], '30m': [onTarget('warning', 'more')] },
    },
    'exactly at 50 s it is not critical, a little above it is': {
      series: [RUN, ...took('0+100x30', '0+5000x30'), ...took('0+100x30', '0+5001x30', { target: 'more' })],
      at: {
        '5m': [],
        '6m': [onTarget('critical', 'more')],
        '30m': [WARNING, onTarget('critical', 'more'), onTarget('warning', 'more')],
      },
    },
    'with 20 successes in 5m it fires, with 19 it does not': {
      series: [RUN, ...took('0+4x30', '0+400x30'), ...took('0+3.9x30', '0+400x30', { target: 'less' })],
      at: { '30m': [WARNING, CRITICAL] },
    },
    'it ends with the run': {
      series: [runActive('1x15 0x20'), ...took('0+100x35', '0+6000x35')],
      at: { '15m': [WARNING, CRITICAL], '18m': [] },
    },
    'failed streams, long or short, count for neither side': {
      series: [RUN, ...took('0+100x30', '0+4500x30'), ...durations('failed', '0+1000x30', '0+1x30')],
      at: { '30m': [WARNING] },
    },
    'a saturated instance neither raises nor lowers the mean': {
      series: [
        RUN,
        runActive('1x30', onB),
        instanceSeries('soak_generator_saturated', '0x30'),
        instanceSeries('soak_generator_saturated', '1x30', onB),
        ...took('0+100x30', '0+4500x30'),
        ...took('0+1000x30', '0+1000x30', onB),
        ...took('0+100x30', '0+3000x30', { target: 'fine' }),
        ...took('0+100x30', '0+60000x30', { target: 'fine', ...onB }),
      ],
      at: { '30m': [WARNING] },
    },
    'while the generator is saturated its timings say nothing': {
      series: [RUN, instanceSeries('soak_generator_saturated', '1x30'), ...took('0+100x30', '0+6000x30')],
      silentUntil: '30m',
    },
  },
};

const drift = (signal: string, values: string, of = {}): Series => {
  const unit = signal === 'failure-ratio' ? 'ratio' : signal.endsWith('-rss') ? 'bytes' : 'seconds';
  const series = targetSeries(`soak_drift_${unit}_per_hour`, values, of);
  return { ...series, labels: { ...series.labels, signal } };
};
const climbs = (signal: string, instance = A): Firing =>
  onInstance('warning', instance, { target: 'chat', signal });
const TTFB_CLIMBS = climbs('ttfb-p95');

export const driftAlert: AlertCases = {
  alert: 'SoakDrift',
  rules: ['soak-latency'],
  states: {
    healthy: {
      // 0 where it is not significant; what gets better is no fault.
      series: [RUN, drift('ttfb-p95', '0x30'), drift('gap-p95', '-0.2x30')],
      silentUntil: '30m',
    },
    'total outage, no success ever exported': {
      // What fails from the start does not climb.
      series: [RUN, drift('failure-ratio', '0x30'), drift('ttfb-p95', '0x30')],
      silentUntil: '30m',
    },
    'low traffic': {
      // Significant now and again, by chance.
      series: [RUN, drift('ttfb-p95', '0x8 0.1x8 0x8 0.1x8')],
      silentUntil: '32m',
    },
    'no traffic': {
      // Nothing comes to be timed; the memory of the target climbs all the same.
      series: [RUN, drift('ttfb-p95', '0x30'), drift('target-rss', '5000000x30')],
      at: { '30m': [climbs('target-rss')] },
    },
    'no run': {
      // What the last run showed.
      series: [runActive('0x30'), drift('ttfb-p95', '0.3x30')],
      silentUntil: '30m',
    },
    'run just started': {
      series: [runActive('0x5 1x30'), drift('ttfb-p95', '0x20 0.3x15')],
      at: { '20m': [], '30m': [] },
    },
    'service restarted mid-window': {
      // A service that was restarted knows nothing of the hours before.
      series: [RUN, drift('ttfb-p95', '0.3x19 0x20'), drift('ttfb-p95', '0x40', { target: 'good' })],
      at: { '19m': [TTFB_CLIMBS], '20m': [], '39m': [] },
    },
    'one of several targets bad': {
      series: [
        RUN,
        drift('ttfb-p95', '0.3x30'),
        drift('gap-p95', '0x30'),
        drift('ttfb-p95', '0x30', { target: 'good' }),
      ],
      at: { '30m': [TTFB_CLIMBS] },
      says: {
        '30m': [
          [
            TTFB_CLIMBS,
            'chat: ttfb-p95 has an upward trend of 0.3 an hour (timings in seconds, memory in bytes, failures as a ratio), measured by a:9876',
          ],
        ],
      },
    },
    'several instances': {
      // Each has its own statistics, and a memory of its own.
      series: [
        RUN,
        runActive('1x30', onB),
        drift('ttfb-p95', '0x30'),
        drift('ttfb-p95', '0.3x30', onB),
        { ...drift('generator-rss', '0x30'), labels: { job: 'soak', instance: A, signal: 'generator-rss' } },
        {
          ...drift('generator-rss', '9000000x30'),
          labels: { job: 'soak', instance: B, signal: 'generator-rss' },
        },
      ],
      at: { '30m': [climbs('ttfb-p95', B), onInstance('warning', B, { signal: 'generator-rss' })] },
      says: {
        '30m': [
          [
            climbs('ttfb-p95', B),
            'chat: ttfb-p95 has an upward trend of 0.3 an hour (timings in seconds, memory in bytes, failures as a ratio), measured by b:9876',
          ],
          [
            onInstance('warning', B, { signal: 'generator-rss' }),
            'generator-rss has an upward trend of 9e+06 an hour (timings in seconds, memory in bytes, failures as a ratio), measured by b:9876',
          ],
        ],
      },
    },
  },
  more: {
    'fires when it has climbed throughout 10m and for 5m more, and ends at once': {
      // The last 0 is that of 9m.
      series: [RUN, drift('ttfb-p95', '0x9 0.001x25 0x15')],
      at: { '23m': [], '26m': [TTFB_CLIMBS], '34m': [TTFB_CLIMBS], '36m': [] },
    },
    'it ends with the run': {
      series: [runActive('1x20 0x20'), drift('ttfb-p95', '0.3x40')],
      at: { '20m': [TTFB_CLIMBS], '23m': [] },
    },
  },
};
