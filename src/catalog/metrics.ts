import { counter, gauge, histogram, type MetricInfo } from '../core/metric-info.ts';
import { SHORT } from '../measures/buckets.ts';
import { SHARE_METRICS, TIMING_METRICS } from '../measures/list.ts';

/** All metrics of soakd, by their name in the code. No other file defines metric names. */
export const METRICS = {
  buildInfo: gauge(
    'soak_build_info',
    'Build of soakd as labels; always 1.',
    'version',
    'revision',
    'node_version',
  ),
  runActive: gauge('soak_run_active', '1 while a run generates load; 0 when idle, paused or draining.'),
  runInfo: gauge(
    'soak_run_info',
    'Scenario and run ID of the current or previous run as labels; always 1.',
    'scenario',
    'run',
  ),
  runStart: gauge(
    'soak_run_start_timestamp_seconds',
    'Start time of the current or previous run; 0 before the first run.',
  ),
  runEnd: gauge(
    'soak_run_end_timestamp_seconds',
    'End time of the previous run; 0 while a run is active and before the first run.',
  ),
  runPlannedEnd: gauge(
    'soak_run_planned_end_timestamp_seconds',
    'Planned end time of the current or previous run; no stream starts later. 0 before the first run.',
  ),
  runResumes: counter('soak_run_resumes_total', 'Runs resumed after the end of their process.'),
  runGapSeconds: counter(
    'soak_run_gap_seconds_total',
    'Seconds between the last record of a run in the history and the resume of the run.',
  ),
  historyWriteFailures: counter(
    'soak_history_write_failures_total',
    'Failed writes to the history of runs; the next successful write includes the data of the failed writes.',
  ),
  historySize: gauge('soak_history_size_bytes', 'Size of the history of runs on disk; 0 without a history.'),
  runs: counter('soak_runs_total', 'Finished runs by verdict.', 'verdict'),
  desired: gauge(
    'soak_streams_desired',
    'Planned number of open streams; in the open model, the number of streams that are open.',
    'target',
  ),
  active: gauge('soak_streams_active', 'Open streams by phase.', 'target', 'phase'),
  stalled: gauge(
    'soak_streams_stalled',
    'Open streams without a byte for longer than the stall limit.',
    'target',
  ),
  silence: gauge(
    'soak_stream_silence_seconds_max',
    'Longest time without a byte among the open streams.',
    'target',
  ),
  started: counter('soak_streams_started_total', 'Streams started.', 'target'),
  dropped: counter(
    'soak_streams_dropped_total',
    'Streams that were due but not started: no user was free, soakd was frozen, or a thread was replaced.',
    'target',
  ),
  delivered: gauge(
    'soak_load_delivered_ratio',
    'Share of the load due so far that the current run delivered. Open model: streams started over streams due, by target. Closed model: actual over planned user time, all targets together. 1 without a run.',
    'target',
  ),
  downSeconds: counter(
    'soak_target_down_seconds_total',
    'Seconds in which streams of the target failed, none succeeded and no content arrived.',
    'target',
  ),
  finished: counter(
    'soak_streams_finished_total',
    'Ended streams by result and outcome.',
    'target',
    'result',
    'outcome',
  ),
  responses: counter('soak_responses_total', 'Responses by HTTP status code.', 'target', 'code'),
  ...TIMING_METRICS,
  chunks: counter(
    'soak_chunks_received_total',
    'Chunks received: events with data, lines, or reads of a raw body.',
    'target',
  ),
  reads: counter('soak_reads_total', 'Socket reads that held body bytes.', 'target'),
  bytes: counter('soak_received_bytes_total', 'Body bytes received, after transfer decoding.', 'target'),
  characters: counter('soak_content_characters_total', 'Unicode code points of content received.', 'target'),
  keepalives: counter(
    'soak_keepalives_received_total',
    'Keep-alives received: comments, and events with empty data.',
    'target',
  ),
  finishReasons: counter(
    'soak_finish_reasons_total',
    'Finish reasons by class, one for each choice of a response.',
    'target',
    'reason',
  ),
  inputTokens: counter('soak_input_tokens_total', 'Input tokens that the target reports.', 'target'),
  outputTokens: counter('soak_output_tokens_total', 'Output tokens that the target reports.', 'target'),
  ...SHARE_METRICS,
  trailing: counter(
    'soak_trailing_events_total',
    'Events or lines without content after the terminal event of a stream; soakd tolerates them.',
    'target',
  ),
  backoff: counter(
    'soak_backoff_seconds_total',
    'Backoff of virtual users after failed streams, including waits for Retry-After.',
    'target',
  ),
  scheduleLag: histogram(
    'soak_schedule_lag_seconds',
    'Delay between the planned and the actual start of a stream.',
    SHORT,
  ),
  eventLoopDelay: histogram('soak_event_loop_delay_seconds', 'Delay of timers in engine threads.', SHORT),
  measurementLag: histogram(
    'soak_measurement_lag_seconds',
    'Delay between the arrival of a chunk and its processing by an engine thread, measured by the canary: the measurement error of TTFB and gaps.',
    SHORT,
  ),
  saturated: gauge(
    'soak_generator_saturated',
    '1 while the lag of the generator makes the timings unreliable; else 0.',
  ),
  unreliableWindows: counter(
    'soak_unreliable_windows_total',
    'Windows of 5 s with unreliable timings: the lag was above its limit, or the canary failed.',
  ),
  workerRestarts: counter(
    'soak_worker_restarts_total',
    'Engine threads that died during a run and were restarted; their open streams end as generator_lost.',
  ),
  tokenRefreshes: counter(
    'soak_token_refreshes_total',
    'Bearer-token refreshes of the target during runs.',
    'target',
  ),
  tokenRefreshFailures: counter(
    'soak_token_refresh_failures_total',
    'Failed bearer-token refreshes of the target; the previous token stays in use.',
    'target',
  ),
  scheduleNext: gauge('soak_schedule_next_timestamp_seconds', 'Next due time of the schedule.', 'schedule'),
  scheduleSuccess: gauge(
    'soak_schedule_last_success_timestamp_seconds',
    'Time of the last successful start of the schedule; 0 before the first.',
    'schedule',
  ),
  scheduleSkipped: counter(
    'soak_schedule_skipped_total',
    'Due times of the schedule without a start: a run was active, or soakd was suspended or not running.',
    'schedule',
  ),
  thresholdState: gauge(
    'soak_threshold_state',
    'State of the threshold as evaluated by soakd: 0 ok, 1 crossed, 2 inconclusive, 3 no data.',
    'threshold',
    'target',
  ),
  errorBudget: gauge(
    'soak_error_budget_remaining_ratio',
    'Remaining share of the error budget of the threshold success-objective in the current or previous run; negative if overspent.',
    'target',
  ),
  driftSeconds: gauge(
    'soak_drift_seconds_per_hour',
    'Upward trend of a timing of the target in seconds per hour; 0 if it is not significant.',
    'target',
    'signal',
  ),
  driftRatio: gauge(
    'soak_drift_ratio_per_hour',
    'Upward trend of the failure ratio of the target per hour, where 0.01 is one percentage point; 0 if it is not significant.',
    'target',
    'signal',
  ),
  driftBytes: gauge(
    'soak_drift_bytes_per_hour',
    'Upward trend of memory in bytes per hour; 0 if it is not significant. An empty target label means the memory of soakd.',
    'target',
    'signal',
  ),
  streamsLimit: gauge(
    'soak_streams_limit',
    'Configured limits for open streams of the target, by level: soft (answers slow down), scale (add capacity), hard (streams fail).',
    'target',
    'level',
  ),
  configReloaded: gauge(
    'soak_config_last_reload_successful',
    '1 if the last configuration reload was successful; 0 if it failed and the previous configuration stays in effect.',
  ),
  configReloadedAt: gauge(
    'soak_config_last_reload_success_timestamp_seconds',
    'Time of the last successful configuration reload.',
  ),
  cpuLimit: gauge(
    'soak_process_cpu_limit_cores',
    'CPU cores available to soakd: the quota of its cgroup, else the number of CPUs that it may use.',
  ),
  memoryLimit: gauge(
    'soak_process_memory_limit_bytes',
    'Memory available to soakd: the limit of its cgroup, else all memory of the machine.',
  ),
  threadHeap: gauge(
    'soak_thread_heap_bytes',
    'Used JavaScript heap by thread: main, history, engine-1 to engine-n during a run, and simulator- with the target for each built-in simulator.',
    'thread',
  ),
  logMessages: counter('soak_log_messages_total', 'Log lines written by level.', 'level'),
  logLinesDropped: counter(
    'soak_log_lines_dropped_total',
    'Dropped lines of the log and other output: writing failed, or nothing read the output.',
  ),
  openDescriptorsAge: gauge(
    'soak_process_open_fds_age_seconds',
    'Age of the value of process_open_fds in seconds; above 10 while soakd has no free descriptor to count them.',
  ),
  collectDuration: gauge('soak_metrics_collect_duration_seconds', 'Duration of rendering the last scrape.'),
} as const satisfies Record<string, MetricInfo>;

/** Values of the `verdict` label. */
export const RUN_VERDICTS = ['pass', 'fail', 'inconclusive', 'aborted'] as const;

/** Values of the `level` label. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
