import { METRICS } from '../../catalog/metrics.ts';
import { promDuration, promNumber } from '../../promql/promql.ts';
import { limitOfAll } from './expressions.ts';
import type { Measure } from './measure.ts';

/** Measures of soakd itself, evaluated by Prometheus. */
export const SERVICE_MEASURES: readonly Measure[] = [
  {
    name: 'chunks',
    counted: 'chunks',
    noun: ({ windowMs }) =>
      `a run has been active for the last ${promDuration(windowMs)} and no chunk has arrived`,
    promql({ windowMs }, _groups, { recordings }) {
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
  },
  {
    name: 'up',
    counted: 'scrapes',
    noun: () => 'Prometheus cannot scrape soakd, or knows no target of this job',
    promql: (_ask, _groups, { jobs }) => `up{job="${jobs.soak}"} == 0\nor\nabsent(up{job="${jobs.soak}"})`,
  },
  {
    name: 'saturation',
    counted: 'windows',
    noun: () => 'the generator cannot keep up',
    promql: ({ windowMs }, _groups, { recordings }) =>
      `max_over_time(soak_generator_saturated[${recordings.window(windowMs)}]) == 1`,
  },
  {
    name: 'cpu',
    counted: 'samples',
    noun: () => 'share of the CPU limit in use',
    promql({ windowMs }, groups, { recordings, jobs }) {
      const used = `rate(process_cpu_seconds_total{job="${jobs.soak}"}[${recordings.window(windowMs)}])`;
      return `${used}\n/\n(soak_process_cpu_limit_cores > 0)\n> ${limitOfAll(groups)}`;
    },
  },
  {
    name: 'memory',
    counted: 'samples',
    noun: () => 'share of the memory limit in use',
    promql({ windowMs }, groups, { recordings, jobs }) {
      const used = `max_over_time(process_resident_memory_bytes{job="${jobs.soak}"}[${recordings.window(windowMs)}])`;
      return `${used}\n/\n(soak_process_memory_limit_bytes > 0)\n> ${limitOfAll(groups)}`;
    },
  },
  {
    name: 'descriptors',
    counted: 'samples',
    noun: () => 'share of the file descriptors in use',
    promql({ windowMs }, groups, { recordings, jobs }) {
      const used = `max_over_time(process_open_fds{job="${jobs.soak}"}[${recordings.window(windowMs)}])`;
      return `${used}\n/\n(process_max_fds{job="${jobs.soak}"} > 0)\n> ${limitOfAll(groups)}`;
    },
  },
  {
    name: 'schedule',
    counted: 'schedules',
    noun: ({ windowMs }) =>
      `a schedule was due in the last ${promDuration(windowMs)} and has started nothing since`,
    promql({ windowMs }, _groups, { recordings }) {
      const due = recordings.scheduleDue(windowMs);
      // A schedule of every minute has started at its last time while the next one is seen.
      const ahead = promNumber(recordings.scheduleAheadS);
      return `${due}\n-\nmax_over_time(${METRICS.scheduleSuccess.name}[${recordings.window(windowMs)}])\n> ${ahead}`;
    },
  },
  {
    name: 'history',
    counted: 'writes',
    noun: ({ windowMs }) => `writes to the history failed in the last ${promDuration(windowMs)}`,
    promql: ({ windowMs }, _groups, { recordings }) =>
      `increase(${METRICS.historyWriteFailures.name}[${recordings.window(windowMs)}]) > 0`,
  },
  { name: 'always', counted: '', noun: () => 'always', promql: () => 'vector(1)' },
];
