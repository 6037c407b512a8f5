import { METRICS } from '../catalog/metrics.ts';
import type { Threshold } from '../core/threshold.ts';
import { burnGroups, type LimitGroup, type LimitSettings, limitGroups } from './limits.ts';
import { braces, indent, promNumber } from './promql.ts';
import type { Recordings } from './recordings.ts';

/** How rules find series that have no name of soakd's own. */
export interface Jobs {
  /** The job that scrapes soakd. */
  readonly soak: string;
  /** The job that scrapes node_exporter on the hosts of targets; a label `target` names the target. */
  readonly host: string;
}

interface Context {
  readonly recordings: Recordings;
  readonly settings: LimitSettings;
  readonly jobs: Jobs;
}

/** @returns when a threshold is crossed, in PromQL; `undefined` where it is off for all targets */
export function alertExpression(threshold: Threshold, context: Context): string | undefined {
  const groups =
    threshold.statistic === 'burn'
      ? burnGroups(threshold, context.settings)
      : limitGroups(threshold, context.settings);
  return groups.length === 0 ? undefined : EXPRESSIONS[threshold.metric](threshold, groups, context);
}

type Make = (threshold: Threshold, groups: readonly LimitGroup[], context: Context) => string;

const EXPRESSIONS: Readonly<Record<Threshold['metric'], Make>> = {
  success(threshold, groups, { recordings }) {
    const { windowMs, shortWindowMs, statistic, minCount } = threshold;
    const ratios = [windowMs, ...(shortWindowMs === undefined ? [] : [shortWindowMs])].map((ms) =>
      recordings.failedRatio(ms),
    );
    const crossed = any(groups, ({ matcher, limit }) => {
      const allowed = promNumber(statistic === 'burn' ? limit : 1 - limit);
      return ratios.map((ratio) => `${ratio}${braces(matcher)} > ${allowed}`).join(' and ');
    });
    return duringRun(recordings, crossed, `${recordings.finished(windowMs)} >= ${minCount}`);
  },

  ttfb(threshold, groups, { recordings }) {
    const { windowMs, statistic, minCount } = threshold;
    const { name } = METRICS.ttfb;
    const volume = `${recordings.observed(name, '', name, windowMs)} >= ${minCount}`;
    const crossed = any(groups, ({ matcher, limit }) => {
      if (statistic === 'mean') return over(recordings.mean(name, '', name, windowMs), matcher, limit / 1000);
      return over(recordings.ttfbOver(limit, windowMs), matcher, statistic === 'p95' ? 0.05 : 0.5);
    });
    return duringRun(recordings, crossed, volume);
  },

  duration({ windowMs, minCount }, groups, { recordings }) {
    const of = [METRICS.duration.name, 'result="success"', 'soak_stream_success_duration_seconds'] as const;
    const volume = `${recordings.observed(...of, windowMs)} >= ${minCount}`;
    const mean = recordings.mean(...of, windowMs);
    return duringRun(
      recordings,
      any(groups, ({ matcher, limit }) => over(mean, matcher, limit / 1000)),
      volume,
    );
  },

  stalled({ windowMs, minCount }, groups, { recordings }) {
    const ratio = recordings.stalledRatio(windowMs);
    return duringRun(
      recordings,
      any(groups, ({ matcher, limit }) => over(ratio, matcher, limit)),
      `${recordings.activeMean(windowMs)} >= ${minCount}`,
    );
  },

  active({ windowMs, statistic, op }, groups, { recordings }) {
    const crossed = any(groups, ({ matcher, limit }) => {
      const figure =
        statistic === 'mean'
          ? `${recordings.activeMean(windowMs)}${braces(matcher)}`
          : `max_over_time(${recordings.active()}${braces(matcher)}[${recordings.window(windowMs)}])`;
      return `${figure} ${op} ${promNumber(limit)}`;
    });
    return duringRun(recordings, crossed);
  },

  drift({ windowMs }, groups, { recordings }) {
    // Of each instance: one of the signals is its own memory.
    const window = recordings.window(windowMs);
    const crossed = any(
      groups,
      ({ matcher, limit }) => `min_over_time(soak_drift_per_hour${braces(matcher)}[${window}]) > ${limit}`,
    );
    return duringRun(recordings, crossed);
  },

  chunks({ windowMs }, _groups, { recordings }) {
    const window = recordings.window(windowMs);
    const active = METRICS.runActive.name;
    const desired = `max_over_time(${METRICS.desired.name}[${window}])`;
    const started = `increase(${METRICS.started.name}[${window}])`;
    // The last lines: a stage that wants no stream at all is no fault. Wanting is known of every target or of none.
    return [
      `min_over_time(${active}[${window}]) == 1`,
      `and ${active} offset ${window} == 1`,
      `unless on (job, instance) increase(${METRICS.chunks.name}[${window}]) > 0`,
      'unless on (job, instance) (',
      `  ${desired} == 0`,
      `  unless on (job, instance) (${desired} > 0 or ${started} > 0)`,
      ')',
    ].join('\n');
  },

  up(_threshold, _groups, { jobs }) {
    return `up{job="${jobs.soak}"} == 0\nor\nabsent(up{job="${jobs.soak}"})`;
  },

  saturation({ windowMs }, _groups, { recordings }) {
    return `max_over_time(soak_generator_saturated[${recordings.window(windowMs)}]) == 1`;
  },

  cpu({ windowMs }, groups, { recordings, jobs }) {
    const used = `rate(process_cpu_seconds_total{job="${jobs.soak}"}[${recordings.window(windowMs)}])`;
    return `${used}\n/\n(soak_process_cpu_limit_cores > 0)\n> ${limitOfAll(groups)}`;
  },

  memory({ windowMs }, groups, { recordings, jobs }) {
    const used = `max_over_time(process_resident_memory_bytes{job="${jobs.soak}"}[${recordings.window(windowMs)}])`;
    return `${used}\n/\n(soak_process_memory_limit_bytes > 0)\n> ${limitOfAll(groups)}`;
  },

  descriptors({ windowMs }, groups, { recordings, jobs }) {
    const used = `max_over_time(process_open_fds{job="${jobs.soak}"}[${recordings.window(windowMs)}])`;
    return `${used}\n/\n(process_max_fds{job="${jobs.soak}"} > 0)\n> ${limitOfAll(groups)}`;
  },

  schedule({ windowMs }, _groups, { recordings }) {
    const due = recordings.scheduleDue(windowMs);
    // The clocks that it is due and started by may differ a little.
    return `${due}\n-\nmax_over_time(${METRICS.scheduleSuccess.name}[${recordings.window(windowMs)}])\n> 30`;
  },

  always: () => 'vector(1)',

  'host-cpu'({ windowMs }, groups, { recordings, jobs }) {
    const window = recordings.window(windowMs);
    const crossed = any(groups, ({ matcher, limit }) => {
      // Over all modes and not over the number of cores: the counters of a host that has just appeared grow late.
      const spent = (...modes: string[]) => {
        const where = braces(`job="${jobs.host}"`, ...modes, matcher);
        return `sum without (cpu, mode) (rate(node_cpu_seconds_total${where}[${window}]))`;
      };
      return `1 - ${spent('mode=~"idle|iowait"')}\n/\n${spent()} > ${promNumber(limit)}`;
    });
    return duringAnyRun(recordings, crossed);
  },

  'host-memory'({ windowMs }, groups, { recordings, jobs }) {
    const window = recordings.window(windowMs);
    const crossed = any(groups, ({ matcher, limit }) => {
      const mean = (metric: string) =>
        `avg_over_time(${metric}${braces(`job="${jobs.host}"`, matcher)}[${window}])`;
      return `1 - ${mean('node_memory_MemAvailable_bytes')} / ${mean('node_memory_MemTotal_bytes')} > ${promNumber(limit)}`;
    });
    return duringAnyRun(recordings, crossed);
  },

  'host-network'({ windowMs }, groups, { recordings, jobs }) {
    const window = recordings.window(windowMs);
    // node_exporter gives a speed of -1 or none where it is not known, as in virtual machines.
    const crossed = any(groups, ({ matcher, limit }) => {
      const where = braces(`job="${jobs.host}"`, matcher);
      const share = (way: string) =>
        `rate(node_network_${way}_bytes_total${where}[${window}]) / (node_network_speed_bytes${where} > 0) > ${promNumber(limit)}`;
      return `${share('transmit')}\nor\n${share('receive')}`;
    });
    return duringAnyRun(recordings, crossed);
  },
};

function over(series: string, matcher: string, limit: number): string {
  return `${series}${braces(matcher)} > ${promNumber(limit)}`;
}

/** One comparison for each limit that is in use. */
function any(groups: readonly LimitGroup[], line: (group: LimitGroup) => string): string {
  return groups.map(line).join('\nor\n');
}

/**
 * A run is active on any instance of the job.
 * @param volume what must hold besides, of the same target
 */
function duringRun(recordings: Recordings, crossed: string, volume?: string): string {
  const lines = [`(\n${indent(crossed)}\n)`];
  if (volume !== undefined) lines.push(`and ${volume}`);
  lines.push(`and on (job) ${recordings.runActive()} == 1`);
  return lines.join('\n');
}

/** The series are of another job. */
function duringAnyRun(recordings: Recordings, crossed: string): string {
  return `(\n${indent(crossed)}\n)\nand on () ${recordings.runActive()} == 1`;
}

/** The limit of a threshold that is not of single targets. */
function limitOfAll(groups: readonly LimitGroup[]): string {
  return promNumber(groups[0]!.limit);
}
