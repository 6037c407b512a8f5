/** What may be asked of a run while it is active. Times in ms. */
export type Control =
  /** Holds a level for the rest of the present stage: virtual users in the closed model. */
  | { readonly action: 'set'; readonly users: number; readonly graceMs?: number }
  /** The same in the open model: streams a second. */
  | { readonly action: 'set'; readonly rate: number }
  /** No new starts; what is open is left to finish, and the plan's time stands still. */
  | { readonly action: 'pause' }
  | { readonly action: 'resume' }
  /** On to the next stage; after the last one the run drains. */
  | { readonly action: 'skip' }
  /** The present stage lasts longer, on the level it would have ended with. */
  | { readonly action: 'extend'; readonly byMs: number }
  | { readonly action: 'stop'; readonly graceMs?: number };

/** One thing that was done to a run, or that it learned of a target. */
export interface RunEvent {
  /** Calendar time, ms since 1970. */
  readonly at: number;
  readonly action: 'start' | 'warm-up' | 'learn' | 'outage' | Control['action'];
  /** The name of a token, or `local`, `signal`, `configuration`, `schedule <name>`, `soakd` itself. */
  readonly by: string;
  /** What it came to, for a person. */
  readonly detail: string;
}
