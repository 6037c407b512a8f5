import type { StreamView } from '../catalog/slots.ts';
import type { ErrorBar } from '../core/error-bar.ts';
import { FINISH_REASONS, type FinishReason } from '../core/finish-reason.ts';
import type { Histogram, Stats } from '../core/histogram.ts';
import { OUTCOMES, type Outcome } from '../core/outcome.ts';

/** Figures of a timing, and what they may be too long by. */
export interface TimedStats extends Stats {
  /** Of the whole run; `null` where nothing told it. */
  readonly errorBar: ErrorBar | null;
}

/** What the streams of some targets came to. */
export interface StreamsSummary {
  readonly streams: {
    readonly started: number;
    readonly finished: Readonly<Record<Outcome, number>>;
    readonly active: number;
    readonly dropped: number;
  };
  readonly chunks: number;
  readonly reads: number;
  readonly bytes: number;
  readonly contentCharacters: number;
  readonly keepalives: number;
  /** Events or lines without content after the terminal one of their stream. */
  readonly trailingEvents: number;
  /** One for each choice, by class. */
  readonly finishReasons: Readonly<Record<FinishReason, number>>;
  readonly connectMs: TimedStats;
  readonly headersMs: TimedStats;
  readonly ttfbMs: TimedStats;
  readonly ttftMs: TimedStats;
  readonly gapMs: TimedStats;
  /** Time per output token after the first, of successes. */
  readonly tpotMs: TimedStats;
  /** Streams whose TPOT rests on chunks, since their target reported no tokens. */
  readonly tpotByChunks: number;
  /** Of streams that succeeded or failed; not of those that soakd cut or lost. */
  readonly durationMs: TimedStats;
  /** Of the same streams, from when they were due: what a user would have waited. */
  readonly effectiveDurationMs: TimedStats;
  /** Reported output tokens, over the time of the run after its warm-up. */
  readonly outputTokensPerSecond: number;
  /** Of targets with an objective: streams within it, of those that succeeded or failed. `null` without any. */
  readonly goodput: { readonly within: number; readonly finished: number } | null;
  /** Successes whose content arrived at once, of those with ten content chunks or more. */
  readonly buffered: { readonly streams: number; readonly of: number };
}

/** What the streams of one target came to. */
export interface TargetSummary extends StreamsSummary {
  readonly name: string;
}

/** What a part of a summary is made from. */
export interface StreamsContext {
  readonly view: StreamView;
  readonly errorBar: ErrorBar | null;
  /** Names of the targets that have an objective. */
  readonly objectives: readonly string[];
  /** How long the run was after its warm-up, ms. */
  readonly measuredMs: number;
}

/** Returns what the streams of these targets came to, together. @param targets their places in the layout */
export function streamsSummary(
  targets: readonly number[],
  { view, errorBar, objectives, measuredMs }: StreamsContext,
): StreamsSummary {
  type CellName = Parameters<StreamView['cell']>[1];
  const total = (cell: CellName): number => targets.reduce((sum, t) => sum + view.cell(t, cell), 0);
  const timed = (histogram: Histogram): TimedStats => ({ ...histogram.stats(), errorBar });
  return {
    streams: {
      started: total('started'),
      finished: Object.fromEntries(OUTCOMES.map((o) => [o, total(`finished:${o}`)])) as Record<
        Outcome,
        number
      >,
      active: targets.reduce((sum, t) => sum + view.active(t), 0),
      dropped: total('dropped'),
    },
    chunks: total('chunks'),
    reads: total('reads'),
    bytes: total('bytes'),
    contentCharacters: total('characters'),
    keepalives: total('keepalives'),
    trailingEvents: total('trailing'),
    finishReasons: Object.fromEntries(FINISH_REASONS.map((r) => [r, total(`finish:${r}`)])) as Record<
      FinishReason,
      number
    >,
    connectMs: timed(view.merged(targets, 'connect')),
    headersMs: timed(view.merged(targets, 'headers')),
    ttfbMs: timed(view.merged(targets, 'ttfb')),
    ttftMs: timed(view.merged(targets, 'ttft')),
    gapMs: timed(view.merged(targets, 'gap')),
    tpotMs: timed(view.merged(targets, 'tpot')),
    tpotByChunks: total('tpotByChunks'),
    durationMs: timed(view.combined(targets, ['duration:success', 'duration:failed'])),
    effectiveDurationMs: timed(view.merged(targets, 'effective')),
    outputTokensPerSecond:
      ((total('outputTokens') - total('estimatedTokens')) * 1000) / Math.max(1, measuredMs),
    goodput: goodputOf(
      view,
      targets.filter((t) => objectives.includes(view.layout.targets[t]!)),
    ),
    buffered: { streams: total('buffered:part'), of: total('buffered:whole') },
  };
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
