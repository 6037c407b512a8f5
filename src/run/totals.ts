import type { StreamLayout } from '../catalog/slots.ts';
import { convertValues } from '../core/convert.ts';
import { withEarlier, withoutMaxima } from '../core/snapshot.ts';
import type { LagWatch } from './measurement-quality/lag-watch.ts';
import { PastLag } from './measurement-quality/past-lag.ts';
import type { ResumedRun } from './new-run.ts';

/** Counts of all finished runs since the process began, so that counters never fall. */
export class Totals {
  #layout: StreamLayout;
  /** Absent before the first run has finished. */
  #values: Float64Array | undefined;
  readonly lag: PastLag;
  /** Worker restarts. Below 0 by those of a resumed run that an earlier process counted. */
  restarts = 0;
  /** Unreliable windows of resumed runs that an earlier process counted. */
  #earlierUnreliable = 0;

  /** @param earlier counts of earlier processes, in this layout */
  constructor(layout: StreamLayout, earlier?: Float64Array) {
    this.#layout = layout;
    this.#values = earlier;
    this.lag = new PastLag(layout);
  }

  get unreliableWindows(): number {
    return this.lag.windows - this.#earlierUnreliable;
  }

  /** Returns all counts with those of a run. */
  with(own?: Float64Array): Float64Array {
    return withEarlier(this.#layout, this.#values, own ?? new Float64Array(this.#layout.size));
  }

  /** Adds the counts of a run that an earlier process finished. */
  include(values: Float64Array): void {
    this.#values = this.with(values);
  }

  /** Maxima are those of the current run. */
  forgetMaxima(): void {
    this.#values &&= withoutMaxima(this.#layout, this.#values);
  }

  /** Takes over a run, of whose counts an earlier process has counted a part. */
  resume({ pastShifts, engine, lag }: ResumedRun): void {
    this.lag.restore(pastShifts);
    this.restarts -= engine.restarts;
    this.#earlierUnreliable += lag.unreliable;
  }

  /** Adds a finished run of this process. */
  add(values: Float64Array, restarts: number, lag: LagWatch): void {
    this.include(values);
    this.restarts += restarts;
    this.lag.add(lag);
  }

  /** Keeps all counts of what another layout has, too. */
  convert(layout: StreamLayout): void {
    this.#values &&= convertValues(this.#layout, layout, this.#values);
    this.lag.convert(layout);
    this.#layout = layout;
  }
}
