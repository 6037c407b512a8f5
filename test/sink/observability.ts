/**
 * The table of OBSERVABILITY.md, row by row: which work brings a metric, its name, type and labels. `main` rows
 * are there from the first version on. Kept by hand, as the other side of what `src/catalog/metrics.ts` says.
 */
export const OBSERVABILITY: readonly (readonly [
  work:
    | 'main'
    | 'result'
    | 'formats'
    | 'measures'
    | 'streams'
    | 'observability'
    | 'honesty'
    | 'service'
    | 'history',
  names: string,
  type: 'gauge' | 'counter' | 'histogram',
  labels: string,
])[] = [
  ['main', 'soak_build_info', 'gauge', 'version revision node_version'],
  ['main', 'soak_run_active', 'gauge', ''],
  ['main', 'soak_run_info', 'gauge', 'scenario run'],
  [
    'main',
    'soak_run_start_timestamp_seconds soak_run_end_timestamp_seconds soak_run_planned_end_timestamp_seconds',
    'gauge',
    '',
  ],
  ['main', 'soak_runs_total', 'counter', 'verdict'],
  ['main', 'soak_streams_desired', 'gauge', 'target'],
  ['main', 'soak_streams_active', 'gauge', 'target phase'],
  ['streams', 'soak_streams_stalled soak_stream_silence_seconds_max', 'gauge', 'target'],
  ['observability', 'soak_streams_limit', 'gauge', 'target level'],
  ['measures', 'soak_load_delivered_ratio', 'gauge', 'target'],
  ['result', 'soak_target_down_seconds_total', 'counter', 'target'],
  ['main', 'soak_streams_started_total soak_streams_dropped_total', 'counter', 'target'],
  ['main', 'soak_streams_finished_total', 'counter', 'target result outcome'],
  ['main', 'soak_responses_total', 'counter', 'target code'],
  [
    'main',
    'soak_stream_connect_seconds soak_stream_headers_seconds soak_stream_ttfb_seconds soak_stream_ttft_seconds soak_stream_chunk_gap_seconds',
    'histogram',
    'target',
  ],
  ['main', 'soak_stream_duration_seconds', 'histogram', 'target result'],
  ['honesty', 'soak_stream_effective_duration_seconds', 'histogram', 'target'],
  [
    'main',
    'soak_chunks_received_total soak_reads_total soak_received_bytes_total soak_content_characters_total soak_keepalives_received_total',
    'counter',
    'target',
  ],
  ['formats', 'soak_finish_reasons_total', 'counter', 'target reason'],
  ['formats', 'soak_trailing_events_total', 'counter', 'target'],
  ['measures', 'soak_stream_time_per_output_token_seconds', 'histogram', 'target'],
  ['measures', 'soak_input_tokens_total soak_output_tokens_total', 'counter', 'target'],
  // The second is the whole of the first: it is not in OBSERVABILITY.md.
  ['measures', 'soak_streams_buffered_total soak_streams_bufferable_total', 'counter', 'target'],
  ['measures', 'soak_streams_within_objective_total', 'counter', 'target'],
  ['streams', 'soak_backoff_seconds_total', 'counter', 'target'],
  ['main', 'soak_schedule_lag_seconds soak_event_loop_delay_seconds', 'histogram', ''],
  ['honesty', 'soak_measurement_lag_seconds', 'histogram', ''],
  ['honesty', 'soak_generator_saturated', 'gauge', ''],
  ['honesty', 'soak_unreliable_windows_total soak_worker_restarts_total', 'counter', ''],
  ['observability', 'soak_threshold_state', 'gauge', 'threshold target'],
  ['observability', 'soak_error_budget_remaining_ratio', 'gauge', 'target'],
  [
    'observability',
    'soak_drift_seconds_per_hour soak_drift_ratio_per_hour soak_drift_bytes_per_hour',
    'gauge',
    'target signal',
  ],
  ['service', 'soak_process_cpu_limit_cores soak_process_memory_limit_bytes', 'gauge', ''],
  [
    'service',
    'soak_schedule_next_timestamp_seconds soak_schedule_last_success_timestamp_seconds',
    'gauge',
    'schedule',
  ],
  ['service', 'soak_schedule_skipped_total', 'counter', 'schedule'],
  [
    'service',
    'soak_config_last_reload_successful soak_config_last_reload_success_timestamp_seconds',
    'gauge',
    '',
  ],
  [
    'history',
    'soak_history_write_failures_total soak_run_resumes_total soak_run_gap_seconds_total',
    'counter',
    '',
  ],
  ['history', 'soak_history_size_bytes', 'gauge', ''],
  ['service', 'soak_token_refreshes_total soak_token_refresh_failures_total', 'counter', 'target'],
  ['main', 'soak_log_messages_total', 'counter', 'level'],
  ['service', 'soak_process_open_fds_age_seconds', 'gauge', ''],
  ['service', 'soak_thread_heap_bytes', 'gauge', 'thread'],
  ['service', 'soak_log_lines_dropped_total', 'counter', ''],
  ['main', 'soak_metrics_collect_duration_seconds', 'gauge', ''],
];

const FIRST_BYTE = '.01 .025 .05 .1 .25 .5 .75 1 1.5 2 2.5 3 4 5 7.5 10 20 30';
const SHORT = '.0005 .001 .0025 .005 .01 .025 .05 .1 .25 .5 1 2.5 5';

/** Its line of buckets, by metric. */
export const BUCKETS: Readonly<Record<string, string>> = {
  soak_stream_ttfb_seconds: FIRST_BYTE,
  soak_stream_ttft_seconds: FIRST_BYTE,
  soak_stream_headers_seconds: FIRST_BYTE,
  soak_stream_duration_seconds: '1 5 10 20 30 35 40 45 50 60 90 120 300 600',
  soak_stream_effective_duration_seconds: '1 5 10 20 30 35 40 45 50 60 90 120 300 600',
  soak_stream_chunk_gap_seconds: '.001 .0025 .005 .01 .025 .05 .075 .1 .15 .2 .3 .5 .75 1 2.5 5 10 30',
  soak_stream_time_per_output_token_seconds: '.001 .0025 .005 .01 .02 .03 .05 .075 .1 .15 .2 .3 .5 1 2.5',
  soak_stream_connect_seconds: SHORT,
  soak_schedule_lag_seconds: SHORT,
  soak_event_loop_delay_seconds: SHORT,
  soak_measurement_lag_seconds: SHORT,
};

/** Values of labels that are fixed lists. */
export const LABEL_VALUES: Readonly<Record<string, string>> = {
  phase: 'connecting waiting streaming',
  verdict: 'pass fail inconclusive aborted',
  result: 'success failed cancelled lost',
  outcome:
    'complete limited connect_error tls_error http_error wrong_content_type ttfb_timeout stalled total_timeout ' +
    'inband_error truncated reset malformed protocol_violation below_minimum cancelled generator_lost',
  code: '200 201 204 301 302 400 401 403 404 408 409 413 422 429 500 502 503 504 2xx 3xx 4xx 5xx other',
};
