import { MINUTE_MS } from '../../core/clock.ts';
import { type TimingName, timingRecord } from '../../measures/list.ts';
import { TIMING_MEASURES } from '../measures/list.ts';
import { TIMING_STATISTICS, type TimingStatistic } from '../measures/measure.ts';
import type { AlertText, Threshold } from '../threshold.ts';
import { LATENCY_THRESHOLDS } from './latency.ts';

/** Least observations for a statistic of so rare a part of them. */
const MIN_COUNT: Readonly<Record<TimingStatistic, number>> = {
  p50: 20,
  p90: 50,
  p95: 100,
  p99: 100,
  'p99.9': 1000,
  mean: 20,
  max: 1,
};

/** What may lie above the limit, in a sentence. */
const ALLOWED: Readonly<Record<Exclude<TimingStatistic, 'mean'>, string>> = {
  p50: 'the limit is 50 %',
  p90: 'the limit is 10 %',
  p95: 'the limit is 5 %',
  p99: 'the limit is 1 %',
  'p99.9': 'the limit is 0.1 %',
  max: 'none may be',
};

/** Any statistic of any timing that has no default: off until a configuration sets a limit. */
export const OPTIONAL_THRESHOLDS: readonly Threshold[] = TIMING_MEASURES.flatMap((measure) =>
  TIMING_STATISTICS.map((statistic): Threshold => {
    const noun = measure.noun({ statistic, op: '>', windowMs: 0, minCount: 0 });
    return {
      id: `${measure.name}-${statistic}`,
      alert: alertOf(measure.timing),
      metric: measure.name,
      statistic,
      op: '>',
      limit: 'off',
      unit: 'ms',
      windowMs: 5 * MINUTE_MS,
      forMs: 5 * MINUTE_MS,
      severity: 'warning',
      minCount: MIN_COUNT[statistic],
      perTarget: true,
      verdict: true,
      labelled: true,
      summary:
        statistic === 'mean'
          ? `{{ $labels.target }}: ${noun} was {{ $value | humanizeDuration }} over {window}; the limit is {limit}`
          : `{{ $labels.target }}: ${noun} is above {limit}: {{ $value | humanizePercentage }} of the observations of {window} were longer; ${ALLOWED[statistic]}`,
    };
  }).filter(({ id }) => LATENCY_THRESHOLDS.every((t) => t.id !== id)),
);

function alertOf(name: TimingName): string {
  return timingRecord(name).alert ?? 'SoakStreamSlow';
}

const GENERATOR_HEALTH =
  '`soak_measurement_lag_seconds`, `soak_event_loop_delay_seconds` and the CPU of soakd: is the generator slow, and not the target?';

export const OPTIONAL_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakTTFTHigh: {
    meaning:
      'Users wait too long for the first word of an answer. The first byte can be early and empty (a role, a ping, a comment): TTFT counts from the first chunk with content. The label `threshold` names the statistic that is above the limit of the configuration.',
    action:
      'Compare TTFT with TTFB. If both are high, requests queue before the target starts. If only TTFT is high, the model is slow to begin (prompt processing, batching): give the model more capacity or shorter prompts.',
    causes: [
      'longer prompts, or a cold prompt cache',
      'more streams than the model batches at once',
      'a target that reasons before it answers, and does not stream its reasoning',
    ],
    investigate: [
      '`soak_stream_ttft_seconds` beside `soak_stream_ttfb_seconds` of the same target',
      '`soak_streams_active` by phase: did the load grow?',
      GENERATOR_HEALTH,
    ],
  },
  SoakChunkGapHigh: {
    meaning:
      'Text stutters: the time between two chunks with content is above the limit of the configuration. Chunks of one read have a gap of 0, so a proxy that buffers lowers the median gap and raises the longest gaps. The label `threshold` names the statistic.',
    action:
      'See whether all gaps grew or only the longest gaps. If all gaps grew, the target is out of capacity. If only the longest gaps grew, look for pauses of the target, or for buffering on the way.',
    causes: [
      'more streams than the target can serve at its usual pace',
      'pauses of the target: garbage collection, preemption, a waiting batch',
      'a proxy that buffers, or a network that loses packets',
    ],
    investigate: [
      '`soak_stream_chunk_gap_seconds`: p50 beside p99',
      '`rate(soak_chunks_received_total[5m]) / rate(soak_reads_total[5m])`: chunks that arrive together were held back',
      GENERATOR_HEALTH,
    ],
  },
  SoakStreamSlow: {
    meaning:
      'A timing of streams is above the limit of the configuration: the label `threshold` names the timing and the statistic (`effective-p95`: from the moment a stream was due to its end; `connect-p99`, `headers-mean` and so on).',
    action:
      'On the target dashboard, look at this timing and at the timings before it in the life of a stream (connect, headers, TTFB). Start with the first one that grew.',
    causes: [
      'connect: a full listen queue, slow DNS, expensive TLS handshakes',
      'headers: requests that queue before the target reads them',
      'effective: streams that soakd started late, or long streams (an arrival without a free virtual user is dropped and has no duration)',
    ],
    investigate: [
      'the histogram of the timing by target',
      '`soak_schedule_lag_seconds`: did streams start late? `soak_streams_dropped_total`: were arrivals dropped?',
      GENERATOR_HEALTH,
    ],
  },
};
