import { difference } from '../catalog/difference.ts';
import { measurementLag, StreamView } from '../catalog/slots.ts';
import { measurementErrorOf } from '../core/measurement-error.ts';
import type { Model } from '../core/scenario.ts';
import type { Transport } from '../core/target.ts';
import { delivered } from '../run/delivered.ts';
import { boundsOf, type LagMoment, LagWatch } from '../run/measurement-quality/lag-watch.ts';
import type { CapacityStep } from '../schema/capacity.ts';
import type { CountedTarget } from './counted.ts';
import { evaluateLoad, type LoadEvaluation, type Measured, quantileOf } from './evaluate-load.ts';
import { withLateFailures } from './late-failures.ts';
import { Settling } from './settling.ts';

/** What all steps of a search share. */
export interface StepContext {
  readonly model: Model['kind'];
  readonly targets: readonly CountedTarget[];
  /** Highest p99 of lag at which timings are reliable, ms. */
  readonly maxLagMs: number;
  /** The longest that the streams from before a load can last, ms. */
  readonly maxSettleMs: number;
}

export interface StepOptions {
  readonly load: number;
  readonly confirms: boolean;
  /** Time in which the load rises to its level, ms. */
  readonly rampMs: number;
  /** Time to measure, ms; longer where it is shorter than `minDurations` streams. */
  readonly forMs: number;
  /** Stream durations that the measurement takes at least. */
  readonly minDurations: number;
  /** Duration of a stream that an earlier step has learned, ms; absent: this step learns it. */
  readonly durationMs?: number;
  readonly startedAt: string;
  /** Transports that carry streams of the run. */
  readonly transports: Iterable<Transport>;
}

/** How often lag is evaluated, ms, as in a run. */
const LAG_WINDOW_MS = 5000;
/** How many times as long as asked for a step may measure: where counts leave a doubt, and where they are too few. */
const MAX_DOUBT = 2;
const MAX_TOO_FEW = 4;
/** Timers are not exact. */
const EARLY_MS = 50;

/** A step that is over. */
export interface FinishedStep {
  readonly evaluation: LoadEvaluation;
  /** Without the verdict, which depends on the steps before. */
  readonly step: Omit<CapacityStep, 'verdict'>;
  /** Duration of a stream, p95 of those that ended before the measurement, ms. */
  readonly durationMs: number;
}

/** One step of a search, fed with the moments of its run: it waits until the load has settled, then measures. */
export class Step {
  readonly #context: StepContext;
  readonly #options: StepOptions;
  readonly #settling: Settling;
  readonly #beginMs: number;
  /** Whether a first window was crossed. */
  #isSecond = false;
  #measuring:
    | { readonly from: LagMoment; readonly lag: LagWatch; lagMs: number; readonly forMs: number }
    | undefined;

  /** @param begin moment at which the load is set */
  constructor(context: StepContext, options: StepOptions, begin: LagMoment) {
    this.#context = context;
    this.#options = options;
    this.#beginMs = begin.atMs;
    const { model, maxSettleMs } = context;
    const { load, rampMs } = options;
    this.#settling = new Settling(
      { users: model === 'closed' ? load : undefined, rampMs, maxSettleMs },
      begin,
    );
  }

  /** Follows the run. @returns the step, once it is over */
  add(now: LagMoment): FinishedStep | undefined {
    const measuring = this.#measuring;
    if (measuring === undefined) {
      if (this.#settling.add(now)) this.#measure(now);
      return undefined;
    }
    const { from, lag, forMs } = measuring;
    const passedMs = now.atMs - from.atMs;
    const isOver = passedMs >= forMs - EARLY_MS;
    if (isOver || now.atMs - measuring.lagMs >= LAG_WINDOW_MS - EARLY_MS) {
      lag.close(now);
      measuring.lagMs = now.atMs;
    }
    if (!isOver) return undefined;
    const measured = this.#measured(from, now, lag);
    const evaluation = evaluateLoad(this.#context.targets, measured);
    // A pause of a second crosses a short window: only a second one in a row decides.
    if (evaluation.verdict === 'crossed' && !this.#isSecond) {
      this.#isSecond = true;
      this.#measure(now);
      return undefined;
    }
    const factor = evaluation.verdict === 'no-data' ? MAX_TOO_FEW : evaluation.clear ? 1 : MAX_DOUBT;
    // Lag does not pass by waiting; the search repeats the step.
    const isOpen = evaluation.verdict !== 'inconclusive' && evaluation.verdict !== 'crossed';
    if (isOpen && passedMs < forMs * factor - EARLY_MS) return undefined;
    return this.#finished(measured, evaluation, from, passedMs);
  }

  #measure(now: LagMoment): void {
    const { maxLagMs } = this.#context;
    const { transports, forMs, minDurations, durationMs = this.#settling.durationMs } = this.#options;
    this.#measuring = {
      from: now,
      lag: new LagWatch(maxLagMs, transports, now),
      lagMs: now.atMs,
      forMs: Math.max(forMs, minDurations * durationMs),
    };
  }

  #measured(from: LagMoment, now: LagMoment, lag: LagWatch): Measured {
    const { layout } = now;
    const values = difference(layout, now.values, from.values);
    const { model, targets } = this.#context;
    return {
      counts: boundsOf(layout, values, lag.shifts),
      delivered: delivered(model, targets, new StreamView(layout, values)),
    };
  }

  #finished(
    measured: Measured,
    evaluation: LoadEvaluation,
    from: LagMoment,
    measuredMs: number,
  ): FinishedStep {
    const { counts, delivered: load } = measured;
    const { load: level, confirms, startedAt } = this.#options;
    const places = this.#context.targets.map(({ index }) => index);
    const { observed } = counts;
    const results = places.map((place) => observed.results(place));
    const failed = results.reduce((sum, r) => sum + r.failed, 0);
    const ttfb = withLateFailures(counts).observed.merged(places, 'ttfb');
    return {
      evaluation,
      durationMs: this.#settling.durationMs,
      step: {
        load: level,
        confirms,
        startedAt,
        settledMs: from.atMs - this.#beginMs,
        measuredMs,
        finished: results.reduce((sum, r) => sum + r.success, failed),
        failed,
        ttfbP95Ms: quantileOf(ttfb, 0.95),
        ttfbCount: ttfb.count,
        measurementErrorMs: measurementErrorOf(measurementLag(observed)),
        delivered: load.ratio,
        clear: evaluation.clear,
        cause: evaluation.cause,
      },
    };
  }
}
