/** One look at all targets. */
export interface Poll {
  readonly atMs: number;
  /** The sums of each target (`SumTable`). */
  readonly rows: readonly Float64Array[];
  /** The most streams that were open since the look before, by target. */
  readonly activeMax: readonly number[];
}

/** A poll that a level keeps. */
export interface KeptPoll {
  readonly level: number;
  /** Counts the polls of the level. */
  readonly n: number;
  readonly poll: Poll;
}

/** Which polls of a level count: from `first` on, before `next`. Others that were kept are of the time before a restart. */
export interface PollRange {
  readonly first: number;
  readonly next: number;
}

/** The most polls that a level keeps: a poll replaces the one this many before it. */
export const MAX_POLLS = 400;

interface Level {
  readonly everyMs: number;
  readonly keptMs: number;
}

/**
 * Interval and retention of polls. Short windows need short intervals; for a window of days a quarter of an hour is close
 * enough. All levels together keep fewer than 900 polls, whatever the length of a run.
 */
const LEVELS: readonly Level[] = [
  { everyMs: 5000, keptMs: 15 * 60_000 },
  { everyMs: 60_000, keptMs: 6.5 * 3_600_000 },
  { everyMs: 15 * 60_000, keptMs: 73 * 3_600_000 },
];

/** Polls of a run: recent ones at short intervals, older ones at long intervals. */
export class History {
  readonly #levels: { readonly level: Level; polls: Poll[]; added: number }[] = LEVELS.map((level) => ({
    level,
    polls: [],
    added: 0,
  }));
  #latest: readonly KeptPoll[] = [];

  /** Levels that keep the last poll: what a restore needs, where each was written. */
  get latest(): readonly KeptPoll[] {
    return this.#latest;
  }

  add(poll: Poll): void {
    const latest: KeptPoll[] = [];
    this.#levels.forEach((entry, index) => {
      const { level, polls } = entry;
      const last = polls.at(-1);
      // A little early is on time: timers are not exact.
      if (last !== undefined && poll.atMs - last.atMs < level.everyMs * 0.9) return;
      polls.push(poll);
      const oldest = poll.atMs - level.keptMs;
      // One older than the oldest window is its start.
      if (polls.length > 2 && polls[1]!.atMs <= oldest) polls.shift();
      latest.push({ level: index, n: entry.added++, poll });
    });
    this.#latest = latest;
  }

  /** Polls that it has, by level. */
  get ranges(): readonly PollRange[] {
    return this.#levels.map(({ polls, added }) => ({ first: added - polls.length, next: added }));
  }

  /** Continues with polls that were kept. Their times must be those of this process. */
  restore(kept: readonly KeptPoll[], ranges: readonly PollRange[]): void {
    this.#levels.forEach((entry, index) => {
      const { first, next } = ranges[index] ?? { first: 0, next: 0 };
      entry.polls = kept
        .filter(({ level, n }) => level === index && n >= first && n < next)
        .sort((a, b) => a.n - b.n)
        .map(({ poll }) => poll);
      entry.added = next;
    });
  }

  /** The last look. */
  get last(): Poll | undefined {
    return this.#levels[0]!.polls.at(-1);
  }

  get size(): number {
    return this.#levels.reduce((sum, { polls }) => sum + polls.length, 0);
  }

  /**
   * @returns the look a window begins with: the last one at or before its start, else the first there is, which is
   * when the watch began
   */
  startOf(windowMs: number): Poll | undefined {
    const start = (this.last?.atMs ?? 0) - windowMs;
    for (const { polls } of this.#levels) {
      const found = polls.findLast((poll) => poll.atMs <= start);
      if (found !== undefined) return found;
    }
    return this.#levels.at(-1)!.polls[0];
  }

  /** Returns the most open streams of a target within the window, at most 15 min of it. */
  activeMax(target: number, windowMs: number): number {
    const start = (this.last?.atMs ?? 0) - windowMs;
    return this.#levels[0]!.polls.filter((poll) => poll.atMs > start).reduce(
      (max, poll) => Math.max(max, poll.activeMax[target] ?? 0),
      0,
    );
  }

  clear(): void {
    for (const entry of this.#levels) entry.polls = [];
  }
}
