import type { Fault } from '../core/simulator.ts';
import type { Frame, FrameSet } from './frames.ts';
import type { SimulatedOutcome } from './ledger.ts';
import type { AnswerPlan } from './plan.ts';

/** What is done once the last frame is out. */
export type Ending = 'end' | 'reset' | 'stall';

/** A plan in the words of a format: frame after frame, with the time between them. Played once. */
export interface Script {
  readonly ttfbMs: number;
  readonly ending: Ending;
  /** How the stream ends if the client stays to the end. */
  readonly outcome: SimulatedOutcome;
  /** @returns the next frame, or `undefined` after the last one */
  next(): Frame | undefined;
  /** From the frame given last to the next one, or to the ending; ms. */
  readonly gapMs: number;
}

/** A fault inside a stream. A refusal has no script. */
export type StreamFault = Exclude<Fault, 'http503'>;

/** How an answer with this fault ends, and the frames that come last. */
function tailOf(
  fault: StreamFault | undefined,
  frames: FrameSet,
): [Ending, SimulatedOutcome, readonly Frame[]] {
  switch (fault) {
    case undefined:
      return ['end', 'complete', frames.closing];
    case 'inbandError':
      // A format that cannot say it breaks the connection instead.
      return frames.error.length > 0 ? ['end', 'inband_error', frames.error] : tailOf('reset', frames);
    case 'truncate':
      // Without a terminal event nobody can tell a short answer from a whole one.
      return ['end', frames.closing.length > 0 ? 'truncated' : 'complete', []];
    case 'reset':
      return ['reset', 'reset', [frames.broken]];
    case 'stall':
      return ['stall', 'stalled', []];
  }
}

/** @param fault the plan's own, or another */
export function writeScript(plan: AnswerPlan, fault: StreamFault | undefined, frames: FrameSet): Script {
  const [ending, outcome, tail] = tailOf(fault, frames);
  const contentChunks =
    fault === undefined ? plan.contentChunks : Math.max(1, Math.floor(plan.contentChunks / 2));
  let opened = 0;
  let sent = 0;
  let closed = 0;
  let gapMs = 0;
  return {
    ttfbMs: plan.ttfbMs,
    ending,
    outcome,
    get gapMs() {
      return gapMs;
    },
    next() {
      if (opened < frames.opening.length) {
        gapMs = plan.drawGapMs();
        return frames.opening[opened++];
      }
      if (sent < contentChunks) {
        sent++;
        const frame = frames.content(plan.drawCharacters(), plan.drawText());
        gapMs = sent < contentChunks ? plan.drawGapMs() : 0;
        return frame;
      }
      return tail[closed++];
    },
  };
}
