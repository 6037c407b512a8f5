import { counter, gauge, histogram, type MetricInfo } from '../core/metric-info.ts';
import { SHORT } from '../measures/buckets.ts';
import { SHARE_METRICS, TIMING_METRICS } from '../measures/list.ts';

/** Every metric of soakd's own, by the name the code uses. The only place where their names stand. */
export const METRICS = {
  buildInfo: gauge(
    'soak_build_info',
    'Always 1; the labels say what is running.',
    'version',
    'revision',
    'node_version',
  ),
  runActive: gauge('soak_run_active', '1 while load is expected: 0 when idle, paused or draining.'),
  runInfo: gauge('soak_run_info', 'Always 1; the labels name the present or last run.', 'scenario', 'run'),
  runStart: gauge(
    'soak_run_start_timestamp_seconds',
    'When the present or last run started; 0 before the first.',
  ),
  runEnd: gauge(
    'soak_run_end_timestamp_seconds',
    'When the last run ended; 0 while one is active and before the first.',
  ),
  runPlannedEnd: gauge(
    'soak_run_planned_end_timestamp_seconds',
    'When the present or last run was to stop starting streams; 0 before the first.',
  ),
  runs: counter('soak_runs_total', 'Runs that ended, by verdict.', 'verdict'),
  desired: gauge(
    'soak_streams_desired',
    'Streams the scenario wants open now; in the open model, those that are open.',
    'target',
  ),
  active: gauge('soak_streams_active', 'Streams that are open, by phase.', 'target', 'phase'),
  stalled: gauge(
    'soak_streams_stalled',
    'Open streams without a byte for longer than the stall limit.',
    'target',
  ),
  silence: gauge(
    'soak_stream_silence_seconds_max',
    'Longest time without a byte among the streams that are open now.',
    'target',
  ),
  started: counter('soak_streams_started_total', 'Streams started.', 'target'),
  dropped: counter(
    'soak_streams_dropped_total',
    'Streams that were due and not started: no virtual user was free, or the generator was behind.',
    'target',
  ),
  delivered: gauge(
    'soak_load_delivered_ratio',
    'Share of the load due by now that the current run brought: starts made of those due by target, or user time in total; 1 without a run.',
    'target',
  ),
  downSeconds: counter(
    'soak_target_down_seconds_total',
    'Seconds of runs in which streams of the target failed, none succeeded and no content arrived.',
    'target',
  ),
  finished: counter(
    'soak_streams_finished_total',
    'Streams that ended, by result and outcome.',
    'target',
    'result',
    'outcome',
  ),
  responses: counter('soak_responses_total', 'Responses by status code.', 'target', 'code'),
  ...TIMING_METRICS,
  chunks: counter(
    'soak_chunks_received_total',
    'Chunks: events with data, or reads of a raw body.',
    'target',
  ),
  reads: counter('soak_reads_total', 'Reads of a socket that held bytes of a body.', 'target'),
  bytes: counter('soak_received_bytes_total', 'Bytes of bodies after transfer decoding.', 'target'),
  characters: counter('soak_content_characters_total', 'Unicode code points of content.', 'target'),
  keepalives: counter('soak_keepalives_received_total', 'Comments that only keep a stream open.', 'target'),
  finishReasons: counter(
    'soak_finish_reasons_total',
    'Finish reasons that targets gave, one for each choice, by class.',
    'target',
    'reason',
  ),
  inputTokens: counter('soak_input_tokens_total', 'Input tokens, as the targets report them.', 'target'),
  outputTokens: counter('soak_output_tokens_total', 'Output tokens, as the targets report them.', 'target'),
  ...SHARE_METRICS,
  trailing: counter(
    'soak_trailing_events_total',
    'Events or lines without content after the terminal one of their stream; they are tolerated.',
    'target',
  ),
  backoff: counter(
    'soak_backoff_seconds_total',
    'Time that virtual users waited on purpose after failed streams, and as long as Retry-After asked.',
    'target',
  ),
  scheduleLag: histogram(
    'soak_schedule_lag_seconds',
    'From the moment a stream was due to the moment its start was attempted.',
    SHORT,
  ),
  eventLoopDelay: histogram(
    'soak_event_loop_delay_seconds',
    'How late a timer of an engine thread fired.',
    SHORT,
  ),
  measurementLag: histogram(
    'soak_measurement_lag_seconds',
    'How late engine threads saw a chunk that was there: what TTFB and gaps are wrong by, as the canary tells.',
    SHORT,
  ),
  saturated: gauge('soak_generator_saturated', '1 while the lag of the generator itself voids the timings.'),
  unreliableWindows: counter(
    'soak_unreliable_windows_total',
    'Windows of 5 s whose timings are not to be trusted: lag over the limit, or a canary that failed.',
  ),
  workerRestarts: counter(
    'soak_worker_restarts_total',
    'Engine threads that died in a run and were replaced; their open streams are generator_lost.',
  ),
  tokenRefreshes: counter(
    'soak_token_refreshes_total',
    'Times that the bearer token of a target was read or made anew in a run.',
    'target',
  ),
  tokenRefreshFailures: counter(
    'soak_token_refresh_failures_total',
    'Times that it could not be, and the old one stayed.',
    'target',
  ),
  scheduleNext: gauge('soak_schedule_next_timestamp_seconds', 'When a schedule is due next.', 'schedule'),
  scheduleSuccess: gauge(
    'soak_schedule_last_success_timestamp_seconds',
    'When a schedule last started its scenario; 0 before the first time.',
    'schedule',
  ),
  scheduleSkipped: counter(
    'soak_schedule_skipped_total',
    'Times at which a schedule started nothing: a run was active, or soakd stood still.',
    'schedule',
  ),
  thresholdState: gauge(
    'soak_threshold_state',
    'What the service itself says of a threshold: 0 ok, 1 crossed, 2 inconclusive, 3 no data.',
    'threshold',
    'target',
  ),
  errorBudget: gauge(
    'soak_error_budget_remaining_ratio',
    'What is left of the failures that the objective allows in the present or last run; below 0 it is used up.',
    'target',
  ),
  driftSeconds: gauge(
    'soak_drift_seconds_per_hour',
    'Upward trend of a timing of the target in seconds an hour; 0 where it is not significant.',
    'target',
    'signal',
  ),
  driftRatio: gauge(
    'soak_drift_ratio_per_hour',
    'Upward trend of the failure ratio of the target an hour, 0.01 being one percentage point; 0 where it is not significant.',
    'target',
    'signal',
  ),
  driftBytes: gauge(
    'soak_drift_bytes_per_hour',
    'Upward trend of memory in bytes an hour; 0 where it is not significant. An empty target: the memory of soakd.',
    'target',
    'signal',
  ),
  streamsLimit: gauge(
    'soak_streams_limit',
    'Open streams that a target is meant to hold: from where on it slows down, is to be scaled, and fails.',
    'target',
    'level',
  ),
  configReloaded: gauge(
    'soak_config_last_reload_successful',
    '1 if the last attempt to read the configuration was good; 0: the one before it is in effect.',
  ),
  configReloadedAt: gauge(
    'soak_config_last_reload_success_timestamp_seconds',
    'When the configuration in effect was read.',
  ),
  cpuLimit: gauge(
    'soak_process_cpu_limit_cores',
    'CPU time a second that soakd can have: by its control group, else of the machine.',
  ),
  memoryLimit: gauge(
    'soak_process_memory_limit_bytes',
    'Memory that soakd can have: by its control group, else of the machine.',
  ),
  logMessages: counter('soak_log_messages_total', 'Log lines written, by level.', 'level'),
  collectDuration: gauge(
    'soak_metrics_collect_duration_seconds',
    'How long the last scrape took to put together.',
  ),
} as const satisfies Record<string, MetricInfo>;

/** How a run can end, as the `verdict` label has it. */
export const RUN_VERDICTS = ['pass', 'fail', 'inconclusive', 'aborted'] as const;

/** Levels of the log, as the `level` label has them. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
