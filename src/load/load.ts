import type { Piece } from '../shapes/piece.ts';
import type { Freeze } from './freeze.ts';
import type { TakeOver } from './messages.ts';

/** A model of load: closed or open. */
export interface Load {
  /**
   * @param originMs time 0 of the plan, on the worker's clock
   * @param takeOver the state of a dead worker that this one replaces
   */
  start(originMs: number, takeOver?: TakeOver): void;
  /**
   * Follows another plan with the same past from now on. Open streams continue.
   * @param pieces consecutive from 0 on, without gaps
   */
  follow(pieces: readonly Piece[]): void;
  /** Cancels streams that began before that time, of virtual users that the plan does not want now. */
  cancelUnwanted(startedBeforeMs: number): void;
  /**
   * Makes up for no start of a time in which the thread was frozen: a burst that nobody planned would meet the target.
   * Waits continue from where they were; starts that the plan had in that time are missing from the load delivered.
   */
  frozen(freeze: Freeze): void;
  /** Starts no more streams. Open streams continue. */
  stop(): void;
  /** Updates the cells of the load delivered: called by every sweep. */
  account(): void;
  /** Whether there will be no more starts and no stream is open. */
  readonly drained: boolean;
  /** Closes all connections. */
  close(): void;
}
