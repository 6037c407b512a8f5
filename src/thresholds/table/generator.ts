import { DAY_MS, MINUTE_MS } from '../../core/clock.ts';
import type { AlertText, Threshold } from '../threshold.ts';

const ofService = { perTarget: false, verdict: false, minCount: 0 } as const;

/** soakd itself. */
export const GENERATOR_THRESHOLDS: readonly Threshold[] = [
  {
    ...ofService,
    id: 'down',
    alert: 'SoakDown',
    metric: 'up',
    statistic: 'state',
    op: '<',
    limit: 1,
    unit: 'state',
    windowMs: 0,
    forMs: 2 * MINUTE_MS,
    severity: 'critical',
    summary: 'Prometheus gets no metrics from soakd{{ with $labels.instance }} {{ . }}{{ end }}',
  },
  {
    ...ofService,
    id: 'no-progress',
    alert: 'SoakNotMakingProgress',
    metric: 'chunks',
    statistic: 'increase',
    op: '<',
    limit: 1,
    unit: 'state',
    windowMs: 10 * MINUTE_MS,
    forMs: 2 * MINUTE_MS,
    severity: 'critical',
    summary: 'A run is active on {{ $labels.instance }}, and not one chunk arrived in {window}',
  },
  {
    ...ofService,
    id: 'generator-saturated',
    alert: 'SoakGeneratorSaturated',
    metric: 'saturation',
    statistic: 'state',
    op: '>=',
    limit: 1,
    unit: 'state',
    windowMs: MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    summary: 'The generator {{ $labels.instance }} cannot keep up: its own lag makes the timings unreliable',
  },
  {
    ...ofService,
    id: 'process-cpu',
    alert: 'SoakProcessCpuHigh',
    metric: 'cpu',
    statistic: 'share',
    op: '>',
    limit: 0.8,
    unit: 'ratio',
    windowMs: 5 * MINUTE_MS,
    forMs: 10 * MINUTE_MS,
    severity: 'warning',
    summary:
      'soakd {{ $labels.instance }} uses {{ $value | humanizePercentage }} of the CPU that it may use; the limit is {limit}',
  },
  {
    ...ofService,
    id: 'process-memory',
    alert: 'SoakProcessMemoryHigh',
    metric: 'memory',
    statistic: 'share',
    op: '>',
    limit: 0.85,
    unit: 'ratio',
    windowMs: 5 * MINUTE_MS,
    forMs: 10 * MINUTE_MS,
    severity: 'warning',
    summary:
      'soakd {{ $labels.instance }} uses {{ $value | humanizePercentage }} of the memory that it may use; the limit is {limit}',
  },
  {
    ...ofService,
    id: 'file-descriptors',
    alert: 'SoakFileDescriptorsHigh',
    metric: 'descriptors',
    statistic: 'share',
    op: '>',
    limit: 0.8,
    unit: 'ratio',
    windowMs: 5 * MINUTE_MS,
    forMs: 10 * MINUTE_MS,
    severity: 'warning',
    summary:
      'soakd {{ $labels.instance }} uses {{ $value | humanizePercentage }} of the file descriptors that it may open; the limit is {limit}',
  },
  {
    ...ofService,
    id: 'schedule-missed',
    alert: 'SoakScheduleMissed',
    metric: 'schedule',
    statistic: 'state',
    op: '>=',
    limit: 1,
    unit: 'state',
    // How far back a time at which a schedule was due is looked for.
    windowMs: DAY_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    summary:
      'The schedule {{ $labels.schedule }} of {{ $labels.instance }} was due and has not started its scenario',
  },
  {
    ...ofService,
    id: 'history-failing',
    alert: 'SoakHistoryFailing',
    metric: 'history',
    statistic: 'increase',
    op: '>=',
    limit: 1,
    unit: 'state',
    // Each attempt waits up to 5 s for a lock and a second for the next: a window has several while writes fail.
    windowMs: MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    summary: 'soakd {{ $labels.instance }} cannot write its history of runs',
  },
  {
    ...ofService,
    id: 'watchdog',
    alert: 'Watchdog',
    metric: 'always',
    statistic: 'state',
    op: '>=',
    limit: 1,
    unit: 'state',
    windowMs: 0,
    forMs: 0,
    severity: 'none',
    summary: 'Alerting works',
  },
];

