import { seededRandom } from '../core/random.ts';
import type { Fault } from '../core/simulator.ts';
import { MAX_EVENT_BYTES } from '../formats/limits.ts';
import type { Ask } from './asks.ts';
import type { AnswerEnd } from './encodings/encoding.ts';
import { deciding, type Frame, type FrameSet, wireFrame } from './frames.ts';
import type { AnswerPlan } from './plan.ts';
import type { WholeFault } from './whole.ts';

/** What is done once the last frame is out: end the body well, break the connection, close it, or nothing. */
export type Ending = 'end' | 'reset' | 'fin' | 'hold';

/**
 * What comes before the body: chunks of HTTP, a body that ends with its connection, one with a length, or no
 * head at all.
 */
export type Head = 'chunked' | 'close' | 'length' | 'none';

/** A fault of a stream, rather than of what stands in its place. */
export type StreamFault = Exclude<Fault, WholeFault>;

/** A frame, and the time from it to the next. */
interface Step {
  readonly frame: Frame;
  readonly gapMs: number;
}
type Steps = Generator<Step, void>;

interface FaultScript {
  /** Absent: chunks of HTTP. */
  readonly head?: Head;
  readonly ending: Ending;
  readonly steps: (play: Play) => Steps;
}

const TRICKLE_GAP_MS = 1000;
/** Comments without a gap between them would be a flood. */
const MIN_KEEPALIVE_GAP_MS = 10;
/** Between the two halves of a character, so that they come to be two reads. */
const SPLIT_GAP_MS = 2;
const HUGE_LINE_BYTES = 100_000_000;
const FILLER_BYTES = 65_536;

/** The parts of which answers that go wrong are made. */
export class Play {
  readonly frames: FrameSet;
  readonly #plan: AnswerPlan;
  readonly #chunks: number;
  readonly #limited: boolean;
  readonly #ask: Ask;
  /** Of the next event. */
  #index = 0;

  constructor(plan: AnswerPlan, frames: FrameSet, chunks: number, limited: boolean, ask: Ask) {
    this.#plan = plan;
    this.frames = frames;
    this.#chunks = chunks;
    this.#limited = limited;
    this.#ask = ask;
  }

  get index(): number {
    return this.#index;
  }

  gapMs(): number {
    return this.#plan.drawGapMs();
  }

  /** An answer up to its half; at least one chunk. */
  *half(): Steps {
    yield* this.#until(Math.max(1, Math.floor(this.#chunks / 2)));
  }

  /** A whole answer but for its end. @param write how a chunk is written; absent: as ever */
  *whole(write?: () => Steps): Steps {
    yield* this.#until(this.#chunks, write);
  }

