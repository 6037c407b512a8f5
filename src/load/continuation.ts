import { PHASES, type StreamLayout } from '../catalog/slots.ts';
import { OUTCOMES } from '../core/outcome.ts';
import type { Piece } from '../shapes/piece.ts';

/** Streams of a segment so far. */
export interface SegmentProgress {
  readonly started: number;
  readonly dropped: number;
}

/** What an engine did of a run, besides its counts. */
export interface EngineProgress {
  readonly segments: readonly SegmentProgress[];
  /** How streams of each target end, as learned, by its index. */
  readonly learned: readonly number[];
  readonly restarts: number;
  readonly deaths: number;
  /** Generations of threads: the ids of their streams must differ. */
  readonly lives: number;
}

/** What earlier processes did of a run that this one continues. */
export interface Continuation extends EngineProgress {
  /** Counted so far; streams that were open then count as lost. */
  readonly values: Float64Array;
  /** End of the earlier process, ms from the start of the plan. */
  readonly endedMs: number;
  readonly pieces: readonly Piece[];
}

/** Counts what was open in a thread or process that died as `generator_lost`. Changes the values. */
export function countLost(layout: StreamLayout, values: Float64Array): void {
  for (const { cell } of layout.slots) {
    for (const phase of PHASES) values[cell[`active:${phase}`]] = 0;
    values[cell.stalled] = 0;
    values[cell.silence] = 0;
    // From what was started and not from what was open: it may have died between the two counts.
    const ended = OUTCOMES.reduce((sum, o) => sum + values[cell[`finished:${o}`]]!, 0);
    values[cell['finished:generator_lost']]! += values[cell.started]! - ended;
  }
}
