import { measurementLag, StreamView } from '../catalog/slots.ts';
import type { RunEvent } from '../core/control.ts';
import { type ErrorBar, errorBarOf } from '../core/error-bar.ts';
import { FINISH_REASONS, type FinishReason } from '../core/finish-reason.ts';
import type { Histogram, Stats } from '../core/histogram.ts';
import { OUTCOMES, type Outcome, RESULTS, resultOf } from '../core/outcome.ts';
import type { RunReason, RunVerdict, Verdict } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Usage } from '../run/budget.ts';
import { isUndelivered, type LoadDelivered } from '../run/delivered.ts';
import type { GeneratorUse } from '../run/generator-use.ts';
import type { Honesty } from '../run/honesty/lag-watch.ts';
import type { RunResult } from '../run/runner.ts';
import type { FailureStore } from '../sink/failure-store.ts';
import { type DriftSummary, driftSummary } from './drift-summary.ts';

/** Figures of a timing, and what they may be too long by. */
export interface TimedStats extends Stats {
  /** Of the whole run; `null` where nothing told it. */
  readonly errorBar: ErrorBar | null;
}

/** The whole of a run as one object: what `--json` prints. Keys are added in time, never changed. */
export interface Summary {
  readonly schema: 1;
  readonly verdict: RunVerdict;
  readonly reason: RunReason;
  /** Why the verdict is inconclusive; empty where it is another. */
  readonly inconclusiveBecause: readonly InconclusiveCause[];
  readonly run: {
    readonly id: string;
    readonly scenario: string;
    /** ISO 8601. */
    readonly startedAt: string;
    readonly endedAt: string;
    /** What was done to it: the first is its start. Times as ISO 8601. */
    readonly events: readonly (Omit<RunEvent, 'at'> & { readonly at: string })[];
  };
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
  readonly scheduleLagMs: Stats;
  /** How far the timings are to be trusted. */
  readonly honesty: Honesty;
  readonly generator: GeneratorUse;
  /** What the targets were asked for. */
  readonly usage: Usage;
  /** Reported output tokens, over the time of the run after its warm-up. */
  readonly outputTokensPerSecond: number;
  /** Of targets with an objective: streams within it, of those that succeeded or failed. `null` without any. */
  readonly goodput: { readonly within: number; readonly finished: number } | null;
  /** Successes whose content arrived at once, of those with ten content chunks or more. */
  readonly buffered: { readonly streams: number; readonly of: number };
  /** Targets of whose long responses more than 1 % arrived at once. */
  readonly bufferedTargets: readonly {
    readonly target: string;
    readonly streams: number;
    readonly of: number;
  }[];
  /** Targets that send five chunks a read or more. */
  readonly batchedTargets: readonly { readonly target: string; readonly chunksPerRead: number }[];
  /** How much of the planned load was brought. */
  readonly loadDelivered: LoadDelivered;
  readonly thresholds: readonly Verdict[];
  readonly drift: DriftSummary;
  /** Failed streams by target and outcome, with the last few of each. */
  readonly failures: readonly FailureGroup[];
}

/** Causes of an inconclusive verdict: a threshold in doubt, one without data, too little load. */
export type InconclusiveCause = 'threshold' | 'no-data' | 'load-delivered';

export interface FailureGroup {
  readonly target: string;
  readonly outcome: Outcome;
  readonly count: number;
  readonly examples: readonly StreamResult[];
}

/** Failed streams shown of each kind. */
const EXAMPLES = 3;
/** Share of the long responses of a target above which buffering is reported. */
const MAX_BUFFERED = 0.01;
/** Chunks a read from which on the chunks of a target are batched. */
const BATCHED = 5;

