import { StreamView } from '../catalog/slots.ts';
import type { CapacityResult } from '../core/capacity.ts';
import type { RunEvent } from '../core/control.ts';
import type { Stats } from '../core/histogram.ts';
import { OUTCOMES, type Outcome, resultOf } from '../core/outcome.ts';
import type { RunReason, RunVerdict } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import { watchedMs } from '../run/availability.ts';
import type { Usage } from '../run/budget.ts';
import { isUndelivered, type LoadDelivered, notLoaded } from '../run/delivered.ts';
import type { MeasurementQuality } from '../run/measurement-quality/lag-watch.ts';
import type { RunResult } from '../run/run-result.ts';
import { type StreamsSummary, streamsSummary, type TargetSummary } from '../run/streams-summary.ts';
import type { FailureStore } from '../sink/failure-store.ts';
import { type Bottleneck, bottlenecksOf } from './bottlenecks.ts';
import { type DriftSummary, driftSummary } from './drift-summary.ts';
import { type LevelSummary, levelSummary } from './level-summary.ts';
import { type OutageSummary, outageSummary } from './outage-summary.ts';
import { verdictReason } from './reason.ts';
import { type SetupFacts, type SetupSummary, setupSummary } from './setup-summary.ts';
import { type ThresholdSummary, thresholdSummary } from './threshold-summary.ts';

/**
 * Summary of a run, the output of `--json`. Times are ISO 8601, durations ms, shares from 0 to 1. Later versions add keys
 * and change existing ones only with a new schema number. The top-level totals cover all targets after the warm-up.
 */
export interface Summary extends StreamsSummary {
  readonly schema: 2;
  readonly verdict: RunVerdict;
  /** Reason for the verdict: "TTFB p95 4.1s > 2.5s on gunicorn". */
  readonly verdictReason: string;
  /** Why the run ended. */
  readonly endReason: RunReason;
  /** Causes of an inconclusive verdict; empty for another verdict. */
  readonly inconclusiveBecause: readonly InconclusiveCause[];
  readonly run: {
    readonly id: string;
    readonly scenario: string;
    readonly startedAt: string;
    readonly endedAt: string;
    /** Duration with warm-up, pauses and drain. */
    readonly lastedMs: number;
    /** Duration after the warm-up, without gaps. */
    readonly measuredMs: number;
    /** Times in which no process carried out the run. */
    readonly gaps: readonly { readonly fromAt: string; readonly toAt: string; readonly lost: number }[];
    /** Events of the run; the first is its start. */
    readonly events: readonly (Omit<RunEvent, 'at'> & { readonly at: string })[];
  };
  /** Setup of the run. */
  readonly setup: SetupSummary;
  /** Search for the capacity that the run is; `null` of an ordinary run. */
  readonly capacity: CapacityResult | null;
  readonly thresholds: readonly ThresholdSummary[];
  /** Statistics of each target. */
  readonly targets: readonly TargetSummary[];
  /** Statistics of each level of the plan; their sums are the totals. */
  readonly levels: readonly LevelSummary[];
  /** Periods in which a target served no stream; only the first of a target if there are very many. */
  readonly outages: readonly OutageSummary[];
  /** Outages that are not listed. */
  readonly outagesOmitted: number;
  /** Failed streams by target and outcome, with the latest examples. */
  readonly failures: readonly FailureGroup[];
  /** Bottlenecks that the data show. */
  readonly bottlenecks: readonly Bottleneck[];
  readonly drift: DriftSummary;
  /** Targets with more than 1 % buffered long responses. */
  readonly bufferedTargets: readonly {
    readonly target: string;
    readonly streams: number;
    readonly of: number;
  }[];
  /** Targets with five or more chunks per read. */
  readonly batchedTargets: readonly { readonly target: string; readonly chunksPerRead: number }[];
  /** Delivered share of the planned load. */
  readonly loadDelivered: LoadDelivered;
  /** Usage that counts against the budget, including the warm-up. */
  readonly usage: Usage;
  readonly measurementQuality: MeasurementQuality;
  readonly scheduleLagMs: Stats;
  readonly history: HistorySummary;
  readonly generator: {
    /** User and system CPU time of all threads, including a built-in simulator. */
    readonly cpuMs: number;
    /** Maximum resident set size, polled once per second. */
    readonly rssMaxBytes: number;
    /** Engine threads that died and were restarted. */
    readonly workerRestarts: number;
  };
}

/** How the run was kept in the history. */
export interface HistorySummary {
  /** Whether there is a history: `false` with `--data none`. */
  readonly kept: boolean;
  /** Failed writes during the run; soakd tried again every second. */
  readonly writeFailures: number;
  /** Why the end of the run could not be written when it ended; `null`: it could. */
  readonly failing: string | null;
}

/** Summary of a run without a history. */
export const NOT_KEPT: HistorySummary = { kept: false, writeFailures: 0, failing: null };

/** Causes of an inconclusive verdict: a threshold in doubt, one without data, too little load. */
export type InconclusiveCause = 'threshold' | 'no-data' | 'load-delivered';

