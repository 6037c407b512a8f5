import { measurementLag, type StreamLayout, StreamView } from '../catalog/slots.ts';
import { FINISH_REASONS } from '../core/finish-reason.ts';
import type { Histogram } from '../core/histogram.ts';
import { measurementErrorOf } from '../core/measurement-error.ts';
import { OUTCOMES, RESULTS, resultOf } from '../core/outcome.ts';
import type { StreamsSummary, TimedStats } from '../schema/streams-summary.ts';

/** Input of a part of a summary. */
export interface StreamsContext {
  readonly layout: StreamLayout;
  /** Values counted over the time. */
  readonly values: Float64Array;
  /** Names of the targets that have an objective. */
  readonly objectives: readonly string[];
  readonly durationMs: number;
}

/** Returns the summary of the streams of some targets. @param targets their places in the layout */
export function streamsSummary(
  targets: readonly number[],
  { layout, values, objectives, durationMs }: StreamsContext,
): StreamsSummary {
  const view = new StreamView(layout, values);
  const measurementErrorMs = measurementErrorOf(measurementLag(view));
  type CellName = Parameters<StreamView['cell']>[1];
  const total = (cell: CellName): number => targets.reduce((sum, t) => sum + view.cell(t, cell), 0);
  const timed = (histogram: Histogram): TimedStats => ({ ...histogram.stats(), measurementErrorMs });
  const perSecond = (n: number): number => (n * 1000) / Math.max(1, durationMs);
  const finished = record(OUTCOMES, (outcome) => total(`finished:${outcome}`));
  const results = record(RESULTS, (result) =>
    OUTCOMES.reduce((sum, o) => sum + (resultOf(o) === result ? finished[o] : 0), 0),
  );
  const ended = results.success + results.failed;
  const estimatedOutputTokens = total('estimatedTokens');
  const outputTokens = total('outputTokens') - estimatedOutputTokens;
  return {
    streams: {
      started: total('started'),
      finished,
      results,
      active: targets.reduce((sum, t) => sum + view.active(t), 0),
      dropped: total('dropped'),
      openMean: total('activeMs') / Math.max(1, durationMs),
    },
    successRatio: ratio(results.success, ended),
    completeRatio: ratio(finished.complete, ended),
    chunks: total('chunks'),
    reads: total('reads'),
    bytes: total('bytes'),
    contentCharacters: total('characters'),
    keepalives: total('keepalives'),
    trailingEvents: total('trailing'),
    finishReasons: record(FINISH_REASONS, (reason) => total(`finish:${reason}`)),
    connectMs: timed(view.merged(targets, 'connect')),
    headersMs: timed(view.merged(targets, 'headers')),
    ttfbMs: timed(view.merged(targets, 'ttfb')),
    ttftMs: timed(view.merged(targets, 'ttft')),
    gapMs: timed(view.merged(targets, 'gap')),
    tpotMs: timed(view.merged(targets, 'tpot')),
    tpotByChunks: total('tpotByChunks'),
    durationMs: timed(view.combined(targets, ['duration:success', 'duration:failed'])),
    successDurationMs: timed(view.merged(targets, 'duration:success')),
    effectiveDurationMs: timed(view.merged(targets, 'effective')),
    inputTokens: total('inputTokens'),
    outputTokens,
    estimatedOutputTokens,
    outputTokensPerSecond: perSecond(outputTokens),
    chunksPerSecond: perSecond(total('chunks')),
    goodput: goodputOf(
      view,
      targets.filter((t) => objectives.includes(layout.targets[t]!)),
    ),
    buffered: { streams: total('buffered:part'), of: total('buffered:whole') },
    backoffMs: total('backoff'),
    availability: {
      upMs: total('upMs'),
      downMs: total('downMs'),
      unknownMs: total('unknownMs'),
      ratio: ratio(total('upMs'), total('upMs') + total('downMs')),
    },
  };
}

function record<K extends string>(keys: readonly K[], value: (key: K) => number): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, number>;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** @param targets those that have an objective */
function goodputOf(view: StreamView, targets: readonly number[]): StreamsSummary['goodput'] {
  if (targets.length === 0) return null;
  const sum = { within: 0, finished: 0 };
  for (const t of targets) {
    const { success, failed } = view.results(t);
    sum.within += view.cell(t, 'goodput:part');
    sum.finished += success + failed;
  }
  return sum;
}
