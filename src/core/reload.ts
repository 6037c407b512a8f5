/** What a good new configuration came to. Each entry is a line for a person. */
export interface Reload {
  /** In effect now. */
  readonly applied: readonly string[];
  /** In effect when the present run is over: it cannot take them. */
  readonly waiting: readonly string[];
  /** In effect after a restart of the process only. */
  readonly restart: readonly string[];
}
