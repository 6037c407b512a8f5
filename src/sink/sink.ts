import type { StreamLayout } from '../catalog/slots.ts';
import type { Run } from '../core/run.ts';
import type { Snapshot } from '../core/snapshot.ts';

export type StreamSnapshot = Snapshot<StreamLayout>;

/**
 * Something that shows or keeps what a run does. It never blocks; what it throws is logged and never ends a
 * run. The last `add` before `stop` holds the whole run.
 */
export interface Sink {
  start(run: Run, snapshot: StreamSnapshot): void;
  /** Once a second, and whenever the state of the run has changed. */
  add(run: Run, snapshot: StreamSnapshot): void;
  stop(run: Run, snapshot: StreamSnapshot): void;
}
