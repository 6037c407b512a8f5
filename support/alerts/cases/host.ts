import type { AlertCases, Case, Firing, Series, State } from '../case.ts';
import { B, finished, runActive } from '../series.ts';

const RUN = runActive('1x60');

/** A series of node_exporter on the host of a target. */
function host(
  name: string,
  values: string,
  labels: Readonly<Record<string, string>> = {},
  target = 'chat',
): Series {
  return {
    name,
    labels: { job: 'soak-target-host', instance: `${target}-host:9100`, target, ...labels },
    values,
  };
}

const onHost = (more: Firing = {}, target = 'chat'): Firing => ({
  job: 'soak-target-host',
  instance: `${target}-host:9100`,
  target,
  severity: 'warning',
  ...more,
});

interface Share {
  readonly alert: string;
  readonly percent: number;
  /** Labels of the alert besides. */
  readonly labels?: Firing;
  /** Series of the use of such a share, one phase after the other. */
  readonly use: (
    phases: readonly (readonly [percent: number, minutes: number])[],
    target?: string,
  ) => Series[];
  readonly says: string;
  readonly more: Readonly<Record<string, Case>>;
}

/** The host is watched while a run is active on any instance, whatever its streams do. */
function hostCases({ alert, percent, labels = {}, use, says, more }: Share): AlertCases {
  const warning = onHost(labels);
  const whileTargets = (...rest: Series[]): Case => ({
    series: [...use([[percent + 10, 30]]), ...rest],
    at: { '5m': [], '16m': [warning], '30m': [warning] },
  });
  const states: Record<State, Case> = {
    healthy: { series: [RUN, ...use([[30, 30]])], silentUntil: '30m' },
    'total outage, no success ever exported': whileTargets(RUN, ...finished({ failed: '0+100x30' })),
    'low traffic': whileTargets(RUN, ...finished({ success: '0+1x30' })),
    'no traffic': whileTargets(RUN, ...finished({ success: '0x30' })),
    'no run': {
      // Others may do with it what they like.
      series: [runActive('0x30'), ...use([[99, 30]])],
      silentUntil: '30m',
    },
    'run just started': {
      // It was busy before, and is for the first minutes.
      series: [
        runActive('0x9 1x30'),
        ...use([
          [99, 14],
          [30, 25],
        ]),
      ],
      silentUntil: '35m',
    },
    'service restarted mid-window': {
      series: [runActive('1x15 0x0 1x30'), ...use([[percent + 10, 40]])],
      at: { '15m': [warning], '29m': [warning] },
    },
    'one of several targets bad': {
      series: [RUN, ...use([[percent + 10, 30]]), ...use([[percent - 10, 30]], 'good')],
      at: { '30m': [warning] },
      says: { '30m': [[warning, says]] },
    },
    'several instances': {
      // Of soakd: a run is active on one of them.
      series: [runActive('0x30'), runActive('1x30', { instance: B }), ...use([[percent + 10, 30]])],
      at: { '30m': [warning] },
    },
  };
  return {
    alert,
    rules: ['soak-target-hosts'],
    states,
    more: {
      'fires and ends': {
        series: [
          RUN,
          ...use([
            [30, 9],
            [100, 25],
            [30, 20],
          ]),
        ],
        at: { '18m': [], '27m': [warning], '33m': [warning], '41m': [] },
      },
      'exactly at the limit it does not fire, a little above it does': {
        series: [RUN, ...use([[percent, 30]]), ...use([[percent + 0.5, 30]], 'more')],
        at: { '9m': [], '16m': [onHost(labels, 'more')], '30m': [onHost(labels, 'more')] },
      },
      'it ends with the run': {
        series: [runActive('1x20 0x20'), ...use([[99, 40]])],
        at: { '20m': [warning], '23m': [] },
      },
      'node_exporter of another job is not the host of a target': {
        series: [RUN, ...use([[99, 30]]).map((s) => ({ ...s, labels: { ...s.labels, job: 'node' } }))],
        silentUntil: '30m',
      },
      ...more,
    },
  };
}

type Phases = Parameters<Share['use']>[0];

/** A counter that grows by a share of `all` a minute. */
function counter(phases: Phases, all: number, share: (percent: number) => number): string {
  let at = 0;
  return phases
    .map(([percent, minutes]) => {
      const step = all * share(percent);
      const from = at;
      at += step * (minutes + 1);
      return `${Number(from.toFixed(3))}+${Number(step.toFixed(3))}x${minutes}`;
    })
    .join(' ');
}

