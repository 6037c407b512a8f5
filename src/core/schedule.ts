/** What happens after a time was missed: nothing, or one start for all missed times together. */
export const MISSED_POLICIES = ['skip', 'once'] as const;
type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** A scenario that soakd starts at the times of a cron pattern. */
export interface Schedule {
  readonly name: string;
  readonly scenario: string;
  /** A cron pattern of five fields, of six with seconds first, or a nickname such as `@daily`. */
  readonly cron: string;
  /** A name of the IANA time zone database; the pattern is in its wall clock. */
  readonly timezone: string;
  readonly missed: MissedPolicy;
}

/** A schedule and its state. Calendar times, ms since 1970. */
export interface ScheduleState extends Schedule {
  /** When it is due next. */
  readonly nextAt: number;
  /** When it last started its scenario; `null` before the first time. */
  readonly lastStartedAt: number | null;
  /** Times at which it started nothing: a run was active, or the time was missed. */
  readonly skipped: number;
}

/** Maximum schedules whose counts and records are kept, in use or removed. */
export const MAX_SCHEDULE_RECORDS = 200;

/** What is remembered of a schedule after soakd ends. Calendar times, ms since 1970. */
export interface ScheduleRecord {
  readonly name: string;
  /** Empty while the schedule is not configured: it misses nothing, and only its counts are used. */
  readonly cron: string;
  readonly timezone: string;
  /** The last of its times that was handled; before the first, when soakd first read the schedule. */
  readonly doneAt: number;
  readonly lastStartedAt: number | null;
  readonly skipped: number;
}

/** Keeps the records of schedules beyond the life of the process. Neither method waits or throws. */
export interface ScheduleMemory {
  /** Returns at most `MAX_SCHEDULE_RECORDS` records, those saved last, in the order of their last `save`. */
  load(): readonly ScheduleRecord[];
  /** Replaces the record of that name. */
  save(record: ScheduleRecord): void;
}
