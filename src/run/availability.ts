import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import { OUTCOMES, type Outcome, resultOf } from '../core/outcome.ts';

/** A time in which a target served no stream of the run. Calendar times, ms since 1970. */
export interface Outage {
  readonly target: string;
  /** Start of the first second that was down. */
  readonly fromAt: number;
  /** End of the last second that was down. */
  readonly toAt: number;
  /** End of the first second that was up again; absent while it was not. */
  readonly upAt?: number;
  /** Failures in it, by outcome. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

/** When an outcome was first and last seen on a target. Calendar times, ms since 1970, exact to a second. */
export interface FailureTimes {
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What changed in the last second; `unended`: the run ended, and the target was not up again. */
export interface OutageChange {
  readonly kind: 'began' | 'ended' | 'unended';
  readonly outage: Outage;
}

/** The shortest outage, ms. */
const MIN_OUTAGE_MS = 3000;
/** Failures below which a silence is no outage: two streams in a row may fail by chance. */
const MIN_FAILURES = 3;
/** A second is this long at least, unless a level, a load or a run ends in it; commands poll in between. */
const MIN_SECOND_MS = 900;
/** A longer second is up or unknown, never down: the generator was stalled in it. */
const MAX_SECOND_MS = 3000;
/** Outages of a target that are described; further ones only add to its time down. */
export const MAX_OUTAGES = 50;

/** Cells counted by the main thread. */
export const OWN_CELLS = ['upMs', 'downMs', 'unknownMs', 'activeMs'] as const;

const FAILED = OUTCOMES.filter((outcome) => resultOf(outcome) === 'failed');
/** Timer intervals are not exact: three of them may be a little short of three seconds. */
const ROUNDING_MS = 300;

interface TargetState {
  readonly name: string;
  readonly index: number;
  success: number;
  readonly failed: number[];
  characters: number;
  active: number;
  readonly times: Map<Outcome, { firstAt: number; lastAt: number }>;
  /** Time down that may become an outage, from its first second. */
  open:
    | {
        fromAt: number;
        toAt: number;
        downs: number;
        failures: number;
        outcomes: Map<Outcome, number>;
        /** Failures since its last second that was down: they belong to it once another such second follows. */
        later: Map<Outcome, number>;
      }
    | undefined;
  reported: boolean;
  readonly outages: Outage[];
  outageCount: number;
}

/** What is kept of each target. */
export type AvailabilityState = readonly Pick<
  TargetState,
  'name' | 'times' | 'open' | 'reported' | 'outages' | 'outageCount'
>[];

/**
 * Classifies every second of a target as up (a stream succeeded, or content arrived), down (streams failed, and it was
 * not up) or unknown. A second in which soakd was frozen is never down. An outage spans three seconds or more, from the first second that was down to the last before the
 * target was up again; it includes unknown seconds in between, in which users back off.
 */
export class Availability {
  readonly #layout: StreamLayout;
  readonly #targets: readonly TargetState[];
  /** Cells of this thread: time up, down and unknown, ms. */
  readonly #own: Float64Array;
  #fromMs: number;
  readonly #beginAt: number;

