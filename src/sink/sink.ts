import type { StreamLayout } from '../catalog/slots.ts';
import type { RunEvent } from '../core/control.ts';
import type { FinishedRun, Run } from '../core/run.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';

/** What is counted, and what is known of the current run besides. */
export interface StreamSnapshot extends Snapshot<StreamLayout> {
  /** Share of the planned load that the current run has brought, by target; absent: no run. */
  readonly delivered?: readonly number[];
}

/**
 * A `Sink` shows or records runs. It never blocks. Its errors are logged and never end a run. The last `add` before
 * `stop` has the values of the whole run.
 */
export interface Sink {
  start?(run: Run, snapshot: StreamSnapshot): void;
  /** Called once a second, and whenever the state of the run changes. */
  add?(run: Run, snapshot: StreamSnapshot): void;
  /** Called between two calls of `add` that are a second apart, for what must not be lost with the process. */
  between?(run: Run, snapshot: StreamSnapshot): void;
  /** Called for each event of a run, including those that `run.events` does not list. */
  event?(run: Run, event: RunEvent): void;
  /**
   * Called with failed streams as engine threads report them, ten times a second at most.
   * @param omitted failed streams that are not among the results
   */
  results?(run: Run, results: readonly StreamResult[], omitted: readonly OmittedFailures[]): void;
  /** The end of a run waits for the promise, a last flush, for at most {@link MAX_FLUSH_MS}. */
  stop?(run: FinishedRun, snapshot: StreamSnapshot): void | Promise<void>;
}

/** The longest that the end of a run waits for its sinks, ms. */
export const MAX_FLUSH_MS = 5000;
