/** Some series of a histogram. */
export interface TimingSeries {
  /** Name of the metric, without `_bucket`. */
  readonly metric: string;
  /** Matchers of its series; empty for all. */
  readonly matcher: string;
  /** Name of what is recorded from them. */
  readonly level: string;
}
