import type { AlertSuite, Firing, Series } from '../case.ts';
import { instanceSeries, onInstance, runActive, targetSeries, up } from '../series.ts';
import { always, type Course, counterText, gaugeText, increments, levels } from './course.ts';
import { edgeCase, firingAt } from './wait.ts';

/** 15 s, as the groups are evaluated; a minute has four ticks. */
const TICK_S = 15;
const MINUTE = 4;
const TICKS = 140;

/** An instance by itself: its series, and from which tick to which the condition of the alert holds, both included. */
interface Experiment {
  readonly labels: Firing;
  readonly series: readonly Series[];
  readonly holds: readonly (readonly [from: number, to: number])[];
}

function suite(waitMinutes: number, experiments: readonly Experiment[], common: readonly Series[] = []) {
  const expected = experiments.map(({ labels, holds }) => {
    const held = Array.from({ length: TICKS + 1 }, (_, tick) =>
      holds.some(([from, to]) => from <= tick && tick <= to),
    );
    return { labels, firing: firingAt(held, { wait: waitMinutes * MINUTE }) };
  });
  const series = [...common, ...experiments.flatMap((one) => one.series)];
  const every = `${TICK_S}s`;
  return {
    edges: { every, sampled: every, tests: { 'each edge by itself': edgeCase(series, expected, TICK_S) } },
  };
}

const gauge = (course: Course) => gaugeText(levels(course, TICKS));
const counter = (course: Course) => counterText(increments(course, TICKS));
/** One value from the first tick to the last one, both included, and another before and after. */
const between = (from: number, to: number, value: number, other: number): Course => [
  [other, from],
  [value, to - from + 1],
  [other, 1],
];
const FULL = gaugeText(levels(always(1), TICKS));

function driftEdges() {
  const climbs = (unit: string, name: string, job = 'soak'): Experiment['series'] => [
    {
      name: `soak_drift_${unit}_per_hour`,
      labels: { job, instance: name, target: 'chat', signal: unit },
      values: gauge(between(10, 110, 0.001, 0)),
    },
  ];
  const labels = (signal: string, instance: string, job = 'soak'): Firing => ({
    ...onInstance('warning', instance, { target: 'chat', signal }),
    job,
  });
  const run = (name: string, active: Course, holds: Experiment['holds']): Experiment => {
    const job = `soak, ${name}`;
    return {
      labels: labels('seconds', name, job),
      series: [
        ...climbs('seconds', name, job),
        { ...runActive(gauge(active)), labels: { job, instance: name } },
      ],
      holds,
    };
  };
  // The last 0 before it is that of tick 9: 10m, which are 40 ticks, later the window holds no other.
  return suite(
    5,
    [
      ...['seconds', 'ratio', 'bytes'].map((unit) => ({
        labels: labels(unit, unit),
        series: climbs(unit, unit),
        holds: [[50, 110]] as const,
      })),
      run(
        'a run begins',
        [
          [0, 60],
          [1, 1],
        ],
        [[60, 110]],
      ),
      run(
        'a run ends',
        [
          [1, 80],
          [0, 1],
        ],
        [[50, 83]],
      ),
      run('no run of this job', always(0), []),
    ],
    [runActive(FULL)],
  );
}

function peakEdges(metric: string, limitMetric: string, limit: number) {
  const name = 'high for a while';
  // The window of 5m, which are 20 ticks, still holds it after its end.
  return suite(10, [
    {
      labels: onInstance('warning', name),
      series: [
        instanceSeries(metric, gauge(between(10, 70, 0.95 * limit, 0.3 * limit)), { instance: name }),
        instanceSeries(limitMetric, gauge(always(limit)), { instance: name }),
      ],
      holds: [[10, 90]],
    },
  ]);
}

const HOST_JOB = 'soak-target-host';
/** For all hosts: a run is active on any instance. */
const HOST_RUN = runActive(gauge(between(3, 120, 1, 0)));
const LAST_OF_RUN = 124;

