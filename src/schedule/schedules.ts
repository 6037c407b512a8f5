import { iso } from '../core/clock.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import {
  MAX_SCHEDULE_RECORDS,
  type Schedule,
  type ScheduleMemory,
  type ScheduleRecord,
  type ScheduleState,
} from '../core/schedule.ts';
import { nextTime } from './next-time.ts';
import { readPattern } from './pattern.ts';
import { Zone } from './zone.ts';

/** A time that is noticed this late (a blocked loop, a machine that slept) is still kept; ms. */
const LATE_MS = 60_000;
/**
 * How often the clock is read, ms: timers do not count the time that a machine sleeps, and do not notice a
 * clock that is set.
 */
const POLL_INTERVAL_MS = 10_000;
/**
 * After a clock set back by more than this, ms, times count from the new clock; after less, none starts
 * twice.
 */
const SET_BACK_MS = 3_600_000;
/** Maximum missed times that are counted at once: a clock that was wrong by years costs nothing. */
const MAX_MISSED = 100;
/**
 * Each kind of trouble of a schedule is logged once in this time, ms: one with seconds would fill the log.
 */
const EMIT_INTERVAL_MS = 50_000;

/** Log messages for what can go wrong. */
const TROUBLES = {
  skipped: 'schedule skipped',
  missed: 'schedule missed its times: soakd was paused or not running, or the clock was set',
  failed: 'schedule failed to start its scenario',
} as const;
type Trouble = keyof typeof TROUBLES;

interface ScheduleLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface SchedulesOptions {
  /**
   * Starts a scenario.
   * @param by `schedule <name>`
   * @param note which missed times the run makes up for; absent for a start at its time
   * @returns the run
   * @throws SoakError RUN_ACTIVE when a run is active and the time is skipped; any other error is a failure
   */
  readonly start: (scenario: string, by: string, note?: string) => Promise<{ readonly id: string }>;
  readonly log: ScheduleLog;
  /** Calendar time, ms since 1970. */
  readonly now?: () => number;
  /** Where schedules survive a restart; without it they begin with each start of soakd. */
  readonly memory?: ScheduleMemory;
}

/** Counts of a name, kept while it is not configured so that counters never fall. */
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
  /** The last of its times that was handled; before the first, -Infinity. */
  doneAt: number;
  /** Since when its times count: the first `replace`, or a clock that was set back. */
  since: number;
  nextAt: number;
}