  /**
   * @param targets names of the run's targets, and their places in the layout
   * @param begin monotonic ms, the calendar time of the same moment, and the values of the run at that time
   */
  constructor(
    targets: readonly { readonly name: string; readonly index: number }[],
    layout: StreamLayout,
    begin: { readonly atMs: number; readonly at: number; readonly values: Float64Array },
  ) {
    this.#layout = layout;
    this.#own = new Float64Array(layout.size);
    this.#fromMs = begin.atMs;
    this.#beginAt = begin.at;
    const view = new StreamView(layout, begin.values);
    this.#targets = targets.map(({ name, index }) => ({
      name,
      index,
      success: view.results(index).success,
      failed: FAILED.map((outcome) => view.cell(index, `finished:${outcome}`)),
      characters: view.cell(index, 'characters'),
      active: view.active(index),
      times: new Map(),
      open: undefined,
      reported: false,
      outages: [],
      outageCount: 0,
    }));
  }

  /** Adds the time up, down and unknown, and that of open streams, to the values of the engine. */
  addTo(values: Float64Array): void {
    for (const { index } of this.#targets) {
      const { cell } = this.#layout.slots[index]!;
      for (const key of OWN_CELLS) values[cell[key]]! += this.#own[cell[key]]!;
    }
  }

  /** Returns the values of the run with the time up, down and unknown, and that of open streams, as counted by now. */
  counted(values: Float64Array): Float64Array {
    const counted = values.slice();
    for (const { index } of this.#targets) {
      const { cell } = this.#layout.slots[index]!;
      for (const key of OWN_CELLS) counted[cell[key]] = this.#own[cell[key]]!;
    }
    return counted;
  }

  /**
   * Classifies the last second; does nothing before a second has passed.
   * @param now monotonic ms, the calendar time of the same moment, the values of the run, and the end of the last freeze
   * of soakd, monotonic ms
   * @param turn the only target that is loaded, `null`: none; others count while they have open streams. Absent: all are
   * @param isEnd whether the second ends now, however short it is: its level, its load or its run ends
   */
  add(
    now: {
      readonly atMs: number;
      readonly at: number;
      readonly values: Float64Array;
      readonly frozenToMs?: number;
    },
    turn?: string | null,
    isEnd = false,
  ): OutageChange[] {
    const spanMs = now.atMs - this.#fromMs;
    if (spanMs <= 0 || (spanMs < MIN_SECOND_MS && !isEnd)) return [];
    // What failed around a freeze may have failed since soakd read and sent nothing.
    const isFrozen = (now.frozenToMs ?? Number.NEGATIVE_INFINITY) > this.#fromMs;
    const mayBeDown = spanMs <= MAX_SECOND_MS && !isFrozen;
    this.#fromMs = now.atMs;
    const view = new StreamView(this.#layout, now.values);
    const second = { fromAt: Math.max(this.#beginAt, now.at - spanMs), toAt: now.at, spanMs, mayBeDown };
    return this.#targets
      .filter(({ name, index, active }) => {
        return turn === undefined || turn === name || active > 0 || view.active(index) > 0;
      })
      .flatMap((target) => this.#second(target, view, second));
  }

  /** Forgets the outages and failures of a warm-up; the time stays counted. @param names of its targets */
  restart(names: readonly string[]): void {
    for (const target of this.#targets.filter(({ name }) => names.includes(name))) {
      target.times.clear();
      target.outages.length = 0;
      target.outageCount = 0;
    }
  }

  /** State for a resume: all but the counted times, which are among the values of the run. */
  state(): AvailabilityState {
    return this.#targets.map(({ name, times, open, reported, outages, outageCount }) => ({
      name,
      times,
      open,
      reported,
      outages,
      outageCount,
    }));
  }

  /** Continues the record of an earlier process. @param values counted by the run so far */
  restore(state: AvailabilityState, values: Float64Array): void {
    for (const { index } of this.#targets) {
      const { cell } = this.#layout.slots[index]!;
      for (const key of OWN_CELLS) this.#own[cell[key]] = values[cell[key]]!;
    }
    for (const kept of state) {
      const target = this.#targets.find(({ name }) => name === kept.name);
      if (target === undefined) continue;
      for (const [outcome, times] of kept.times) target.times.set(outcome, times);
      target.outages.push(...kept.outages);
      target.outageCount = kept.outageCount;
      target.open = kept.open;
      // A process of an earlier version did not have it.
      if (target.open !== undefined) target.open.later ??= new Map();
      target.reported = kept.reported;
    }
  }

  /** Ends open outages, and returns those that were reported. Call once, at the end of the run. */
  finish(): Outage[] {
    return this.#targets.flatMap((target) => {
      const kept = target.open === undefined ? undefined : this.#keep(target, undefined);
      target.open = undefined;
      return kept === undefined || !target.reported ? [] : [kept];
    });
  }

  /** Returns the outages of a target, the first {@link MAX_OUTAGES}, and how many there were. */
  outages(name: string): { readonly outages: readonly Outage[]; readonly count: number } {
    const target = this.#targets.find((t) => t.name === name);
    return { outages: target?.outages ?? [], count: target?.outageCount ?? 0 };
  }

  /** Returns when an outcome was first and last seen on a target; `undefined`: never. */
  failureTimes(name: string, outcome: Outcome): FailureTimes | undefined {
    return this.#targets.find((t) => t.name === name)?.times.get(outcome);
  }

  #second(
    target: TargetState,
    view: StreamView,
    { fromAt, toAt, spanMs, mayBeDown }: Second,
  ): OutageChange[] {
    const { index } = target;
    const success = view.results(index).success;
    const characters = view.cell(index, 'characters');
    const up = success > target.success || characters > target.characters;
    target.success = success;
    target.characters = characters;
    const failures = new Map<Outcome, number>();
    FAILED.forEach((outcome, n) => {
      const count = view.cell(index, `finished:${outcome}`);
      if (count > target.failed[n]!) {
        failures.set(outcome, count - target.failed[n]!);
        const known = target.times.get(outcome);
        if (known === undefined) target.times.set(outcome, { firstAt: fromAt, lastAt: toAt });
        else known.lastAt = toAt;
      }
      target.failed[n] = count;
    });
    const down = !up && failures.size > 0 && mayBeDown;
    const { cell } = this.#layout.slots[index]!;
    this.#own[cell[up ? 'upMs' : down ? 'downMs' : 'unknownMs']]! += spanMs;
    this.#own[cell.activeMs]! += ((target.active + view.active(index)) / 2) * spanMs;
    target.active = view.active(index);
    if (up) return this.#isUp(target, toAt);
    if (down) return this.#isDown(target, failures, fromAt, toAt);
    if (target.open !== undefined) addAll(target.open.later, failures);
    return [];
  }

  #isDown(target: TargetState, failures: Map<Outcome, number>, fromAt: number, toAt: number): OutageChange[] {
    target.open ??= { fromAt, toAt, downs: 0, failures: 0, outcomes: new Map(), later: new Map() };
    const { open } = target;
    open.toAt = toAt;
    open.downs++;
    for (const counted of [open.later, failures]) {
      addAll(open.outcomes, counted);
      for (const n of counted.values()) open.failures += n;
    }
    open.later.clear();
    if (target.reported || !isOutage(open)) return [];
    target.reported = true;
    return [{ kind: 'began', outage: outageOf(target.name, open) }];
  }

  #isUp(target: TargetState, upAt: number): OutageChange[] {
    if (target.open === undefined) return [];
    const ended = this.#keep(target, upAt);
    target.open = undefined;
    target.reported = false;
    return ended === undefined ? [] : [{ kind: 'ended', outage: ended }];
  }

  /** Records the open time down where it counts as an outage. */
  #keep(target: TargetState, upAt: number | undefined): Outage | undefined {
    if (!isOutage(target.open!)) return undefined;
    const outage = outageOf(target.name, target.open!, upAt);
    target.outageCount++;
    if (target.outages.length < MAX_OUTAGES) target.outages.push(outage);
    return outage;
  }
}

/** Returns how long a target was watched, ms: all the time, in a sequence while it was loaded or had open streams. */
export function watchedMs(view: StreamView, target: number): number {
  return view.cell(target, 'upMs') + view.cell(target, 'downMs') + view.cell(target, 'unknownMs');
}

/** A second to classify: calendar times, and its length, ms. */
interface Second {
  readonly fromAt: number;
  readonly toAt: number;
  readonly spanMs: number;
  readonly mayBeDown: boolean;
}

type Open = NonNullable<TargetState['open']>;

function addAll(to: Map<Outcome, number>, counts: ReadonlyMap<Outcome, number>): void {
  for (const [outcome, n] of counts) to.set(outcome, (to.get(outcome) ?? 0) + n);
}

function isOutage({ fromAt, toAt, downs, failures }: Open): boolean {
  return toAt - fromAt >= MIN_OUTAGE_MS - ROUNDING_MS && downs > 1 && failures >= MIN_FAILURES;
}

function outageOf(target: string, { fromAt, toAt, outcomes }: Open, upAt?: number): Outage {
  const counted = Object.fromEntries(outcomes) as Partial<Record<Outcome, number>>;
  return { target, fromAt, toAt, upAt, outcomes: counted };
}
