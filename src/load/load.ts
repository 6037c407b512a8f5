import type { TakeOver } from './messages.ts';
import type { Piece } from './shape.ts';

/** A way to bring streams about: closed or open. */
export interface Load {
  /**
   * Begins.
   * @param originMs time 0 of the plan, on the worker's clock
   * @param takeOver where it goes on in place of one that died
   */
  start(originMs: number, takeOver?: TakeOver): void;
  /**
   * Follows another plan from now on, whose past is the same. Open streams go on.
   * @param pieces one after another without a hole, from 0 on
   */
  follow(pieces: readonly Piece[]): void;
  /** Cancels streams of virtual users whom the plan does not want now, where they began before that time. */
  cancelUnwanted(startedBeforeMs: number): void;
  /** No new starts. Open streams go on. */
  stop(): void;
  /** Brings the cells of the load delivered up to date: called by every sweep. */
  account(): void;
  /** Whether there will be no more starts and no stream is open. */
  readonly drained: boolean;
  /** Closes all connections. */
  close(): void;
}