/** @internal Only the types of this file are declared in the package. */
export function summarize(
  { run, layout, measured, use, usage, honesty, drift, objectives, delivered, measuredMs }: RunResult,
  kept: Pick<FailureStore, 'examples'>,
): Summary {
  const view = new StreamView(layout, measured);
  const all = layout.targets.map((_, t) => t);
  const errorBar = errorBarOf(measurementLag(view));
  const timed = (histogram: Histogram): TimedStats => ({ ...histogram.stats(), errorBar });
  return {
    schema: 1,
    verdict: run.verdict,
    reason: run.reason,
    inconclusiveBecause: run.verdict === 'inconclusive' ? causesOf(run.verdicts, delivered) : [],
    run: {
      id: run.id,
      scenario: run.scenario,
      startedAt: new Date(run.startedAt).toISOString(),
      endedAt: new Date(run.endedAt).toISOString(),
      events: run.events.map((e) => ({ ...e, at: new Date(e.at).toISOString() })),
    },
    streams: {
      started: view.total('started'),
      finished: Object.fromEntries(OUTCOMES.map((o) => [o, view.total(`finished:${o}`)])) as Record<
        Outcome,
        number
      >,
      active: view.allActive(),
      dropped: view.total('dropped'),
    },
    chunks: view.total('chunks'),
    reads: view.total('reads'),
    bytes: view.total('bytes'),
    contentCharacters: view.total('characters'),
    keepalives: view.total('keepalives'),
    trailingEvents: view.total('trailing'),
    finishReasons: Object.fromEntries(FINISH_REASONS.map((r) => [r, view.total(`finish:${r}`)])) as Record<
      FinishReason,
      number
    >,
    connectMs: timed(view.merged(all, 'connect')),
    headersMs: timed(view.merged(all, 'headers')),
    ttfbMs: timed(view.merged(all, 'ttfb')),
    ttftMs: timed(view.merged(all, 'ttft')),
    gapMs: timed(view.merged(all, 'gap')),
    tpotMs: timed(view.merged(all, 'tpot')),
    tpotByChunks: view.total('tpotByChunks'),
    durationMs: timed(
      view.combined(
        all,
        RESULTS.slice(0, 2).map((r) => `duration:${r}` as const),
      ),
    ),
    effectiveDurationMs: timed(view.merged(all, 'effective')),
    scheduleLagMs: view.shared('scheduleLag').stats(),
    honesty,
    generator: use,
    usage,
    outputTokensPerSecond:
      ((view.total('outputTokens') - view.total('estimatedTokens')) * 1000) / Math.max(1, measuredMs),
    goodput: goodputOf(view, objectives),
    buffered: { streams: view.total('buffered:part'), of: view.total('buffered:whole') },
    bufferedTargets: layout.targets
      .map((target, t) => ({
        target,
        streams: view.cell(t, 'buffered:part'),
        of: view.cell(t, 'buffered:whole'),
      }))
      .filter(({ streams, of }) => streams > of * MAX_BUFFERED),
    batchedTargets: layout.targets
      .map((target, t) => ({
        target,
        chunksPerRead: view.cell(t, 'chunks') / Math.max(1, view.cell(t, 'reads')),
      }))
      .filter(({ chunksPerRead }) => chunksPerRead >= BATCHED),
    loadDelivered: delivered,
    thresholds: run.verdicts,
    drift: driftSummary(drift, run),
    failures: layout.targets.flatMap((target, t) =>
      OUTCOMES.filter((o) => resultOf(o) === 'failed' || resultOf(o) === 'lost')
        .map((outcome) => ({ target, outcome, count: view.cell(t, `finished:${outcome}`) }))
        .filter(({ count }) => count > 0)
        .map((group) => ({ ...group, examples: kept.examples(target, group.outcome, run.id, EXAMPLES) })),
    ),
  };
}

/** @param objectives names of the targets that have one */
function goodputOf(view: StreamView, objectives: readonly string[]): Summary['goodput'] {
  if (objectives.length === 0) return null;
  const sum = { within: 0, finished: 0 };
  for (const name of objectives) {
    const t = view.layout.targets.indexOf(name);
    const { success, failed } = view.results(t);
    sum.within += view.cell(t, 'goodput:part');
    sum.finished += success + failed;
  }
  return sum;
}

function causesOf(verdicts: readonly Verdict[], load: LoadDelivered): InconclusiveCause[] {
  const causes: InconclusiveCause[] = [];
  if (verdicts.some((v) => v.judgement === 'inconclusive')) causes.push('threshold');
  if (verdicts.length === 0 || verdicts.some((v) => v.judgement === 'no-data')) causes.push('no-data');
  if (isUndelivered(load)) causes.push('load-delivered');
  return causes;
}
