import type { AlertCases, Case, Series, State } from '../case.ts';
import { A, B, finished, instanceSeries, onInstance, runActive } from '../series.ts';

const RUN = runActive('1x60');
const WARNING = onInstance('warning');
const onB = { instance: B };

/** A figure of the process against its limit. */
interface Share {
  readonly alert: string;
  /** How an alert names it. */
  readonly named: string;
  readonly limitMetric: string;
  readonly limit: number;
  readonly percent: number;
  /** Just before it fires where its use has been too high from 10m on: a rate takes its window to get there. */
  readonly quietAt: string;
  readonly more?: Readonly<Record<string, Case>>;
  /** Series of the use of such a share of the limit, for so many minutes one after the other. */
  readonly use: (
    phases: readonly (readonly [percent: number, minutes: number])[],
    instance?: string,
  ) => Series;
}

/** The process is looked at whatever the targets do, and whether a run is active or not. */
function processCases({ alert, named, limitMetric, limit, percent, quietAt, more, use }: Share): AlertCases {
  const limits = (instance = A): Series => instanceSeries(limitMetric, `${limit}x60`, { instance });
  const whileTargets = (...rest: Series[]): Case => ({
    series: [use([[percent + 10, 30]]), limits(), ...rest],
    at: { '5m': [], '16m': [WARNING], '30m': [WARNING] },
  });
  const states: Record<State, Case> = {
    healthy: { series: [RUN, use([[30, 30]]), limits()], silentUntil: '30m' },
    'total outage, no success ever exported': whileTargets(RUN, ...finished({ failed: '0+100x30' })),
    'low traffic': whileTargets(RUN, ...finished({ success: '0+1x30' })),
    'no traffic': whileTargets(RUN, ...finished({ success: '0x30' })),
    'no run': whileTargets(runActive('0x30')),
    'run just started': {
      // What a start costs passes.
      series: [
        runActive('0x5 1x25'),
        use([
          [5, 5],
          [98, 4],
          [30, 25],
        ]),
        limits(),
      ],
      silentUntil: '30m',
    },
    'service restarted mid-window': {
      series: [RUN, use([[percent - 10, 15]]), limits(), use([[percent - 10, 30]], B), limits(B)].map((s) =>
        // A counter begins anew.
        ({ ...s, values: s.labels.instance === A ? `${s.values} ${s.values}` : s.values }),
      ),
      silentUntil: '30m',
    },
    'one of several targets bad': whileTargets(
      RUN,
      ...finished({ failed: '0+100x30' }),
      ...finished({ success: '0+100x30' }, { target: 'good' }),
    ),
    'several instances': {
      series: [RUN, use([[percent - 10, 30]]), limits(), use([[percent + 10, 30]], B), limits(B)],
      at: { '30m': [onInstance('warning', B)] },
      says: {
        '30m': [
          [
            onInstance('warning', B),
            `soakd b:9876 uses ${percent + 10}% of ${named} that it may ${named.startsWith('the file') ? 'open' : 'use'}; the limit is ${percent} %`,
          ],
        ],
      },
    },
  };
  return {
    alert,
    rules: ['soak-generator'],
    states,
    more: {
      'fires and ends': {
        series: [
          RUN,
          use([
            [30, 9],
            [95, 25],
            [30, 20],
          ]),
          limits(),
        ],
        at: { [quietAt]: [], '25m': [WARNING], '33m': [WARNING], '41m': [] },
      },
      'exactly at the limit it does not fire, a little above it does': {
        series: [
          RUN,
          use([[percent, 30]]),
          limits(),
          use([[percent + 0.1, 30]], B),
          limits(B),
          runActive('1x30', onB),
        ],
        at: { '9m': [], '16m': [onInstance('warning', B)], '30m': [onInstance('warning', B)] },
      },
      'without a limit there is nothing to compare with': {
        series: [RUN, use([[99, 30]]), use([[99, 30]], B), instanceSeries(limitMetric, '0x30', onB)],
        silentUntil: '30m',
      },
      'the process of another job is not ours': {
        series: [use([[99, 30]]), limits()].map((s) => ({ ...s, labels: { ...s.labels, job: 'other' } })),
        silentUntil: '30m',
      },
      ...more,
    },
  };
}

/** What is taken and given back, and comes near the limit each time. */
const peaks = (metric: string, limitMetric: string, limit: number): Readonly<Record<string, Case>> => ({
  'peaks count': {
    series: [
      instanceSeries(metric, `${limit * 0.9} ${limit * 0.5} `.repeat(16).trim()),
      instanceSeries(limitMetric, `${limit}x60`),
    ],
    at: { '9m': [], '12m': [WARNING], '30m': [WARNING] },
  },
});

/** A gauge: the share of the limit. */
const gauge =
  (metric: string, limit: number): Share['use'] =>
  (phases, instance = A) =>
    instanceSeries(
      metric,
      phases.map(([percent, minutes]) => `${(limit * percent) / 100}x${minutes}`).join(' '),
      { instance },
    );

/** A counter: seconds of CPU, of 4 cores; 240 a minute are all of them. */
const cpu: Share['use'] = (phases, instance = A) => {
  let at = 0;
  const text = phases.map(([percent, minutes]) => {
    const step = (240 * percent) / 100;
    const from = at;
    at = from + step * (minutes + 1);
    return `${Number(from.toFixed(3))}+${Number(step.toFixed(3))}x${minutes}`;
  });
  return instanceSeries('process_cpu_seconds_total', text.join(' '), { instance });
};

const GIB = 1024 ** 3;

export const processCpuHigh = processCases({
  alert: 'SoakProcessCpuHigh',
  named: 'the CPU',
  limitMetric: 'soak_process_cpu_limit_cores',
  limit: 4,
  percent: 80,
  quietAt: '22m',
  use: cpu,
});

export const processMemoryHigh = processCases({
  alert: 'SoakProcessMemoryHigh',
  named: 'the memory',
  limitMetric: 'soak_process_memory_limit_bytes',
  limit: 10 * GIB,
  percent: 85,
  quietAt: '19m',
  more: peaks('process_resident_memory_bytes', 'soak_process_memory_limit_bytes', 10 * GIB),
  use: gauge('process_resident_memory_bytes', 10 * GIB),
});

export const fileDescriptorsHigh = processCases({
  alert: 'SoakFileDescriptorsHigh',
  named: 'the file descriptors',
  limitMetric: 'process_max_fds',
  limit: 10_000,
  percent: 80,
  quietAt: '19m',
  more: peaks('process_open_fds', 'process_max_fds', 10_000),
  use: gauge('process_open_fds', 10_000),
});
