import { messageOf, SoakError } from '../core/errors.ts';
import type { Schedule, ScheduleState } from '../core/schedule.ts';
import { nextTime } from './next-time.ts';
import { readPattern } from './pattern.ts';
import { Zone } from './zone.ts';

/** A time that is noticed this late (a blocked loop, a machine that slept) is still kept; ms. */
export const LATE_MS = 60_000;
/**
 * How often the clock is read, ms: timers do not count the time that a machine sleeps, and do not notice a
 * clock that is set.
 */
export const POLL_INTERVAL_MS = 10_000;
/**
 * After a clock set back by more than this, ms, times count from the new clock; after less, none starts
 * twice.
 */
const SET_BACK_MS = 3_600_000;
/** Maximum missed times that are counted at once; more than that means a clock that was wrong. */
const MAX_MISSED = 100;
/** Names whose counts are kept, in case they come back with a reload. */
const MAX_REMEMBERED = 200;
/**
 * Each kind of trouble of a schedule is logged once in this time, ms: one with seconds would fill the log.
 */
const EMIT_INTERVAL_MS = 50_000;

/** Log messages for what can go wrong. */
const TROUBLES = {
  skipped: 'a schedule was skipped',
  missed: 'a schedule missed its times: soakd was paused, or the clock was set',
  failed: 'a schedule could not start its scenario',
} as const;
type Trouble = keyof typeof TROUBLES;

export interface ScheduleLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface SchedulesOptions {
  /**
   * Starts a scenario.
   * @param by `schedule <name>`
   * @throws SoakError RUN_ACTIVE when a run is active and the time is skipped; any other error is a failure
   */
  readonly start: (scenario: string, by: string) => Promise<unknown>;
  readonly log: ScheduleLog;
  /** Calendar time, ms since 1970. */
  readonly now?: () => number;
}

/** Counts of a name, kept for the life of the process so that counters never fall. */
interface ScheduleCounts {
  skipped: number;
  lastStartedAt: number | null;
  /** A start was requested and has not finished. */
  starting: boolean;
  /** When each trouble was last logged, and how many messages were suppressed since. */
  readonly notified: Partial<Record<Trouble, { readonly at: number; suppressed: number }>>;
}

interface Entry {
  readonly schedule: Schedule;
  readonly counts: ScheduleCounts;
  /** The first time that it is due after this instant. */
  readonly after: (instantMs: number) => number;
  /** The last of its times that was handled. */
  doneAt: number;
  nextAt: number;
}

