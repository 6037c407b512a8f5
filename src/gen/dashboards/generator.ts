import { METRICS as M } from '../../catalog/metrics.ts';
import type { LimitSettings } from '../limits.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { max, ofSoakd, quantile, rate, SERVICE, series, sum } from './expressions.ts';
import type { DashboardSpec } from './frame.ts';
import { historyBands, lagBands, serviceBands, useBands } from './generator-bands.ts';
import { advice, limitColours } from './limit-lines.ts';
import type { StatSpec, Step } from './panel-spec.ts';

const NEUTRAL: readonly Step[] = [{ value: null, colour: 'blue' }];
const BAD_FROM_ONE: readonly Step[] = [
  { value: null, colour: 'green' },
  { value: 1, colour: 'red' },
];

/** Returns the dashboard on generator health: whether the other dashboards show the targets, or soakd itself. */
export function generator(options: DashboardOptions): DashboardSpec {
  return {
    uid: 'soak-generator',
    title: 'soak generator',
    description: 'Generator health: whether soakd itself distorts what the other dashboards show.',
    targets: 'hidden',
    sections: [
      { heading: 'Generator health', bands: [{ height: 4, panels: verdict(options.settings) }] },
      { heading: 'Lag and losses', bands: lagBands() },
      { heading: 'Resources', bands: useBands(options.settings) },
      { heading: 'Service', bands: serviceBands() },
      { heading: 'History of runs', bands: historyBands() },
    ],
  };
}

function stat(title: string, unit: string, expr: string, description: string, colours = NEUTRAL): StatSpec {
  return {
    kind: 'stat',
    title,
    unit,
    description,
    colours,
    queries: [{ expr, legend: title.toLowerCase() }],
  };
}

function share(title: string, expr: string, description: string, colours: readonly Step[]): StatSpec {
  return { ...stat(title, 'percentunit', max(expr), description, colours), decimals: 1 };
}

function verdict(settings: LimitSettings): StatSpec[] {
  const { name: finished } = M.finished;
  return [
    {
      ...stat(
        'Saturated',
        'none',
        max(series(M.saturated.name, SERVICE)),
        `Whether the lag of soakd makes its timings unreliable. ${advice('SoakGeneratorSaturated')}`,
        BAD_FROM_ONE,
      ),
      texts: [
        { value: 0, text: 'no', colour: 'green' },
        { value: 1, text: 'yes', colour: 'red' },
      ],
    },
    stat(
      'Instances',
      'none',
      `count(${ofSoakd(`${series('up', SERVICE)} == 1`)}) or vector(0)`,
      'Instances of soakd that Prometheus can scrape. What to do where one is missing: see Status → Targets in Prometheus for why, and the section SoakDown in docs/alerts.md.',
      [
        { value: null, colour: 'red' },
        { value: 1, colour: 'green' },
      ],
    ),
    stat(
      'Measurement lag p99',
      's',
      quantile(0.99, M.measurementLag.name, SERVICE),
      'How late soakd reads a chunk: the measurement error of every timing. What to do where it is not far below the timings that you look at: lower the load, or add workers or instances.',
    ),
    stat(
      'Schedule lag p99',
      's',
      quantile(0.99, M.scheduleLag.name, SERVICE),
      'How late streams start, over the last five minutes. All causes are in soakd. What to do where it is above some tens of milliseconds: lower the load, or add workers or instances.',
    ),
    stat(
      'Loop delay p99',
      's',
      quantile(0.99, M.eventLoopDelay.name, SERVICE),
      'How late timers of engine threads fire, over the last five minutes: each timing may be too long by about as much. What to do where it is above some tens of milliseconds: lower the load, or add workers or instances.',
    ),
    share(
      'CPU',
      `${rate('process_cpu_seconds_total', SERVICE)} / ${series(M.cpuLimit.name, SERVICE)}`,
      `Share of the CPU that soakd may use, over the last five minutes; the highest of all instances. ${advice('SoakProcessCpuHigh')}`,
      limitColours(['process-cpu'], settings),
    ),
    share(
      'Memory',
      `${series('process_resident_memory_bytes', SERVICE)} / ${series(M.memoryLimit.name, SERVICE)}`,
      `Share of the memory that soakd may use; the highest of all instances. ${advice('SoakProcessMemoryHigh')}`,
      limitColours(['process-memory'], settings),
    ),
    {
      ...stat(
        'Lost streams',
        'short',
        sum(`increase(${series(finished, SERVICE, 'result="lost"')}[$__rate_interval])`),
        'Streams of the last five minutes that soakd itself lost: no descriptor or port was left, or a worker died. They are outside of every ratio. What to do: see descriptors below, and the log.',
        BAD_FROM_ONE,
      ),
      decimals: 0,
    },
    {
      ...stat(
        'Dropped starts',
        'short',
        sum(`increase(${series(M.dropped.name, SERVICE)}[$__rate_interval])`),
        'Starts of the last five minutes that were due while no virtual user was free: the load is lower than planned. What to do: raise maxUsers, or lower the rate.',
        [
          { value: null, colour: 'green' },
          { value: 1, colour: 'orange' },
        ],
      ),
      decimals: 0,
    },
  ];
}
