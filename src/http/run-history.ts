import type { RunChange } from '../history/change.ts';
import type { WindowQuery } from '../history/kept-window.ts';
import type { KeptRun, KeptRunDetail, RunQuery, WindowPage } from '../history/reader.ts';

/** Kept runs. All calls throw SoakError HISTORY_UNUSABLE if they cannot be read. */
export interface RunHistory {
  /** Returns runs, the newest first. @throws SoakError RUN_UNKNOWN if there is no run `before` */
  list(query: RunQuery): Promise<KeptRun[]>;
  /** Returns the id of a run. @param ref an id, the start of one, `last` or `last-pass`. @throws SoakError RUN_UNKNOWN */
  resolve(ref: string): Promise<string>;
  /** @throws SoakError RUN_UNKNOWN */
  show(ref: string): Promise<KeptRunDetail>;
  /** @throws SoakError RUN_UNKNOWN */
  windows(ref: string, query: WindowQuery): Promise<WindowPage>;
  /** @throws SoakError RUN_UNKNOWN, RUN_ACTIVE */
  change(change: RunChange): Promise<KeptRun>;
}
