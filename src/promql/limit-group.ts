/** Some targets that share a limit. */
export interface LimitGroup {
  /** A matcher of the label `target`; empty where all targets share the limit. */
  readonly matcher: string;
  /** The names of those that have a limit of their own; empty for all others. */
  readonly targets: readonly string[];
  readonly limit: number;
}