/** Two cores: of the rest of each minute a part is waiting for disks, which is idle, too. */
const cpu: Share['use'] = (phases, target) =>
  ['0', '1'].flatMap((core) => [
    host(
      'node_cpu_seconds_total',
      counter(phases, 60, (p) => ((100 - p) / 100) * 0.75),
      { cpu: core, mode: 'idle' },
      target,
    ),
    host(
      'node_cpu_seconds_total',
      counter(phases, 60, (p) => ((100 - p) / 100) * 0.25),
      { cpu: core, mode: 'iowait' },
      target,
    ),
    host(
      'node_cpu_seconds_total',
      counter(phases, 60, (p) => p / 100),
      { cpu: core, mode: 'user' },
      target,
    ),
  ]);

export const targetCpuHigh = hostCases({
  alert: 'SoakTargetCpuHigh',
  percent: 80,
  use: cpu,
  says: 'The host of a target (chat, chat-host:9100) uses 90% of its CPU; the limit is 80 %',
  more: {
    'it is the mean of all cores': {
      series: [
        RUN,
        host('node_cpu_seconds_total', '0x30', { cpu: '0', mode: 'idle' }),
        host('node_cpu_seconds_total', '0+30x30', { cpu: '1', mode: 'idle' }),
      ],
      silentUntil: '30m',
    },
  },
});

export const targetMemoryHigh = hostCases({
  alert: 'SoakTargetMemoryHigh',
  percent: 85,
  use: (phases, target) => [
    host('node_memory_MemTotal_bytes', '8000000000x60', {}, target),
    host(
      'node_memory_MemAvailable_bytes',
      phases.map(([percent, minutes]) => `${80_000_000 * (100 - percent)}x${minutes}`).join(' '),
      {},
      target,
    ),
  ],
  says: 'The host of a target (chat, chat-host:9100) uses 95% of its memory; the limit is 85 %',
  more: {
    'it is the mean that counts': {
      series: [
        RUN,
        host('node_memory_MemTotal_bytes', '8000000000x60'),
        host('node_memory_MemAvailable_bytes', '1600000000 400000000 '.repeat(16).trim()),
      ],
      // 20 % and 5 % are free in turn.
      at: { '30m': [onHost()] },
    },
  },
});

/** 125,000,000 bytes a second: a link of 1 Gbit/s. */
const LINK = 125_000_000;
const device = { device: 'eth0' };
const bytes = (way: 'receive' | 'transmit', phases: Phases, target?: string): Series =>
  host(
    `node_network_${way}_bytes_total`,
    counter(phases, LINK * 60, (p) => p / 100),
    device,
    target,
  );

export const targetNetworkHigh = hostCases({
  alert: 'SoakTargetNetworkHigh',
  percent: 80,
  labels: device,
  use: (phases, target) => [
    host('node_network_speed_bytes', `${LINK}x60`, device, target),
    bytes('transmit', phases, target),
    bytes('receive', [[1, 60]], target),
  ],
  says: 'eth0 of the host of a target (chat, chat-host:9100) carries 90% of the capacity of its link; the limit is 80 %',
  more: {
    'what comes in counts as exactly': {
      series: [
        RUN,
        host('node_network_speed_bytes', `${LINK}x30`, device),
        bytes('transmit', [[1, 30]]),
        bytes('receive', [[80, 30]]),
        host('node_network_speed_bytes', `${LINK}x30`, device, 'more'),
        bytes('transmit', [[1, 30]], 'more'),
        bytes('receive', [[80.5, 30]], 'more'),
      ],
      at: { '9m': [], '16m': [onHost(device, 'more')], '30m': [onHost(device, 'more')] },
    },
    'what comes in fills a link, too': {
      series: [
        RUN,
        host('node_network_speed_bytes', `${LINK}x30`, device),
        bytes('transmit', [[1, 30]]),
        bytes('receive', [[90, 30]]),
      ],
      at: { '30m': [onHost(device)] },
    },
    'a link whose speed is not known is not watched': {
      series: [
        RUN,
        // What node_exporter gives for a network card of a virtual machine.
        host('node_network_speed_bytes', '-125000x30', device),
        bytes('transmit', [[99, 30]]),
        bytes('receive', [[99, 30]]),
        bytes('transmit', [[99, 30]], 'other'),
      ],
      silentUntil: '30m',
    },
  },
});
