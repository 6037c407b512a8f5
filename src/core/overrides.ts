/** Changes of one run to its scenario. An absent key keeps the configured value. */
export interface Overrides {
  /** Virtual users of the closed model, a whole number of at least 1. */
  readonly users?: number;
  /** Streams a second of the open model, above 0. */
  readonly rate?: number;
  /** Duration of the run, ms, above 0. */
  readonly forMs?: number;
  /** Rise of users or rate from 0 ahead of the level, ms, above 0. */
  readonly rampMs?: number;
  /** ms; 0: the start is part of the verdict. */
  readonly warmUpMs?: number;
  /** From 0 to 2³² − 1. */
  readonly seed?: number;
  /** Budget of streams, a whole number of at least 1. */
  readonly maxStreams?: number;
}