/** Starts scenarios at their times. Nothing is due before the first call of `replace`. */
export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #now: () => number;
  readonly #counts = new Map<string, ScheduleCounts>();
  #entries: readonly Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now());
  }

  /**
   * Applies a new configuration. A schedule that is still configured keeps its next time; of one that was
   * removed only the counts are kept.
   */
  replace(configured: readonly Schedule[]): void {
    const now = this.#now();
    const before = new Map(this.#entries.map((entry) => [entry.schedule.name, entry]));
    this.#entries = configured.map((schedule) => {
      const counts = this.#countsOf(schedule.name);
      const known = before.get(schedule.name);
      if (known?.schedule.cron === schedule.cron && known.schedule.timezone === schedule.timezone)
        return { ...known, schedule };
      const after = timesOf(schedule);
      return { schedule, counts, after, doneAt: Number.NEGATIVE_INFINITY, nextAt: after(now) };
    });
    this.#forget();
    this.#lookedAt = Math.max(this.#lookedAt, now);
    this.#arm();
  }

  /** @returns the state of each schedule, in the order of the configuration */
  states(): ScheduleState[] {
    return this.#entries.map(({ schedule, counts: { lastStartedAt, skipped }, nextAt }) => ({
      ...schedule,
      nextAt,
      lastStartedAt,
      skipped,
    }));
  }

  /** Stops starting scenarios. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closed = true;
  }

  #countsOf(name: string): ScheduleCounts {
    const counts = this.#counts.get(name) ?? {
      skipped: 0,
      lastStartedAt: null,
      starting: false,
      notified: {},
    };
    // Names in use move to the end, and are forgotten last.
    this.#counts.delete(name);
    this.#counts.set(name, counts);
    return counts;
  }

  #forget(): void {
    for (const name of this.#counts.keys()) {
      if (this.#counts.size <= MAX_REMEMBERED) return;
      this.#counts.delete(name);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#entries.length === 0) return;
    const soonest = Math.min(...this.#entries.map((entry) => entry.nextAt)) - this.#now();
    const wait = Math.min(Math.max(1, Math.ceil(soonest)), POLL_INTERVAL_MS);
    this.#timer = setTimeout(() => this.#poll(), wait);
    this.#timer.unref();
  }

  #poll(): void {
    const now = this.#now();
    const setBack = now < this.#lookedAt;
    this.#lookedAt = now;
    for (const entry of this.#entries) {
      if (setBack) {
        const again = entry.doneAt - now > SET_BACK_MS;
        entry.nextAt = entry.after(again ? now : Math.max(now, entry.doneAt));
      }
      if (entry.nextAt <= now) this.#due(entry, now);
    }
    this.#arm();
  }

  /**
   * Starts the last of the times that are due, unless it is too late; the others count as missed: no burst.
   */
  #due(entry: Entry, now: number): void {
    const first = entry.nextAt;
    let kept: number | undefined;
    let missed = 0;
    for (let at = first; at <= now; at = entry.after(at)) {
      entry.doneAt = at;
      if (kept !== undefined) missed++;
      if (now - at <= LATE_MS) kept = at;
      else if (++missed === MAX_MISSED) at = Math.max(at, now - LATE_MS - 1);
    }
    entry.nextAt = entry.after(now);
    if (missed > 0) {
      entry.counts.skipped += missed;
      this.#notify(entry, 'missed', { missed, first: iso(first), now: iso(now) });
    }
    if (kept !== undefined) void this.#start(entry, now - kept);
  }

  async #start(entry: Entry, lateMs: number): Promise<void> {
    const { schedule, counts } = entry;
    const { name, scenario } = schedule;
    if (counts.starting) {
      counts.skipped++;
      this.#notify(entry, 'skipped', { reason: 'its previous start has not finished' });
      return;
    }
    counts.starting = true;
    try {
      await this.#options.start(scenario, `schedule ${name}`);
      counts.lastStartedAt = this.#now();
      const late = lateMs >= 1000 ? { lateMs } : {};
      this.#options.log.info({ schedule: name, scenario, ...late }, 'a schedule started its scenario');
    } catch (error) {
      const code = error instanceof SoakError ? error.code : 'INTERNAL';
      if (code === 'RUN_ACTIVE') {
        counts.skipped++;
        this.#notify(entry, 'skipped', { reason: messageOf(error) });
      } else {
        this.#notify(entry, 'failed', { code, error: messageOf(error) });
      }
    } finally {
      counts.starting = false;
    }
  }

  #notify({ schedule, counts }: Entry, trouble: Trouble, facts: object): void {
    const now = this.#now();
    const last = counts.notified[trouble];
    // A time in the future comes from a clock that has been set back since.
    if (last !== undefined && last.at <= now && now - last.at < EMIT_INTERVAL_MS) {
      last.suppressed++;
      return;
    }
    const { name, scenario } = schedule;
    const suppressed = last !== undefined && last.suppressed > 0 ? { suppressed: last.suppressed } : {};
    const level = trouble === 'failed' ? 'error' : 'warn';
    this.#options.log[level]({ schedule: name, scenario, ...facts, ...suppressed }, TROUBLES[trouble]);
    counts.notified[trouble] = { at: now, suppressed: 0 };
  }
}

/** @throws Error for a pattern or zone that no configuration lets through */
function timesOf({ cron, timezone }: Schedule): (instantMs: number) => number {
  const pattern = readPattern(cron);
  const zone = new Zone(timezone);
  return (instantMs) => nextTime(pattern, zone, instantMs) ?? Number.POSITIVE_INFINITY;
}

const iso = (ms: number): string => new Date(ms).toISOString();