function host(
  instance: string,
  metrics: Readonly<Record<string, string>>,
  more: Firing = {},
): Experiment['series'] {
  return Object.entries(metrics).map(([key, values]) => {
    const [name = '', mode] = key.split(' ');
    const labels = { job: HOST_JOB, instance, ...more, ...(mode === undefined ? {} : { mode, cpu: '0' }) };
    return { name, labels, values };
  });
}

const onHost = (instance: string, more: Firing = {}): Firing => ({
  job: HOST_JOB,
  severity: 'warning',
  instance,
  ...more,
});

function hostCpuEdges() {
  const cpu = (name: string, idle: Course, user: Course, holds: Experiment['holds']): Experiment => ({
    labels: onHost(name),
    series: host(name, {
      'node_cpu_seconds_total idle': counter(idle),
      'node_cpu_seconds_total user': counter(user),
    }),
    holds,
  });
  return suite(
    10,
    [
      cpu('busy throughout', always(1.5), always(13.5), [[3, LAST_OF_RUN]]),
      // 15 of 20 ticks at 100 %, the others at 30 %, are above 80 %.
      cpu(
        'busy for a while',
        [
          [10.5, 40],
          [0, 55],
          [10.5, 1],
        ],
        [
          [4.5, 40],
          [15, 55],
          [4.5, 1],
        ],
        [[55, 100]],
      ),
      // A virtual machine that stands still uses no time at all.
      cpu(
        'paused',
        [
          [2, 40],
          [0, 10],
          [2, 1],
        ],
        [
          [13, 40],
          [0, 10],
          [13, 1],
        ],
        [[3, LAST_OF_RUN]],
      ),
    ],
    [HOST_RUN],
  );
}

function hostMemoryEdges() {
  const memory = (
    name: string,
    available: Course,
    total: Course,
    holds: Experiment['holds'],
  ): Experiment => ({
    labels: onHost(name),
    series: host(name, {
      node_memory_MemAvailable_bytes: gauge(available),
      node_memory_MemTotal_bytes: gauge(total),
    }),
    holds,
  });
  return suite(
    10,
    [
      memory('full throughout', always(10), always(100), [[3, LAST_OF_RUN]]),
      // 10 of 66.7 are 15 %: up to 17 of 21 samples may be those of the smaller memory.
      memory(
        'memory taken away',
        always(10),
        [
          [100, 60],
          [60, 1],
        ],
        [[3, 76]],
      ),
      // 12 of 21 samples with 5 and 9 with 30 free are 15.7 %, 13 are 14.5 %.
      memory('full for a while', between(40, 90, 5, 30), always(100), [[52, 98]]),
    ],
    [HOST_RUN],
  );
}

function hostNetworkEdges() {
  const device = { device: 'eth0' };
  const network = (
    name: string,
    [transmit, receive, speed]: readonly [Course, Course, number],
    holds: Experiment['holds'],
  ): Experiment => ({
    labels: onHost(name, device),
    series: host(
      name,
      {
        node_network_transmit_bytes_total: counter(transmit),
        node_network_receive_bytes_total: counter(receive),
        node_network_speed_bytes: gauge(always(speed)),
      },
      device,
    ),
    holds,
  });
  // 100 bytes a second are 1500 at each tick; 15 of 20 ticks at 100 %, the others at 30 %, are above 80 %.
  const aWhile: Course = [
    [450, 40],
    [1500, 55],
    [450, 1],
  ];
  return suite(
    10,
    [
      // A rate over 5m: of a counter that starts, 18 of 20 ticks at 93 % are above 80 %.
      network('full throughout', [always(1400), always(1), 100], [[18, LAST_OF_RUN]]),
      network('sends for a while', [aWhile, always(1), 100], [[55, 100]]),
      network('receives for a while', [always(1), aWhile, 100], [[55, 100]]),
      network('a link that is down', [always(1400), always(1400), 0], []),
    ],
    [HOST_RUN],
  );
}

function downEdges() {
  return suite(
    2,
    [
      {
        labels: onInstance('critical', 'away for a while'),
        series: [up(gauge(between(10, 30, 0, 1)), { instance: 'away for a while' })],
        holds: [[10, 30]],
      },
    ],
    [up(FULL)],
  );
}