export const GENERATOR_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakDown: {
    meaning:
      'Prometheus gets no metrics from soakd, or has no target for this job. Without metrics, the other alerts about soakd mean nothing.',
    action: 'Check whether soakd runs and listens where Prometheus scrapes it; start it again.',
    causes: [
      'soakd has ended, was killed (memory), or is restarting',
      'soakd listens on an address or port that differs from the scrape configuration',
      'the machine is so busy that a scrape takes longer than `scrape_timeout`',
    ],
    investigate: [
      'Status → Targets in Prometheus: the error of the last scrape',
      '`GET /-/healthy` of soakd on its own machine, and its log',
      'the log of the kernel, for a process killed for its memory',
    ],
  },
  SoakNotMakingProgress: {
    meaning:
      'A run is active, but no target sends any data. All targets are down or refuse every stream, or the generator hangs. The run measures nothing.',
    action:
      'Try a target by hand with `soakd probe`. If the stream succeeds, the generator hangs: save its log, then restart it. If not, look at the target.',
    causes: [
      'all targets are down, or the network to the targets is down',
      'every stream is refused before its body begins (401, 503, wrong content type)',
      'the generator itself hangs',
    ],
    investigate: [
      '`soak_streams_active` by phase: if all streams are connecting or waiting, the targets are the likely cause',
      '`increase(soak_streams_started_total[10m])`: if no stream started, the generator is the likely cause',
      'SoakSuccessRateLow, and `GET /api/v1/failures`',
    ],
  },
  SoakGeneratorSaturated: {
    meaning:
      'The measurement lag of soakd is too large: timings show the delay of the generator instead of the targets. Alerts about targets exclude the timings of this instance while this lasts and for 5 minutes after. In a run, a threshold on a timing is inconclusive if the lag could change its result. Success rates still count.',
    action:
      'Lower the load of this instance, give it more CPU or workers, or spread the load over more instances.',
    causes: [
      'more streams or chunks than the cores of this instance can read',
      'other work on the same machine, such as the target',
      'a CPU limit of the container',
    ],
    investigate: [
      '`soak_measurement_lag_seconds`, `soak_event_loop_delay_seconds`, `soak_schedule_lag_seconds`',
      'SoakProcessCpuHigh; `nodejs_gc_duration_seconds`',
    ],
  },
  SoakProcessCpuHigh: {
    meaning:
      'soakd is close to its CPU limit. At the limit, timings show the delay of the generator instead of the targets.',
    action: 'Act as for SoakGeneratorSaturated, before that alert fires.',
    causes: ['more load than this machine can generate', 'a CPU limit of the container that is too low'],
    investigate: [
      '`rate(process_cpu_seconds_total{job="soak"}[5m])` beside `soak_process_cpu_limit_cores`',
      '`soak_event_loop_delay_seconds`: does soakd keep up?',
    ],
  },
  SoakProcessMemoryHigh: {
    meaning:
      'soakd is close to its memory limit. At the limit, the kernel kills soakd, and all open streams are lost.',
    action:
      'Raise the limit, or lower the number of streams. If memory grows at a steady load, report a bug.',
    causes: ['more open streams than fit into the memory limit', 'a leak'],
    investigate: [
      '`process_resident_memory_bytes{job="soak"}` beside `soak_process_memory_limit_bytes` and `soak_streams_active`',
      '`nodejs_heap_size_used_bytes`, `nodejs_external_memory_bytes`: which part grows?',
    ],
  },
  SoakFileDescriptorsHigh: {
    meaning:
      'soakd is running out of file descriptors. Without HTTP/2, each stream needs one; a stream that gets none ends as `generator_lost`.',
    action: 'Raise the limit (`ulimit -n`, `LimitNOFILE=`) and restart soakd, or lower the load.',
    causes: ['more streams than the limit allows', 'connections that are not closed'],
    investigate: [
      '`process_open_fds{job="soak"}` beside `soak_streams_active`: clearly more than one for each virtual user (two with the built-in simulator) suggests a leak',
      '`soak_streams_finished_total{outcome="generator_lost"}`',
    ],
  },
  SoakScheduleMissed: {
    meaning:
      'A schedule was due within the last day and has not started its scenario since. An expected soak is missing.',
    action: 'Find out why the schedule was skipped; start the scenario by hand if you need its results.',
    causes: [
      'another run was active at that time',
      'the scenario could not start: a target that is not allowed, a secret that is missing',
      'soakd hung or was restarting',
    ],
    investigate: [
      'the log of soakd at the due time',
      '`soak_schedule_skipped_total`, `soak_schedule_last_success_timestamp_seconds`',
      '`soak_run_active` at that time',
    ],
  },
  SoakHistoryFailing: {
    meaning:
      'soakd has been unable to write its history for minutes. Runs continue, and soakd tries again every second. Until a write succeeds, no new window, event or state is kept: if soakd ends now, the active run resumes from its last kept state at best, and counters fall back to their last kept values.',
    action:
      'Free disk space or make the data folder writable again; soakd then continues by itself, without a restart.',
    causes: [
      'the disk is full, read-only or does not answer',
      'the data folder was removed or replaced, or belongs to another user now',
      'another program holds a lock on `history.db`',
      'the database is damaged',
    ],
    investigate: [
      '`history.failing` of `GET /api/v1/status`, and `history cannot be written` in the log: the error of the last attempt',
      '`df` and `ls -ld` of the path in `history.path` of `GET /api/v1/status`; `soakd doctor --config FILE` checks the folder and the database',
      '`soak_history_size_bytes`: does the history itself fill the disk? `history.maxSize` limits it',
    ],
  },
  Watchdog: {
    meaning: 'This alert always fires. If it stops arriving, alerting itself is broken.',
    action: 'Nothing while it arrives. Use a service outside of Prometheus that notifies you when it stops.',
    causes: ['this is normal'],
    investigate: ['when it is missing: Prometheus, Alertmanager, and the way from there to you'],
  },
};
