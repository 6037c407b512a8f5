/** The effect of a valid new configuration. Each entry is a line for people. */
export interface Reload {
  /** In effect now. */
  readonly applied: readonly string[];
  /** In effect after the current run, which cannot adopt them. */
  readonly waiting: readonly string[];
  /** In effect after a restart of the process only. */
  readonly restart: readonly string[];
}
