import { sampler } from '../core/distribution.ts';
import { seededRandom } from '../core/random.ts';
import type { Fault, SimulatorOptions } from '../core/simulator.ts';
import { FAULTS } from '../core/simulator.ts';

/**
 * Everything that chance decides about one answer, drawn before and while it is played out. Holds no clock
 * and no socket, so that the statistics of a workload can be computed without waiting for it.
 */
export interface AnswerPlan {
  readonly fault: Fault | undefined;
  /** From the complete request to the first byte of the body, ms. */
  readonly ttfbMs: number;
  /** Chunks with content in the whole answer (a fault may cut it short). */
  readonly contentChunks: number;
  /** Draws the gap to the next chunk, ms. */
  drawGapMs(): number;
  /** Draws the code points of content in the next chunk, at least 1. */
  drawCharacters(): number;
  /** Draws from [0, 1): which of the texts of that length is sent. */
  drawText(): number;
}

/**
 * @param index answer 0 is that of the first stream accepted
 * @returns the same plan, draw for draw, for the same options and index
 */
export function planAnswer(options: SimulatorOptions, index: number): AnswerPlan {
  const random = seededRandom(options.seed, index);
  const fault = drawFault(options.faults, random());
  const ttfbMs = Math.max(0, sampler(options.ttfbMs, random)());
  const contentChunks = atLeastOne(sampler(options.chunks, random)());
  const gap = sampler(options.gapMs, random);
  const characters = sampler(options.characters, random);
  return {
    fault,
    ttfbMs,
    contentChunks,
    drawGapMs: () => Math.max(0, gap()),
    drawCharacters: () => atLeastOne(characters()),
    drawText: random,
  };
}

/** @param u drawn from [0, 1); the shares lie side by side on it, what is left over is health */
function drawFault(shares: SimulatorOptions['faults'], u: number): Fault | undefined {
  let upTo = 0;
  for (const fault of FAULTS) {
    upTo += shares[fault] ?? 0;
    if (u < upTo) return fault;
  }
  return undefined;
}

function atLeastOne(value: number): number {
  return Math.max(1, Math.round(value));
}