export interface FailureGroup {
  readonly target: string;
  readonly outcome: Outcome;
  readonly count: number;
  /** End of the first and of the last such stream, with a precision of 1 s. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly examples: readonly FailureExample[];
}

/** A failed stream. */
export type FailureExample = Omit<StreamResult, 'startedAt'> & { readonly startedAt: string };

/** Maximum of examples for each kind of failure. */
const EXAMPLES = 3;
/** Share of the long responses of a target above which buffering is reported. */
const MAX_BUFFERED = 0.01;
/** Chunks per read from which the chunks of a target count as batched. */
const BATCHED = 5;

const iso = (ms: number): string => new Date(ms).toISOString();

/** @internal Only the types of this file are declared in the package. */
export function summarize(
  result: RunResult,
  kept: Pick<FailureStore, 'examples'>,
  facts: SetupFacts,
  history: HistorySummary,
  capacity: CapacityResult | null = null,
): Summary {
  const { run, layout, measured, use, quality, objectives, delivered, measuredMs } = result;
  const view = new StreamView(layout, measured);
  const context = { layout, values: measured, objectives, durationMs: measuredMs };
  const places = layout.targets.map((_, t) => t);
  const totals = streamsSummary(places, context);
  const levels = result.levels.map((level) => levelSummary(level, result.scenario.stages));
  const { sequence } = result.scenario;
  const thresholds = run.verdicts.map((verdict) => thresholdSummary(verdict, levels));
  const targets = delivered.perTarget.map(({ target }) => {
    const place = layout.targets.indexOf(target);
    // In a sequence, means over the time of its own turn.
    const own = sequence === undefined ? context : { ...context, durationMs: watchedMs(view, place) };
    return { name: target, ...streamsSummary([place], own) };
  });
  const missing = notLoaded(result.scenario, delivered);
  const outages = targets.map(({ name }) => result.availability.outages(name));
  return {
    schema: 2,
    verdict: run.verdict,
    verdictReason: verdictReason({
      verdict: run.verdict,
      endReason: run.reason,
      thresholds,
      loadDelivered: delivered,
      notLoaded: missing,
    }),
    endReason: run.reason,
    inconclusiveBecause: run.verdict === 'inconclusive' ? causesOf(thresholds, delivered, missing) : [],
    run: {
      id: run.id,
      scenario: run.scenario,
      startedAt: iso(run.startedAt),
      endedAt: iso(run.endedAt),
      lastedMs: run.endedAt - run.startedAt,
      measuredMs,
      gaps: run.gaps.map((gap) => ({ ...gap, fromAt: iso(gap.fromAt), toAt: iso(gap.toAt) })),
      events: run.events.map((e) => ({ ...e, at: iso(e.at) })),
    },
    setup: setupSummary(result.config, result.scenario, facts),
    capacity,
    thresholds,
    ...totals,
    targets,
    levels,
    outages: outages.flatMap((o) => o.outages.map(outageSummary)),
    outagesOmitted: outages.reduce((sum, o) => sum + o.count - o.outages.length, 0),
    failures: failuresOf(result, view, kept),
    bottlenecks: bottlenecksOf(result.contention, delivered, result.scenario),
    drift: driftSummary(result.drift, run),
    bufferedTargets: targets
      .map(({ name, buffered }) => ({ target: name, ...buffered }))
      .filter(({ streams, of }) => streams > of * MAX_BUFFERED),
    batchedTargets: targets
      .map(({ name, chunks, reads }) => ({ target: name, chunksPerRead: chunks / Math.max(1, reads) }))
      .filter(({ chunksPerRead }) => chunksPerRead >= BATCHED),
    loadDelivered: delivered,
    usage: result.usage,
    measurementQuality: quality,
    scheduleLagMs: view.shared('scheduleLag').stats(),
    history,
    generator: {
      cpuMs: use.cpuSeconds * 1000,
      rssMaxBytes: use.rssMaxBytes,
      workerRestarts: use.workerRestarts,
    },
  };
}

function failuresOf(
  { run, layout, availability }: RunResult,
  view: StreamView,
  kept: Pick<FailureStore, 'examples'>,
): FailureGroup[] {
  return layout.targets.flatMap((target, t) =>
    OUTCOMES.filter((o) => resultOf(o) === 'failed' || resultOf(o) === 'lost')
      .map((outcome) => ({ target, outcome, count: view.cell(t, `finished:${outcome}`) }))
      .filter(({ count }) => count > 0)
      .map((group) => {
        const times = availability.failureTimes(target, group.outcome);
        const examples = kept.examples(target, group.outcome, run.id, EXAMPLES);
        return {
          ...group,
          firstAt: times === undefined ? null : iso(times.firstAt),
          lastAt: times === undefined ? null : iso(times.lastAt),
          examples: examples.map((e) => ({ ...e, startedAt: iso(e.startedAt) })),
        };
      }),
  );
}

function causesOf(
  thresholds: readonly ThresholdSummary[],
  load: LoadDelivered,
  missing: readonly string[],
): InconclusiveCause[] {
  const causes: InconclusiveCause[] = [];
  if (thresholds.some((t) => t.result === 'inconclusive')) causes.push('threshold');
  if (thresholds.length === 0 || thresholds.some((t) => t.result === 'no-data')) causes.push('no-data');
  if (isUndelivered(load) || missing.length > 0) causes.push('load-delivered');
  return causes;
}
