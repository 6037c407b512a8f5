import { type Drift, driftOf, type Periodic } from './drift.ts';
import { type Examination, examine } from './examine.ts';
import { type GateState, LoadGate } from './load-gate.ts';
import { periodOf } from './period.ts';
import { isReportable, SIGNALS, type SignalId } from './signals.ts';
import { FIRST_EVALUATION, holmBound, levelOf, nextEvaluation } from './significance.ts';
import { MIN_WINDOWS, presentIn } from './trend.ts';
import { type Grid, type SeriesState, WindowSeries } from './window-series.ts';

/** Value of one signal in one window. */
export interface Observation {
  /** ms, a ratio from 0 to 1, or bytes. */
  readonly value: number;
  /** Number of observations behind the value; 1 for a single reading. */
  readonly count: number;
}

/** One window of one target, or of the generator. */
export interface DriftWindow {
  /** `null`: the generator. */
  readonly target: string | null;
  /**
   * Wanted load: users, or arrivals a second; 0 while the run is paused or draining. Not the open streams, which in
   * the open model grow with the leak itself. For the generator the sum over all targets.
   */
  readonly load: number;
  /** Whether the generator's own lag makes the values of this window unreliable. */
  readonly unreliable: boolean;
  readonly values: Readonly<Partial<Record<SignalId, Observation>>>;
}

export interface DriftWatchOptions {
  /** Each target with the signals that it has; `null` is the generator. */
  readonly watched: readonly { readonly target: string | null; readonly signals: readonly SignalId[] }[];
  /** Length of a window, ms. */
  readonly windowMs: number;
  /** In the unit of the signal; `undefined` where there is none. */
  readonly limitOf: (target: string | null, signal: SignalId) => number | undefined;
}

/** Returns the length of a window, ms: 120 windows in a run, each from a second to a minute. */
export function windowMsFor(durationMs: number): number {
  return Math.min(60_000, Math.max(1000, Math.round(durationMs / 120_000) * 1000));
}

/** Result of the evaluation at the end of a run. */
export interface DriftReport {
  readonly drifts: readonly Drift[];
  readonly periodic: readonly Periodic[];
  /** Signals with a result, and signals with too few windows of one steady load. */
  readonly evaluated: number;
  readonly notEvaluated: number;
}

interface Watched {
  readonly target: string | null;
  readonly signal: SignalId;
  readonly limit: number | undefined;
  readonly series: WindowSeries;
}

/** @param target `null`: the generator */
type IsReady = (target: string | null) => boolean;

interface Examined {
  readonly watched: Watched;
  readonly grid: Grid;
  readonly examination: Examination;
  /** At the time of the evaluation: windows may be added, and merge, between its parts. */
  readonly firstMs: number;
  readonly stepMs: number;
}

/** State of a watch, for a resume in another process. */
export interface DriftState {
  readonly windows: number;
  readonly evaluations: number;
  readonly nextEvaluation: number;
  readonly live: readonly Drift[];
  readonly gates: readonly (readonly [target: string, GateState])[];
  readonly series: readonly {
    readonly target: string;
    readonly signal: SignalId;
    /** Whether it had a drift in the previous evaluation. */
    readonly before: boolean;
    readonly windows: SeriesState;
  }[];
}

/**
 * Finds upward trends over the windows of one run. Call `add` for each window, `evaluate` where it `isDue`, and `last`
 * at the end. Memory is fixed: 8 KiB a signal.
 */
export class DriftWatch {
  readonly #watched: readonly Watched[];
  readonly #gates = new Map<string | null, LoadGate>();
  #windows = 0;
  #evaluations = 0;
  #nextEvaluation = FIRST_EVALUATION;
  /** Series with a drift in the previous evaluation. During a run, a drift counts from the second one in a row. */
  #before = new Set<Watched>();
  #live: readonly Drift[] = [];