/** Times that were missed together. */
interface Missed {
  readonly count: number;
  readonly from: number;
  readonly to: number;
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
  #recalled = false;

  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now());
  }

  /**
   * Applies a new configuration. A schedule that is still configured keeps its next time; of one that was
   * removed only the counts are kept. The first call also continues from the records of the memory: times that
   * they miss are handled a moment later, so that a scenario of the configuration starts before theirs.
   */
  replace(configured: readonly Schedule[]): void {
    const now = this.#now();
    const records = this.#recall(now);
    const before = new Map(this.#entries.map((entry) => [entry.schedule.name, entry]));
    this.#entries = configured.map((schedule) => {
      const counts = this.#countsOf(schedule.name);
      const known = before.get(schedule.name);
      if (known !== undefined && hasTimesOf(known.schedule, schedule)) return { ...known, schedule };
      const after = timesOf(schedule);
      const record = records.get(schedule.name);
      const continues = record !== undefined && hasTimesOf(record, schedule) && !isAhead(record.doneAt, now);
      const doneAt = continues ? record.doneAt : Number.NEGATIVE_INFINITY;
      const since = continues ? doneAt : now;
      return { schedule, counts, after, doneAt, since, nextAt: after(since) };
    });
    this.#forget();
    const names = new Set(configured.map(({ name }) => name));
    const removed = [...records.values()].flatMap(({ name, cron }) => (cron === '' ? [] : [name]));
    for (const name of [...removed, ...before.keys()]) if (!names.has(name)) this.#save(name);
    // Last, so that a memory of bounded size forgets others before those.
    for (const name of names) this.#save(name);
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
      if (this.#counts.size <= MAX_SCHEDULE_RECORDS) return;
      this.#counts.delete(name);
    }
  }

  /**
   * Takes over the counts of earlier processes, once.
   * @returns the records by name; none after the first call
   */
  #recall(now: number): ReadonlyMap<string, ScheduleRecord> {
    if (this.#recalled) return new Map();
    this.#recalled = true;
    const records = this.#options.memory?.load().slice(-MAX_SCHEDULE_RECORDS) ?? [];
    for (const { name, skipped, lastStartedAt } of records) {
      const counts = this.#countsOf(name);
      counts.skipped = skipped;
      // A start in the future would hide from the alert that later ones are missing.
      counts.lastStartedAt = lastStartedAt !== null && isAhead(lastStartedAt, now) ? null : lastStartedAt;
    }
    return new Map(records.map((record) => [record.name, record]));
  }

  #save(name: string): void {
    const counts = this.#counts.get(name);
    if (this.#options.memory === undefined || counts === undefined) return;
    const entry = this.#entries.find(({ schedule }) => schedule.name === name);
    const { skipped, lastStartedAt } = counts;
    this.#options.memory.save({
      name,
      cron: entry?.schedule.cron ?? '',
      timezone: entry?.schedule.timezone ?? '',
      doneAt: entry === undefined ? this.#now() : Math.max(entry.doneAt, entry.since),
      skipped,
      lastStartedAt,
    });
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
      if (setBack) this.#setBack(entry, now);
      if (entry.nextAt <= now) this.#due(entry, now);
    }
    this.#arm();
  }

  #setBack(entry: Entry, now: number): void {
    if (isAhead(Math.max(entry.doneAt, entry.since), now)) {
      entry.doneAt = Number.NEGATIVE_INFINITY;
      entry.since = now;
      this.#save(entry.schedule.name);
    }
    entry.nextAt = entry.after(Math.max(now, entry.doneAt));
  }

  /**
   * Starts the last of the times that are due, unless it is too late; the others count as missed: no burst. If
   * all were missed, the policy of the schedule applies.
   */
  #due(entry: Entry, now: number): void {
    const { schedule, counts } = entry;
    const from = entry.nextAt;
    let kept: number | undefined;
    let count = 0;
    let to = from;
    for (let at = from; at <= now; at = entry.after(at)) {
      entry.doneAt = at;
      if (kept !== undefined) {
        count++;
        to = kept;
      }
      if (now - at <= LATE_MS) {
        kept = at;
      } else {
        to = at;
        if (++count === MAX_MISSED) {
          at = Math.max(at, now - LATE_MS - 1);
          // Those that are not counted are handled too: a restart would count them again.
          entry.doneAt = at;
          to = lastTime(entry.after, to, at);
        }
      }
    }
    entry.nextAt = entry.after(now);
    const missed: Missed | undefined =
      count === 0 ? undefined : { count: Math.min(count, MAX_MISSED), from, to };
    if (missed !== undefined) {
      counts.skipped += missed.count;
      const facts = {
        missed: missed.count,
        ...(missed.count < MAX_MISSED ? {} : { isAtLeast: true }),
        firstAt: iso(from),
        lastAt: iso(to),
        policy: schedule.missed,
      };
      this.#notify(entry, 'missed', facts);
    }
    // Before the start: one that ends the process must not be made again by the next process.
    this.#save(schedule.name);
    if (kept !== undefined) void this.#start(entry, now - kept);
    else if (missed !== undefined && schedule.missed === 'once') void this.#start(entry, 0, missed);
  }

  /** @param missed times that the start makes up for; they are counted as skipped already */
  async #start(entry: Entry, lateMs: number, missed?: Missed): Promise<void> {
    const { schedule, counts } = entry;
    const { name, scenario } = schedule;
    const skip = (detail: string): void => {
      if (missed === undefined) counts.skipped++;
      this.#notify(entry, 'skipped', { detail, ...(missed && { makesUpFor: missed.count }) });
    };
    if (counts.starting) {
      skip('its previous start has not finished');
      this.#save(name);
      return;
    }
    counts.starting = true;
    try {
      const { id: run } = await this.#options.start(scenario, `schedule ${name}`, missed && noteOf(missed));
      counts.lastStartedAt = this.#now();
      const late = lateMs >= 1000 ? { lateMs } : {};
      const facts = { run, schedule: name, scenario, ...late, ...(missed && { makesUpFor: missed.count }) };
      this.#options.log.info(facts, 'schedule started its scenario');
    } catch (error) {
      const code = error instanceof SoakError ? error.code : 'INTERNAL';
      if (code === 'RUN_ACTIVE') skip(messageOf(error));
      else this.#notify(entry, 'failed', { code, err: messageOf(error) });
    } finally {
      counts.starting = false;
      this.#save(name);
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

/** Returns the last time of a schedule up to an instant. @param known one of its times before the instant */
function lastTime(after: (instantMs: number) => number, known: number, untilMs: number): number {
  let found = known;
  // Nothing is due between the end and the instant; something is between the start and the end.
  let [start, end] = [known, untilMs];
  while (end - start > 1) {
    const middle = Math.floor((start + end) / 2);
    const next = after(middle);
    if (next > untilMs) end = middle;
    else {
      found = next;
      start = next;
    }
  }
  return found;
}

/** Whether two have the same times: cron pattern and time zone. */
function hasTimesOf(a: Pick<Schedule, 'cron' | 'timezone'>, b: Pick<Schedule, 'cron' | 'timezone'>): boolean {
  return a.cron === b.cron && a.timezone === b.timezone;
}

/** Whether an instant can only come from a clock that has been set back since. */
const isAhead = (atMs: number, now: number): boolean => atMs - now > SET_BACK_MS;

function noteOf({ count, from, to }: Missed): string {
  return count === 1
    ? `makes up for the missed time ${iso(from)}`
    : `makes up for ${count < MAX_MISSED ? count : `at least ${count}`} missed times from ${iso(from)} to ${iso(to)}`;
}
