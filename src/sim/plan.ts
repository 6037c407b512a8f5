import { sampler } from '../core/distribution.ts';
import { type Random, seededRandom } from '../core/random.ts';
import type { Fault, FaultShares, SimulatorOptions } from '../core/simulator.ts';
import { FAULTS } from '../core/simulator.ts';
import { changeOf } from './behaviours.ts';
import { slowdownMs } from './capacity.ts';

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

/** What an answer depends on besides the options. */
export interface Moment {
  /** Since the options came into force. */
  readonly elapsedMs: number;
  /** Concurrent streams, this one included. */
  readonly active: number;
  /** The fault that the request names; `none` for a good answer. */
  readonly asked?: Fault | 'none';
}

const AT_FIRST: Moment = { elapsedMs: 0, active: 1 };

/**
 * @param index answer 0 is that of the first stream accepted
 * @returns the same plan, draw for draw, for the same options, index and moment
 */
export function planAnswer(options: SimulatorOptions, index: number, moment: Moment = AT_FIRST): AnswerPlan {
  const random = seededRandom(options.seed, index);
  const fault = chooseFault(options, index, moment, random());
  const ttfb = sampler(options.ttfbMs, random)();
  const contentChunks = atLeastOne(sampler(options.chunks, random)());
  const gap = sampler(options.gapMs, random);
  const characters = sampler(options.characters, random);
  const answer = {
    fault,
    contentChunks,
    drawCharacters: () => atLeastOne(characters()),
    drawText: random,
  };
  if (options.roofline === true) return { ...answer, ttfbMs: 0, drawGapMs: () => 0 };
  const { behaviours = [], capacity } = options;
  const onTtfb = changeOf(behaviours, 'ttfb', moment.elapsedMs);
  const slowdown = capacity === undefined ? 0 : slowdownMs(capacity, moment.active);
  const { factor, addMs } = changeOf(behaviours, 'gap', moment.elapsedMs);
  return {
    ...answer,
    ttfbMs: Math.max(0, ttfb * onTtfb.factor + onTtfb.addMs + slowdown),
    drawGapMs: () => Math.max(0, gap() * factor + addMs),
  };
}

/** Set apart from the draws of the answer itself, which are the same with a timeline and without. */
const TIMELINE_SEED = 0x5ca1ab1e;

/**
 * The request's own word comes first, then the timeline, then every n-th, then the shares.
 * @param u drawn from [0, 1), for the shares
 */
function chooseFault(
  options: SimulatorOptions,
  index: number,
  { elapsedMs, asked }: Moment,
  u: number,
): Fault | undefined {
  if (asked !== undefined) return asked === 'none' ? undefined : asked;
  let random: Random | undefined;
  for (const episode of options.timeline ?? []) {
    if (elapsedMs < episode.fromMs || elapsedMs >= episode.toMs) continue;
    random ??= seededRandom(options.seed ^ TIMELINE_SEED, index);
    const fault = drawFault(episode.faults, random());
    if (fault !== undefined) return fault;
  }
  const { every } = options;
  if (every !== undefined) {
    for (const fault of FAULTS) {
      const n = every[fault];
      if (n !== undefined && (index + 1) % n === 0) return fault;
    }
  }
  return drawFault(options.faults, u);
}

/** @param u drawn from [0, 1); the shares lie side by side on it, what is left over is health */
function drawFault(shares: FaultShares, u: number): Fault | undefined {
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
