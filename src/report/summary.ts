import { StreamView } from '../catalog/slots.ts';
import { iso } from '../core/clock.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { FinishedRun, Unevaluated } from '../core/run.ts';
import { SIGNALS } from '../drift/signals.ts';
import { driftText, periodicText } from '../drift/text.ts';
import type { DriftReport } from '../drift/watch.ts';
import { type Outage, watchedMs } from '../run/availability.ts';
import { isUndelivered, notLoaded } from '../run/delivered.ts';
import type { RunResult } from '../run/run-result.ts';
import { streamsSummary } from '../run/streams-summary.ts';
import type { CapacityResult } from '../schema/capacity.ts';
import type { DriftSummary } from '../schema/drift.ts';
import type {
  FailureGroup,
  HistorySummary,
  LoadDelivered,
  OutageSummary,
  RunTarget,
  Summary,
  ThresholdSummary,
} from '../schema/summary.ts';
import type { FailureStore } from '../sink/failure-store.ts';
import { bottlenecksOf } from './bottlenecks.ts';
import { levelSummary } from './level-summary.ts';
import { verdictReason } from './reason.ts';
import { type SetupFacts, setupSummary } from './setup-summary.ts';
import { standingOf } from './standing.ts';
import { measureOf, thresholdSummary } from './threshold-summary.ts';

/** Summary of a run without a history. */
export const NOT_KEPT: HistorySummary = { kept: false, writeFailures: 0, failing: null };

/** Maximum of examples for each kind of failure. */
const EXAMPLES = 3;
/** Share of the long responses of a target above which buffering is reported. */
const MAX_BUFFERED = 0.01;
/** Chunks per read from which the chunks of a target count as batched. */
const BATCHED = 5;

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
  const missing = notLoaded(result.scenario, delivered);
  const targets = delivered.perTarget.map(({ target }): RunTarget => {
    const place = layout.targets.indexOf(target);
    // In a sequence, means over the time of its own turn.
    const own = sequence === undefined ? context : { ...context, durationMs: watchedMs(view, place) };
    const decided = { thresholds, levels, loadDelivered: delivered };
    return {
      name: target,
      ...standingOf(target, decided, !missing.includes(target)),
      notEvaluated: result.notEvaluated.filter((l) => l.target === target).map(unevaluated),
      ...streamsSummary([place], own),
    };
  });
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
    bottlenecks: bottlenecksOf(result.contention, delivered, result.scenario, { levels, targets }),
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

function unevaluated({ threshold, limit, unit, op, count, required }: Unevaluated) {
  return { threshold, measure: measureOf(threshold), limit, unit, crossedWhen: op, count, required };
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
): Summary['inconclusiveBecause'] {
  const causes: Summary['inconclusiveBecause'][number][] = [];
  if (thresholds.some((t) => t.result === 'inconclusive')) causes.push('threshold');
  if (thresholds.length === 0 || thresholds.some((t) => t.result === 'no-data')) causes.push('no-data');
  if (isUndelivered(load) || missing.length > 0) causes.push('load-delivered');
  return causes;
}

/** @internal */
function outageSummary({ target, fromAt, toAt, upAt, outcomes }: Outage): OutageSummary {
  return {
    target,
    from: iso(fromAt),
    to: iso(toAt),
    servedAgainAt: upAt === undefined ? null : iso(upAt),
    lastedMs: toAt - fromAt,
    outcomes,
  };
}

/** @internal Only the types of this file are declared in the package. */
function driftSummary(
  { drifts, periodic, evaluated, notEvaluated }: DriftReport,
  { startedAt, startMs }: Pick<FinishedRun, 'startedAt' | 'startMs'>,
): DriftSummary {
  return {
    evaluated: evaluated,
    notEvaluated: notEvaluated,
    found: drifts.map((drift) => ({
      signal: drift.signal,
      target: drift.target,
      unit: SIGNALS[drift.signal].unit,
      kind: drift.kind,
      slopePerHour: drift.slopePerHour,
      interval: drift.interval,
      since: iso(startedAt + Math.max(0, drift.sinceMs - startMs)),
      level: drift.level,
      limit: drift.limit,
      reachesLimitInMs: drift.reachesLimitInHours === null ? null : drift.reachesLimitInHours * 3_600_000,
      windows: drift.n,
      text: driftText(drift),
    })),
    periodic: periodic.map((periodic) => ({ ...periodic, text: periodicText(periodic) })),
  };
}
