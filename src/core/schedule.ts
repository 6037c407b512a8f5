/** A scenario that soakd starts by itself, again and again. */
export interface Schedule {
  readonly name: string;
  readonly scenario: string;
  /** A cron pattern of five fields, of six with seconds first, or a nickname such as `@daily`. */
  readonly cron: string;
  /** A name of the IANA time zone database, in whose wall clock the pattern is meant. */
  readonly timezone: string;
}

/** What has become of a schedule. Calendar times, ms since 1970. */
export interface ScheduleState extends Schedule {
  /** When it is due next. */
  readonly nextAt: number;
  /** When it last started its scenario; `null` before the first time. */
  readonly lastStartedAt: number | null;
  /** Times at which it did not try to: a run was active, or the time was missed. */
  readonly skipped: number;
}
