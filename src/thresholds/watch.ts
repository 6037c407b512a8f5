import type { StreamView } from '../catalog/slots.ts';
import type { CrossedTime, Run } from '../core/run.ts';
import type { Config } from '../core/scenario.ts';
import { type Bounded, bounded, type Evaluated, evaluate } from './evaluate.ts';
import { History, type KeptPoll, type PollRange } from './history.ts';
import type { Polled } from './measures/measure.ts';
import { SumTable } from './sum-table.ts';
import { THRESHOLDS, thresholdById } from './table.ts';
import { abortsRun, isLive, limitOf, type Settings, type Threshold } from './threshold.ts';

/** Interval of evaluations, ms. Prometheus evaluates its rules about every 15 s. */
export const POLL_INTERVAL_MS = 5000;
/** Time for which a run counts as active after its last active moment, as in the rules, which allow for failed scrapes. */
const ACTIVE_MS = 60_000;
/** Time between two evaluations beyond which soakd was frozen in it, ms. */
const MISSED_MS = 2 * POLL_INTERVAL_MS;
/** Crossings of one threshold that a run keeps. */
const MAX_CROSSINGS = 50;

type ThresholdState = 'ok' | 'crossed' | 'inconclusive' | 'no-data';

/** One threshold of one target, live. */
export interface ThresholdStatus {
  readonly threshold: Threshold;
  readonly target: string;
  readonly limit: number;
  readonly state: ThresholdState;
  /** Value over the window; `null` without data. */
  readonly observed: number | null;
  /** Whether a crossing ends the run early. */
  readonly abort: boolean;
  /** Crossings in the current run, or in the previous one. */
  readonly crossings: readonly CrossedTime[];
}

interface Entry {
  readonly bounded: Bounded;
  readonly target: string;
  /** Place of the target in the configuration. */
  readonly index: number;
  /** Places of its sums in the row of the target. */
  readonly places: readonly number[];
  readonly abort: boolean;
  now: Evaluated;
  /** Start of the crossing, or of the waiting time before one; monotonic ms and calendar. */
  pending: { sinceMs: number; readonly sinceAt: number; worst: number } | undefined;
  /** Earliest end of the crossing, monotonic ms. */
  keptUntilMs: number;
  crossings: CrossedTime[];
}

/** State of a watch, from which another process can continue. Monotonic times count from `atMs`. */
export interface WatchState {
  readonly atMs: number;
  /** Sums of the rows of each target. */
  readonly signature: string;
  readonly evaluatedMs: number;
  /** When each target was last loaded. */
  readonly loadedMs: readonly number[];
  readonly polled: readonly Polled[];
  /** Polls that count, by level. */
  readonly polls: readonly PollRange[];
  readonly entries: readonly {
    readonly threshold: string;
    readonly target: string;
    readonly pending: Entry['pending'];
    readonly keptUntilMs: number;
    readonly crossings: readonly CrossedTime[];
  }[];
}

/** Input of an evaluation. */
export interface Moment {
  readonly run: Run | undefined;
  /** Monotonic ms. */
  readonly atMs: number;
  /** Everything counted since the process began. */
  readonly observed: StreamView;
  /** Bounds: the timings of unreliable windows as short and as long as they can have been. */
  readonly least: StreamView;
  readonly greatest: StreamView;
}

/**
 * Evaluates the thresholds about streams of a target over sliding windows. The values are those that the alert rules
 * compute from the metrics, so that the verdict of a run and its alerts agree.
 */
export class ThresholdWatch {
  readonly #history = new History();
  readonly #entries: Entry[];
  readonly #targets: readonly string[];
  readonly #tables: readonly SumTable[];
  readonly #calendar: () => number;
  #polled: Polled[];
  #activeMax: number[];
  /** When each target was last loaded: in a sequence only in its turn. */
  #loadedMs: number[];
  /** Target of a sequence whose turn it is. */
  #turn: string | undefined;
  #evaluatedMs = Number.NEGATIVE_INFINITY;