  *closing(): Steps {
    yield* now(this.frames.closing(this.#end()));
  }

  *more(): Steps {
    yield* now(this.frames.afterEnd(this.#end()).map(deciding));
  }

  /** A chunk with content. */
  content(): Frame {
    return this.frames.content(this.#plan.drawCharacters(), this.#plan.drawText(), this.#index++);
  }

  *splitContent(): Steps {
    const { drawCharacters, drawText } = this.#plan;
    const [head, tail] = this.frames.split(drawCharacters(), drawText(), this.#index++);
    yield { frame: head, gapMs: SPLIT_GAP_MS };
    yield { frame: tail, gapMs: 0 };
  }

  *commentedContent(): Steps {
    yield { frame: this.content(), gapMs: 0 };
    if (this.frames.keepalive !== undefined) yield { frame: this.frames.keepalive, gapMs: 0 };
  }

  *#until(chunks: number, write?: () => Steps): Steps {
    for (const frame of this.frames.opening) {
      this.#index++;
      yield { frame, gapMs: this.gapMs() };
    }
    for (let sent = 1; sent <= chunks; sent++) {
      const frames = write === undefined ? [{ frame: this.content(), gapMs: 0 }] : [...write()];
      const last = frames.pop()!;
      yield* frames;
      yield { frame: last.frame, gapMs: sent < chunks ? this.gapMs() : 0 };
    }
  }

  #end(): AnswerEnd {
    return { ...this.#ask, index: this.#index, chunks: this.#chunks, limited: this.#limited };
  }
}

function* now(frames: readonly Frame[]): Steps {
  for (const frame of frames) yield { frame, gapMs: 0 };
}

function* forEver(frame: Frame, gapMs: () => number): Steps {
  const known = deciding(frame);
  for (;;) yield { frame: known, gapMs: gapMs() };
}

/** Neither a response nor a chunk of one: begins like no text, and is always the same. */
const GARBAGE = garbage();

function garbage(): Buffer {
  const random = seededRandom(0x6a4ba6e);
  const bytes = Buffer.from(Array.from({ length: 512 }, () => Math.floor(random() * 256)));
  bytes[0] = 0xff;
  return bytes;
}

const NO_LENGTH = Buffer.from('no length\r\nof a chunk\r\n');

export const FAULT_SCRIPTS: Readonly<Record<StreamFault, FaultScript>> = {
  noFirstByte: { ending: 'hold', *steps() {} },
  acceptOnly: { head: 'none', ending: 'hold', *steps() {} },
  stall: { ending: 'hold', steps: (play) => play.half() },
  trickle: {
    ending: 'hold',
    *steps(play) {
      yield* play.half();
      yield* now(play.frames.line.slice(0, 1));
      yield* forEver(play.frames.filler(1), () => TRICKLE_GAP_MS);
    },
  },
  endless: {
    ending: 'hold',
    *steps(play) {
      yield* play.half();
      for (;;) yield { frame: deciding(play.content()), gapMs: play.gapMs() };
    },
  },
  keepaliveOnly: {
    ending: 'hold',
    *steps(play) {
      const { keepalive } = play.frames;
      if (keepalive === undefined) return;
      yield* forEver(keepalive, () => Math.max(MIN_KEEPALIVE_GAP_MS, play.gapMs()));
    },
  },
  inbandError: {
    ending: 'end',
    *steps(play) {
      yield* play.half();
      yield* now(play.frames.error(play.index).map(deciding));
    },
  },
  truncate: { ending: 'end', steps: (play) => play.half() },
  reset: { ending: 'reset', steps: broken },
  finMidChunk: { ending: 'fin', steps: broken },
  contentLengthShort: { head: 'length', ending: 'fin', steps: (play) => play.half() },
  garbage: {
    head: 'none',
    ending: 'fin',
    *steps() {
      yield* now([deciding(wireFrame(GARBAGE))]);
    },
  },
  badChunk: {
    ending: 'fin',
    *steps(play) {
      yield* play.half();
      yield* now([deciding(wireFrame(NO_LENGTH))]);
    },
  },
  hugeLine: {
    ending: 'end',
    *steps(play) {
      yield* play.half();
      const { line, filler } = play.frames;
      yield* now(line.slice(0, 1));
      const frame = filler(FILLER_BYTES);
      const known = line.length > 0 ? deciding(frame) : frame;
      for (let bytes = 0; bytes < HUGE_LINE_BYTES; bytes += FILLER_BYTES) {
        yield { frame: bytes > MAX_EVENT_BYTES ? known : frame, gapMs: 0 };
      }
      yield* now(line.slice(1));
      yield* play.closing();
    },
  },
  dataAfterEnd: {
    ending: 'end',
    *steps(play) {
      yield* play.whole();
      yield* play.closing();
      yield* play.more();
    },
  },
  halfOpen: { ending: 'hold', steps: good },
  splitUtf8: { ending: 'end', steps: (play) => good(play, () => play.splitContent()) },
  commentsWithin: { ending: 'end', steps: (play) => good(play, () => play.commentedContent()) },
  closeDelimited: { head: 'close', ending: 'end', steps: (play) => good(play) },
};

function* broken(play: Play): Steps {
  yield* play.half();
  yield* now([play.frames.broken]);
}

function* good(play: Play, write?: () => Steps): Steps {
  yield* play.whole(write);
  yield* play.closing();
}
