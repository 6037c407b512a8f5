import type { SimulatedOutcome } from '../core/simulator.ts';
import { type Ask, NO_ASK } from './asks.ts';
import { expectedOutcome } from './expected.ts';
import { type Ending, FAULT_SCRIPTS, type Head, Play, type StreamFault } from './fault-scripts.ts';
import type { Frame, FrameSet, Framing } from './frames.ts';
import type { AnswerPlan } from './plan.ts';

/** A plan in a format: frames, and the time between them. Played once. */
export interface Script {
  readonly ttfbMs: number;
  readonly head: Head;
  readonly ending: Ending;
  /** The outcome if the client stays until it can know it. */
  readonly outcome: SimulatedOutcome;
  /** @returns the next frame, or `undefined` after the last one */
  next(): Frame | undefined;
  /** Time from the last returned frame to the next one, or to the ending; ms. */
  readonly gapMs: number;
}

/** @returns how the frames of a stream with this fault must be framed */
export function framingOf(fault: StreamFault | undefined): Framing {
  const head = fault === undefined ? 'chunked' : (FAULT_SCRIPTS[fault].head ?? 'chunked');
  return head === 'close' || head === 'length' ? 'plain' : 'chunked';
}

/**
 * @param fault the plan's own, or another; one that the format cannot have is none
 * @param frames framed as `framingOf` says
 */
export function writeScript(
  plan: AnswerPlan,
  fault: StreamFault | undefined,
  frames: FrameSet,
  ask: Ask = NO_ASK,
): Script {
  const limited = ask.maxChunks < plan.contentChunks;
  const chunks = Math.min(plan.contentChunks, ask.maxChunks);
  const good = limited ? 'limited' : 'complete';
  const expected = fault === undefined ? undefined : expectedOutcome(fault, frames.format);
  if (fault === undefined || expected === undefined) return goodScript(plan, frames, chunks, ask, good);
  // A format without in-band errors breaks the connection instead.
  const silent = fault === 'inbandError' && frames.error(0).length === 0;
  const { head = 'chunked', ending, steps } = FAULT_SCRIPTS[silent ? 'reset' : fault];
  const play = steps(new Play(plan, frames, chunks, limited, ask));
  let gapMs = 0;
  return {
    ttfbMs: plan.ttfbMs,
    head,
    ending,
    outcome: expected === 'complete' && fault !== 'truncate' ? good : expected,
    get gapMs() {
      return gapMs;
    },
    next() {
      const step = play.next();
      if (step.done === true) return undefined;
      gapMs = step.value.gapMs;
      return step.value.frame;
    },
  };
}

/** Equivalent to playing the whole answer, without an object for each chunk. */
function goodScript(
  plan: AnswerPlan,
  frames: FrameSet,
  chunks: number,
  ask: Ask,
  outcome: 'complete' | 'limited',
): Script {
  const { opening } = frames;
  const openings = opening.length;
  let index = 0;
  let closing: readonly Frame[] | undefined;
  let gapMs = 0;
  return {
    ttfbMs: plan.ttfbMs,
    head: 'chunked',
    ending: 'end',
    outcome,
    get gapMs() {
      return gapMs;
    },
    next() {
      const at = index++;
      if (at < openings) {
        gapMs = plan.drawGapMs();
        return opening[at];
      }
      if (at < openings + chunks) {
        const frame = frames.content(plan.drawCharacters(), plan.drawText(), at);
        gapMs = at + 1 < openings + chunks ? plan.drawGapMs() : 0;
        return frame;
      }
      closing ??= frames.closing({ ...ask, index: at, chunks, limited: outcome === 'limited' });
      return closing[at - openings - chunks];
    },
  };
}