  constructor(config: Config, calendar: () => number = () => Date.now()) {
    this.#targets = config.targets.map((t) => t.name);
    this.#tables = config.targets.map(() => new SumTable());
    this.#calendar = calendar;
    this.#activeMax = this.#targets.map(() => 0);
    this.#loadedMs = this.#targets.map(() => Number.NEGATIVE_INFINITY);
    this.#polled = this.#targets.map(() => ({ active: 0, stalled: 0, polls: 0 }));
    this.#entries = config.targets.flatMap((target, index) => {
      const settings = { own: target.thresholds, common: config.thresholds };
      const budget = budgetOf(settings);
      return THRESHOLDS.filter(isLive).flatMap((threshold): Entry[] => {
        const limit = limitOf(threshold, THRESHOLDS, settings);
        if (limit === 'off') return [];
        const watched = bounded(threshold, limit, budget);
        return [
          {
            bounded: watched,
            target: target.name,
            index,
            places: this.#tables[index]!.place(watched.evaluator.sums),
            abort: abortsRun(threshold, settings),
            now: { kind: 'no-data' },
            pending: undefined,
            keptUntilMs: Number.NEGATIVE_INFINITY,
            crossings: [],
          },
        ];
      });
    });
  }

  /** Begins a run without crossings. Its windows reach back before its start, as those of the rules do. */
  begin(): void {
    for (const entry of this.#entries) entry.crossings = [];
  }

  /** State for a resume; with the polls that {@link latestPolls} returned over time it is complete. */
  state(atMs: number): WatchState {
    return {
      atMs,
      signature: this.#signature,
      evaluatedMs: this.#evaluatedMs,
      loadedMs: [...this.#loadedMs],
      polled: this.#polled,
      polls: this.#history.ranges,
      // Most have never been near their limits.
      entries: this.#entries
        .filter((e) => e.pending !== undefined || e.crossings.length > 0 || Number.isFinite(e.keptUntilMs))
        .map(({ bounded: { threshold }, target, pending, keptUntilMs, crossings }) => ({
          threshold: threshold.id,
          target,
          pending,
          keptUntilMs,
          crossings,
        })),
    };
  }

  /** Polls that were added by the last evaluation. */
  get latestPolls(): readonly KeptPoll[] {
    return this.#history.latest;
  }

  /**
   * Continues the windows of an earlier process. Windows of other thresholds begin again.
   * @param shiftMs from the monotonic times of that process to those of this one
   */
  restore(state: WatchState, polls: readonly KeptPoll[], shiftMs: number): void {
    for (const kept of state.entries) {
      const entry = this.#entries.find(
        (e) => e.bounded.threshold.id === kept.threshold && e.target === kept.target,
      );
      if (entry === undefined) continue;
      entry.crossings = [...kept.crossings];
      entry.keptUntilMs = kept.keptUntilMs + shiftMs;
      entry.pending = kept.pending && { ...kept.pending, sinceMs: kept.pending.sinceMs + shiftMs };
    }
    if (state.signature !== this.#signature) return;
    this.#history.restore(
      polls.map(({ poll, ...rest }) => ({ ...rest, poll: { ...poll, atMs: poll.atMs + shiftMs } })),
      state.polls,
    );
    this.#evaluatedMs = state.evaluatedMs + shiftMs;
    this.#loadedMs = state.loadedMs.map((ms) => ms + shiftMs);
    this.#polled = [...state.polled];
    // Until the next evaluation their states are those of the last one.
    if (this.#history.last === undefined) return;
    for (const entry of this.#entries) entry.now = this.#evaluated(entry);
  }

  get #signature(): string {
    return this.#tables.map((table, t) => `${this.#targets[t]}:${table.signature}`).join(';');
  }

  /** Adds a snapshot, once a second; evaluates the thresholds every five seconds. */
  add({ run, atMs, observed, least, greatest }: Moment): void {
    this.#targets.forEach((_, t) => {
      this.#activeMax[t] = Math.max(this.#activeMax[t]!, observed.active(t));
    });
    this.#turn = run === undefined || run.state === 'finished' ? undefined : run.turn;
    if (run?.state === 'running')
      this.#targets.forEach((name, t) => {
        if (run.turn === undefined || run.turn === name) this.#loadedMs[t] = atMs;
      });
    if (!this.isDue(atMs)) return;
    const sinceMs = atMs - this.#evaluatedMs;
    this.#evaluatedMs = atMs;
    this.#polled = this.#polled.map(({ active, stalled, polls }, t) => ({
      active: active + observed.active(t),
      stalled: stalled + observed.cell(t, 'stalled'),
      polls: polls + 1,
    }));
    const counts = { observed, least, greatest, polled: this.#polled };
    const rows = this.#tables.map((table, t) => table.row(counts, t));
    this.#history.add({ atMs, rows, activeMax: this.#activeMax });
    this.#activeMax = this.#targets.map(() => 0);
    for (const entry of this.#entries) {
      // Nobody looked meanwhile: that time counts neither for a crossing nor against it.
      if (sinceMs > MISSED_MS && entry.pending !== undefined)
        entry.pending.sinceMs += sinceMs - POLL_INTERVAL_MS;
      this.#evaluate(entry, atMs, sinceMs, atMs - this.#loadedMs[entry.index]! <= ACTIVE_MS);
    }
  }

  /** Restarts all windows after a warm-up. @param targets whose crossings are dropped; others' are over */
  restart(targets: readonly string[]): void {
    this.#history.clear();
    this.#activeMax = this.#targets.map(() => 0);
    this.#evaluatedMs = Number.NEGATIVE_INFINITY;
    for (const entry of this.#entries.filter(({ target }) => targets.includes(target))) {
      entry.crossings = [];
      entry.pending = undefined;
      entry.keptUntilMs = Number.NEGATIVE_INFINITY;
      entry.now = { kind: 'no-data' };
    }
  }

  /** Returns whether an evaluation is due. Timers are not exact: up to a tenth of the interval early counts as due. */
  isDue(atMs: number): boolean {
    return atMs - this.#evaluatedMs >= POLL_INTERVAL_MS * 0.9;
  }

  /** Ends a run: an open crossing lasts to its end. */
  end(): void {
    for (const entry of this.#entries) {
      entry.pending = undefined;
      entry.keptUntilMs = Number.NEGATIVE_INFINITY;
      entry.now = { kind: 'no-data' };
    }
    this.#loadedMs = this.#targets.map(() => Number.NEGATIVE_INFINITY);
    this.#turn = undefined;
  }

  /** Returns the state of every threshold of every target; `ok` without a run, and without data out of its turn. */
  states(): ThresholdStatus[] {
    return this.#entries.map(({ bounded, target, index, abort, now, pending, keptUntilMs, crossings }) => {
      const isItsTurn = this.#turn === undefined || this.#turn === target;
      const idle =
        this.#loadedMs[index] === Number.NEGATIVE_INFINITY || (!isItsTurn && now.kind === 'no-data');
      const firing = pending !== undefined && this.#evaluatedMs - pending.sinceMs >= bounded.threshold.forMs;
      const crossed = firing || this.#evaluatedMs < keptUntilMs;
      const unsure = now.kind === 'no-data' || now.kind === 'inconclusive' ? now.kind : 'ok';
      return {
        threshold: bounded.threshold,
        target,
        limit: bounded.limit,
        state: crossed ? 'crossed' : idle ? 'ok' : unsure,
        observed: now.kind === 'no-data' ? null : now.observed,
        abort,
        crossings,
      };
    });
  }

  #evaluate(entry: Entry, atMs: number, sinceMs: number, active: boolean): void {
    const { threshold } = entry.bounded;
    entry.now = this.#evaluated(entry);
    if (entry.now.kind === 'inconclusive' && active) {
      // The time counts neither for a crossing nor against it.
      if (entry.pending !== undefined) entry.pending.sinceMs += sinceMs;
      return;
    }
    if (entry.now.kind !== 'crossed' || !active) {
      if (entry.pending !== undefined) this.#ends(entry, atMs);
      return;
    }
    const { observed } = entry.now;
    entry.pending ??= { sinceMs: atMs, sinceAt: this.#calendar(), worst: observed };
    const { pending } = entry;
    pending.worst =
      threshold.op === '<' ? Math.min(pending.worst, observed) : Math.max(pending.worst, observed);
    if (atMs - pending.sinceMs < threshold.forMs) return;
    entry.keptUntilMs = atMs + (threshold.keepFiringMs ?? 0);
    const last = entry.crossings.at(-1);
    if (last?.fromAt === pending.sinceAt) entry.crossings[entry.crossings.length - 1] = current(pending);
    else if (entry.crossings.length < MAX_CROSSINGS) entry.crossings.push(current(pending));
  }

  #evaluated({ bounded: watched, index, places }: Entry): Evaluated {
    const { windowMs, shortWindowMs = windowMs, minCount } = watched.threshold;
    const over = (window: number): number[] => {
      const now = this.#history.last?.rows[index];
      const start = this.#history.startOf(window)?.rows[index];
      return places.map((place) => (now?.[place] ?? 0) - (start?.[place] ?? 0));
    };
    const activeMax = this.#history.activeMax(index, windowMs);
    return evaluate(watched, { sums: over(windowMs), short: over(shortWindowMs), activeMax }, minCount);
  }

  #ends(entry: Entry, atMs: number): void {
    const { pending, crossings } = entry;
    entry.pending = undefined;
    const last = crossings.at(-1);
    if (pending === undefined || last?.fromAt !== pending.sinceAt) return;
    crossings[crossings.length - 1] = { ...last, toAt: pending.sinceAt + (atMs - pending.sinceMs) };
  }
}

function current({ sinceAt, worst }: NonNullable<Entry['pending']>): CrossedTime {
  return { fromAt: sinceAt, worst };
}

/** Returns the share of failures that the objective of a target allows, even where its alert is off. */
export function budgetOf(settings: Settings): number {
  const objective = thresholdById('success-objective')!;
  const limit = limitOf(objective, THRESHOLDS, settings);
  // The table has a limit for it even where its alert is off.
  return 1 - (limit === 'off' ? (objective.limit as number) : limit);
}
