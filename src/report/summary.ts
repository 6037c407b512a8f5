import { measurementLag, StreamView } from '../catalog/slots.ts';
import type { RunEvent } from '../core/control.ts';
import { errorBarOf } from '../core/error-bar.ts';
import type { Stats } from '../core/histogram.ts';
import { OUTCOMES, type Outcome, resultOf } from '../core/outcome.ts';
import type { RunReason, RunVerdict, Verdict } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Usage } from '../run/budget.ts';
import { isUndelivered, type LoadDelivered } from '../run/delivered.ts';
import type { GeneratorUse } from '../run/generator-use.ts';
import type { Honesty } from '../run/honesty/lag-watch.ts';
import type { RunResult } from '../run/runner.ts';
import type { FailureStore } from '../sink/failure-store.ts';
import { type DriftSummary, driftSummary } from './drift-summary.ts';
import { type StreamsSummary, streamsSummary, type TargetSummary } from './streams-summary.ts';

/** The whole of a run as one object: what `--json` prints. Keys are added in time, never changed. */
export interface Summary extends StreamsSummary {
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
  readonly scheduleLagMs: Stats;
  /** How far the timings are to be trusted. */
  readonly honesty: Honesty;
  readonly generator: GeneratorUse;
  /** What the targets were asked for. */
  readonly usage: Usage;
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
  /** The same for each target. */
  readonly targets: readonly TargetSummary[];
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
  const context = { view, errorBar: errorBarOf(measurementLag(view)), objectives, measuredMs };
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
    ...streamsSummary(all, context),
    scheduleLagMs: view.shared('scheduleLag').stats(),
    honesty,
    generator: use,
    usage,
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
    targets: delivered.perTarget.map(({ target }) => ({
      name: target,
      ...streamsSummary([layout.targets.indexOf(target)], context),
    })),
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

function causesOf(verdicts: readonly Verdict[], load: LoadDelivered): InconclusiveCause[] {
  const causes: InconclusiveCause[] = [];
  if (verdicts.some((v) => v.judgement === 'inconclusive')) causes.push('threshold');
  if (verdicts.length === 0 || verdicts.some((v) => v.judgement === 'no-data')) causes.push('no-data');
  if (isUndelivered(load)) causes.push('load-delivered');
  return causes;
}