function saturatedEdges() {
  const name = 'saturated for a while';
  return suite(5, [
    {
      labels: onInstance('warning', name),
      series: [instanceSeries('soak_generator_saturated', gauge(between(10, 40, 1, 0)), { instance: name })],
      holds: [[10, 44]],
    },
  ]);
}

interface Stage {
  readonly target?: string;
  readonly desired: Course;
  readonly started?: Course;
}

function progressEdges() {
  const instance = (
    name: string,
    { chunks = always(0), active = always(1) }: { readonly chunks?: Course; readonly active?: Course },
    stages: readonly Stage[],
    holds: Experiment['holds'],
  ): Experiment => ({
    labels: onInstance('critical', name),
    series: [
      runActive(gauge(active), { instance: name }),
      targetSeries('soak_chunks_received_total', counter(chunks), { instance: name }),
      ...stages.flatMap(({ target = 'chat', desired, started = always(0) }) => [
        targetSeries('soak_streams_desired', gauge(desired), { instance: name, target }),
        targetSeries('soak_streams_started_total', counter(started), { instance: name, target }),
      ]),
    ],
    holds,
  });
  const wanted = { desired: always(100) };
  // Wanted up to tick 60.
  const atFirst: Course = [
    [100, 61],
    [0, 1],
  ];
  return suite(2, [
    // The last chunk comes at tick 50, the next one at tick 120.
    instance(
      'chunks stop for a while',
      {
        chunks: [
          [5, 50],
          [0, 69],
          [5, 1],
        ],
      },
      [wanted],
      [[90, 119]],
    ),
    instance(
      'a run that pauses',
      {
        active: [
          [1, 50],
          [0, 1],
          [1, 1],
        ],
      },
      [wanted],
      [
        [40, 49],
        [91, TICKS],
      ],
    ),
    instance('nothing wanted', {}, [{ desired: always(0) }], []),
    instance('wanted at first', {}, [{ desired: atFirst }], [[40, 100]]),
    instance(
      'one of two targets wanted at first',
      {},
      [{ desired: always(0) }, { desired: atFirst, target: 'other' }],
      [[40, 100]],
    ),
    instance(
      'started at first',
      {},
      [
        {
          desired: always(0),
          started: [
            [1, 60],
            [0, 1],
          ],
        },
      ],
      [[40, 99]],
    ),
  ]);
}

/** Due at 10m, and known to be due a minute before. Its group is evaluated every minute. */
function scheduleEdges(): Edges {
  const labels = { schedule: 'night' };
  const of = (name: string, values: string): Series => ({
    name: `soak_schedule_${name}_timestamp_seconds`,
    labels: { job: 'soak', instance: 'a', ...labels },
    values,
  });
  const missed = onInstance('warning', 'a', labels);
  const series = [of('next', '600x9 4200x20'), of('last_success', '0x30')];
  const tests = { 'fires after 5m': { series, at: { '13m': [], '14m': [missed] } } };
  return { edges: { every: '1m', sampled: '1m', tests } };
}

type Edges = Readonly<Record<string, Pick<AlertSuite, 'tests' | 'every' | 'sampled'>>>;

/** Edges of the rules about instances of soakd and hosts, by alert. */
export const INSTANCE_EDGES: Readonly<Record<string, Edges>> = {
  SoakDrift: driftEdges(),
  SoakDown: downEdges(),
  SoakNotMakingProgress: progressEdges(),
  SoakGeneratorSaturated: saturatedEdges(),
  SoakProcessMemoryHigh: peakEdges('process_resident_memory_bytes', 'soak_process_memory_limit_bytes', 1e9),
  SoakFileDescriptorsHigh: peakEdges('process_open_fds', 'process_max_fds', 1e4),
  SoakScheduleMissed: scheduleEdges(),
  SoakTargetCpuHigh: hostCpuEdges(),
  SoakTargetMemoryHigh: hostMemoryEdges(),
  SoakTargetNetworkHigh: hostNetworkEdges(),
};