  constructor({ watched, windowMs, limitOf }: DriftWatchOptions) {
    this.#watched = watched.flatMap(({ target, signals }) =>
      signals.map((signal) => ({
        target,
        signal,
        limit: limitOf(target, signal),
        series: new WindowSeries(windowMs),
      })),
    );
    for (const { target } of watched) this.#gates.set(target, new LoadGate());
  }

  /**
   * Adds one window of all targets.
   * @param endMs end of the window, monotonic; later than those before
   */
  add(endMs: number, windows: readonly DriftWindow[]): void {
    this.#windows++;
    const byTarget = new Map(windows.map((w) => [w.target, w]));
    const admissions = new Map(
      [...this.#gates].map(([t, gate]) => [t, gate.admit(byTarget.get(t)?.load ?? 0)]),
    );
    for (const watched of this.#watched) {
      const { target, signal, series } = watched;
      const window = byTarget.get(target);
      const admission = admissions.get(target);
      if (admission === 'restart') this.#forget(watched);
      const seen = admission === 'skip' || window?.unreliable !== false ? undefined : window.values[signal];
      const enough = seen !== undefined && seen.count >= SIGNALS[signal].minCount;
      series.add(endMs, enough ? seen.value : Number.NaN, enough ? seen.count : 0);
    }
  }

  /** Windows so far. */
  get windows(): number {
    return this.#windows;
  }

  /** State without the series of the generator: the next process has memory of its own. */
  get state(): DriftState {
    return {
      windows: this.#windows,
      evaluations: this.#evaluations,
      nextEvaluation: this.#nextEvaluation,
      live: this.#live.filter(({ target }) => target !== null),
      gates: [...this.#gates].flatMap(([target, gate]) =>
        target === null ? [] : [[target, gate.state] as const],
      ),
      series: this.#watched.flatMap((watched) => {
        const { target, signal, series } = watched;
        const before = this.#before.has(watched);
        return target === null ? [] : [{ target, signal, before, windows: series.state }];
      }),
    };
  }

  /** @param shiftMs added to the times of the state: the clock of this process less that of the earlier one */
  restore(state: DriftState, shiftMs: number): void {
    this.#windows = state.windows;
    this.#evaluations = state.evaluations;
    this.#nextEvaluation = state.nextEvaluation;
    for (const [target, gate] of state.gates) this.#gates.get(target)?.restore(gate);
    for (const { target, signal, before, windows } of state.series) {
      const watched = this.#watched.find((w) => w.target === target && w.signal === signal);
      if (watched === undefined) continue;
      watched.series.restore(windows, shiftMs);
      if (before) this.#before.add(watched);
    }
    this.#live = state.live.map((drift) => {
      const { sinceMs, steps } = drift;
      const at = steps?.atMs === undefined ? {} : { atMs: steps.atMs + shiftMs };
      return { ...drift, sinceMs: sinceMs + shiftMs, steps: steps && { ...steps, ...at } };
    });
  }

  /** Whether the next evaluation during the run is due. */
  get isDue(): boolean {
    return this.#windows >= this.#nextEvaluation;
  }

  /** Drifts of the last evaluation during the run; the live metric shows them. */
  get live(): readonly Drift[] {
    return this.#live;
  }

  /** Evaluates during the run. Only when it `isDue`: each evaluation uses up part of the allowed false alarms. */
  evaluate(): readonly Drift[] {
    atOnce(this.evaluating());
    return this.#live;
  }

  /**
   * `evaluate` in parts of one signal each, so that the caller can yield in between. Sets `live` at its end.
   * @param isReady whether a target has been loaded for long enough
   */
  *evaluating(isReady: IsReady = () => true): Generator<void, void> {
    const level = levelOf(++this.#evaluations);
    this.#nextEvaluation = nextEvaluation(this.#windows);
    const examined: Examined[] = [];
    for (const watched of this.#watched.filter(({ target }) => isReady(target))) {
      examined.push(examineWatched(watched));
      yield;
    }
    const found = yield* concluding(examined, level);
    this.#live = [...found].filter(([watched]) => this.#before.has(watched)).map(([, drift]) => drift);
    this.#before = new Set(found.keys());
  }

  /** Evaluates at the end of a run. @param isReady whether a target was loaded for long enough */
  last(isReady: IsReady = () => true): DriftReport {
    const examined = this.#watched.filter(({ target }) => isReady(target)).map(examineWatched);
    const evaluated = examined.filter(({ grid }) => presentIn(grid) >= MIN_WINDOWS).length;
    const found = atOnce(concluding(examined, levelOf('last')));
    return {
      drifts: [...found.values()],
      periodic: examined.filter(({ watched }) => !found.has(watched)).flatMap(periodicOf),
      evaluated,
      notEvaluated: this.#watched.length - evaluated,
    };
  }

  /** Returns the report of a run that is too short for an evaluation. */
  withoutEvaluation(): DriftReport {
    return { drifts: [], periodic: [], evaluated: 0, notEvaluated: this.#watched.length };
  }

  /** Forgets the windows of a target: later windows cannot be compared with them. @param target `null`: the generator */
  forget(target: string | null): void {
    for (const watched of this.#watched) if (watched.target === target) this.#forget(watched);
  }

  /** Forgets a series and its drift: results of another load no longer hold. */
  #forget(watched: Watched): void {
    watched.series.clear();
    this.#before.delete(watched);
    this.#live = this.#live.filter((d) => d.target !== watched.target || d.signal !== watched.signal);
  }
}

const NOTHING: Grid = { values: new Float64Array(), weights: new Float64Array() };

function* concluding(examined: readonly Examined[], level: number): Generator<void, Map<Watched, Drift>> {
  const bound = holmBound(
    examined.flatMap(({ examination }) => examination.ps),
    level,
  );
  const found = new Map<Watched, Drift>();
  for (const { watched, examination, firstMs, stepMs } of examined) {
    const result = examination.conclude(bound);
    if (result === undefined) continue;
    const { target, signal, limit } = watched;
    const drift = driftOf(result, { target, signal, limit, firstMs, stepMs });
    if (drift !== undefined) found.set(watched, drift);
    yield;
  }
  return found;
}

function atOnce<T>(parts: Generator<void, T>): T {
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
  }
}

function examineWatched(watched: Watched): Examined {
  const { series, signal } = watched;
  const { firstMs, stepMs } = series;
  const isShort = series.length * stepMs < SIGNALS[signal].minSpanMs;
  const grid = isShort ? NOTHING : series.grid();
  return { watched, grid, examination: examine(grid, SIGNALS[signal].pooling), firstMs, stepMs };
}

function periodicOf({ watched: { signal, target, limit }, grid, stepMs }: Examined): Periodic[] {
  const period = periodOf(grid);
  if (period === undefined || !isReportable(SIGNALS[signal], period, limit)) return [];
  return [{ signal, target, periodMs: period.length * stepMs }];
}
