import type { StreamLayout } from '../../catalog/slots.ts';
import { THRESHOLDS, thresholdById } from '../../catalog/thresholds.ts';
import type { CrossedTime, Run } from '../../core/run.ts';
import type { Config, Timeouts } from '../../core/scenario.ts';
import { SnapshotView } from '../../core/snapshot.ts';
import { abortsRun, isLive, limitOf, type Settings, type Threshold } from '../../core/threshold.ts';
import { type Crossing, crossingOf, type Watched } from './crossing.ts';
import { activeOf, rowOf } from './figures.ts';
import { History } from './history.ts';

/** How often thresholds are looked at, ms. Rules of Prometheus are, every 15 s or so. */
export const LOOK_EVERY_MS = 5000;
/** A run that was active within this time counts as active: as the rules have it, for scrapes that fail. */
const ACTIVE_MS = 60_000;
/** Crossings of one threshold that a run remembers. */
const MOST_CROSSINGS = 50;

export type ThresholdState = 'ok' | 'crossed' | 'inconclusive' | 'no-data';

/** One threshold of one target, live. */
export interface ThresholdStatus {
  readonly threshold: Threshold;
  readonly target: string;
  readonly limit: number;
  readonly state: ThresholdState;
  /** Of its window, now; `null` without data. */
  readonly observed: number | null;
  /** Whether a run ends early by it. */
  readonly abort: boolean;
  /** In the present run, or the last. */
  readonly crossings: readonly CrossedTime[];
}

interface Entry {
  readonly watched: Watched;
  readonly target: string;
  readonly abort: boolean;
  now: Crossing;
  /** Since when it is crossed, or would be if its waiting time were over; monotonic ms and calendar. */
  pending: { sinceMs: number; readonly sinceAt: number; worst: number } | undefined;
  /** It is crossed until this time at least, monotonic ms. */
  keptUntilMs: number;
  crossings: CrossedTime[];
}

/** What every look is made from. */
export interface Moment {
  readonly run: Run | undefined;
  /** Monotonic ms. */
  readonly atMs: number;
  readonly layout: StreamLayout;
  /** Everything counted since the process began. */
  readonly values: Float64Array;
  /** What of that was counted in suspect windows. */
  readonly suspect: Float64Array;
}

/**
 * The thresholds of the table that are about streams of a target, over sliding windows of what was counted: the
 * same figures as the alert rules compute from the metrics, so that a run's verdict and its alerts say the same.
 */
export class ThresholdWatch {
  readonly #history = new History();
  readonly #entries: Entry[];
  readonly #targets: readonly string[];
  readonly #limitsMs: readonly number[];
  readonly #calendar: () => number;
  #activeMax: number[];
  #activeMs = Number.NEGATIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param ttfbLimitsMs edges of the histograms of TTFB */
  constructor(config: Config, ttfbLimitsMs: readonly number[], calendar: () => number = () => Date.now()) {
    this.#targets = config.targets.map((t) => t.name);
    this.#limitsMs = [...ttfbLimitsMs].sort((a, b) => a - b);
    this.#calendar = calendar;
    this.#activeMax = this.#targets.map(() => 0);
    this.#entries = config.targets.flatMap((target, t) => {
      const settings = { own: target.thresholds, common: config.thresholds };
      const budget = budgetOf(settings);
      return THRESHOLDS.filter(isLive).flatMap((threshold): Entry[] => {
        const limit = limitOf(threshold, THRESHOLDS, settings);
        if (limit === 'off') return [];
        const watched = {
          threshold,
          target: t,
          limit,
          limitIndex: this.#limitsMs.indexOf(limit),
          budget,
          longestMs: longestOf(target.timeouts),
        };
        const now: Crossing = { kind: 'no-data' };
        return [
          {
            watched,
            target: target.name,
            abort: abortsRun(threshold, settings),
            now,
            pending: undefined,
            keptUntilMs: Number.NEGATIVE_INFINITY,
            crossings: [],
          },
        ];
      });
    });
  }

  /** A run begins: its crossings are its own. Windows go on, as those of the rules do. */
  begin(): void {
    for (const entry of this.#entries) entry.crossings = [];
  }

  /** Told of every snapshot, once a second; looks at the thresholds every five. */
  add({ run, atMs, layout, values, suspect }: Moment): void {
    const view = new SnapshotView(layout, values);
    this.#targets.forEach((_, t) => {
      this.#activeMax[t] = Math.max(this.#activeMax[t]!, activeOf(view, t));
    });
    if (run?.state === 'running') this.#activeMs = atMs;
    if (!this.isDue(atMs)) return;
    const sinceMs = atMs - this.#lookedMs;
    this.#lookedMs = atMs;
    const before = this.#history.last?.rows;
    const rows = this.#targets.map((_, t) => rowOf(layout, values, suspect, t, this.#limitsMs, before?.[t]));
    this.#history.add({ atMs, rows, activeMax: this.#activeMax });
    this.#activeMax = this.#targets.map(() => 0);
    const active = atMs - this.#activeMs <= ACTIVE_MS;
    for (const entry of this.#entries) this.#look(entry, atMs, sinceMs, active);
  }

  /** Whether a snapshot of this time is looked at. A little early is on time: timers are not exact. */
  isDue(atMs: number): boolean {
    return atMs - this.#lookedMs >= LOOK_EVERY_MS * 0.9;
  }

  /** A run ends: what is crossed then is crossed to its end. */
  end(): void {
    for (const entry of this.#entries) {
      entry.pending = undefined;
      entry.keptUntilMs = Number.NEGATIVE_INFINITY;
      entry.now = { kind: 'no-data' };
    }
    this.#activeMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns every threshold of every target; while nothing runs, all is well */
  states(): ThresholdStatus[] {
    const idle = this.#activeMs === Number.NEGATIVE_INFINITY;
    return this.#entries.map(({ watched, target, abort, now, pending, keptUntilMs, crossings }) => {
      const firing = pending !== undefined && this.#lookedMs - pending.sinceMs >= watched.threshold.forMs;
      const crossed = firing || this.#lookedMs < keptUntilMs;
      const unsure = now.kind === 'no-data' || now.kind === 'inconclusive' ? now.kind : 'ok';
      return {
        threshold: watched.threshold,
        target,
        limit: watched.limit,
        state: crossed ? 'crossed' : idle ? 'ok' : unsure,
        observed: now.kind === 'no-data' ? null : now.observed,
        abort,
        crossings,
      };
    });
  }

  #look(entry: Entry, atMs: number, sinceMs: number, active: boolean): void {
    const { threshold } = entry.watched;
    entry.now = crossingOf(entry.watched, this.#history);
    if (entry.now.kind === 'inconclusive' && active) {
      // Nobody knows: the time counts neither for a crossing nor against it.
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
    else if (entry.crossings.length < MOST_CROSSINGS) entry.crossings.push(current(pending));
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

function longestOf({ ttfbMs, totalMs }: Timeouts): Watched['longestMs'] {
  return { ttfb: Math.min(ttfbMs, totalMs), duration: totalMs };
}

/** @returns the share of failures that the objective of a target leaves: be it off as an alert or not */
export function budgetOf(settings: Settings): number {
  const objective = thresholdById('success-objective')!;
  const limit = limitOf(objective, THRESHOLDS, settings);
  return 1 - (limit === 'off' ? objective.limit : limit);
}
