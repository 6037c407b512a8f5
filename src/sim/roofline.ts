import type { SimulatorOptions } from '../core/simulator.ts';
import type { Frame, FrameSet } from './frames.ts';
import { planAnswer } from './plan.ts';
import { type Script, writeScript } from './script.ts';

/** Number of different answers that are built in advance. */
const ANSWERS = 64;
/**
 * Maximum size of all prebuilt answers, bytes; the first answer above it and all later ones are not prebuilt.
 */
const MAX_BYTES = 64 * 1024 * 1024;
/**
 * Maximum size of joined frames, bytes: small enough to know the sent part of a broken answer to about a
 * chunk.
 */
const JOINED_BYTES = 16_384;

/** Prebuilt answers of one format. */
export class Roofline {
  readonly #answers: (readonly Frame[])[] = [];

  constructor(options: SimulatorOptions, frames: FrameSet) {
    let bytes = 0;
    for (let index = 0; index < ANSWERS; index++) {
      const joined: Frame[] = [];
      const script = writeScript(planAnswer(options, index), undefined, frames);
      let together: Frame[] = [];
      let size = 0;
      for (let frame = script.next(); frame !== undefined; frame = script.next()) {
        together.push(frame);
        size += frame.wire.length;
        if (size >= JOINED_BYTES) {
          joined.push(join(together));
          bytes += size;
          together = [];
          size = 0;
        }
        if (bytes + size > MAX_BYTES) return;
      }
      if (together.length > 0) joined.push(join(together));
      bytes += size;
      this.#answers.push(joined);
    }
  }

  /** @returns the answer of the n-th stream, or `undefined` where answers are too long to be prebuilt */
  script(n: number): Script | undefined {
    const answer = this.#answers[n % this.#answers.length];
    if (answer === undefined) return undefined;
    let at = 0;
    return {
      ttfbMs: 0,
      head: 'chunked',
      ending: 'end',
      outcome: 'complete',
      gapMs: 0,
      next: () => answer[at++],
    };
  }
}

function join(frames: readonly Frame[]): Frame {
  const sum = (key: 'chunks' | 'contentChunks' | 'bytes' | 'characters'): number =>
    frames.reduce((n, f) => n + f[key], 0);
  return {
    wire: Buffer.concat(frames.map((frame) => frame.wire)),
    chunks: sum('chunks'),
    contentChunks: sum('contentChunks'),
    bytes: sum('bytes'),
    characters: sum('characters'),
    outputTokens: frames.findLast((frame) => frame.outputTokens !== null)?.outputTokens ?? null,
    isTerminal: frames.some((frame) => frame.isTerminal),
    decides: false,
  };
}
