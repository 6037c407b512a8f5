/** A change of an active run. Times in ms. */
export type Control =
  /** Holds a level for the rest of the current stage: virtual users in the closed model. */
  | { readonly action: 'set'; readonly users: number; readonly graceMs?: number; readonly rampMs?: number }
  /** The same in the open model: streams a second. With `rampMs` the level is reached by a ramp. */
  | { readonly action: 'set'; readonly rate: number; readonly rampMs?: number }
  /** Starts no more streams and pauses the plan's time; open streams finish. */
  | { readonly action: 'pause' }
  | { readonly action: 'resume' }
  /** Moves to the next stage; after the last one the run drains. */
  | { readonly action: 'skip' }
  /** Extends the current stage, at the level with which it ends. */
  | { readonly action: 'extend'; readonly byMs: number }
  | { readonly action: 'stop'; readonly graceMs?: number };

/** Actions of the events of a run: changes, and what soakd observed. */
export const RUN_ACTIONS = [
  'warm-up',
  'start',
  'set',
  'pause',
  'resume',
  'learn',
  'outage',
  'gap',
  'freeze',
  'skip',
  'extend',
  'stop',
] as const;

/** A change of a run, or something that the run learned about a target. */
export interface RunEvent {
  /** Calendar time, ms since 1970. */
  readonly at: number;
  readonly action: (typeof RUN_ACTIONS)[number];
  /** The name of a token, or `local`, `signal`, `configuration`, `schedule <name>`, `soakd` itself. */
  readonly by: string;
  /** The effect, as a text for people. */
  readonly detail: string;
}
