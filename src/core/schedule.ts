/** A scenario that soakd starts at the times of a cron pattern. */
export interface Schedule {
  readonly name: string;
  readonly scenario: string;
  /** A cron pattern of five fields, of six with seconds first, or a nickname such as `@daily`. */
  readonly cron: string;
  /** A name of the IANA time zone database; the pattern is in its wall clock. */
  readonly timezone: string;
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
