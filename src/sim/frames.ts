import type { Format } from '../formats/list.ts';
import { ENCODINGS } from './encodings/by-format.ts';
import type { AnswerEnd } from './encodings/encoding.ts';
import { LONGEST_KEPT, TEXTS_PER_LENGTH, textOf } from './vocabulary.ts';

/** One write to the socket, ready framed, and what it counts for. Shared by all streams: never changed. */
export interface Frame {
  /** Bytes on the wire: chunk framing of HTTP/1.1 included, where there is one. */
  readonly wire: Buffer;
  /** 0 where the frame is no whole chunk. */
  readonly chunks: number;
  /** Bytes of body after transfer decoding. */
  readonly bytes: number;
  /** Code points of content. */
  readonly characters: number;
  /** A client that has got this frame knows how the stream ends. */
  readonly decides: boolean;
}

/** How bytes of the body become bytes on the wire. */
export type Framing = 'chunked' | 'plain';

/** All frames of one format. */
export interface FrameSet {
  readonly format: Format;
  readonly framing: Framing;
  readonly contentType: string;
  /** Before the content. */
  readonly opening: readonly Frame[];
  /**
   * @param pick from [0, 1): which of the texts of that length
   * @param index of the event in its stream
   */
  content(characters: number, pick: number, index: number): Frame;
  /** The same as two frames, parted inside a character. */
  split(characters: number, pick: number, index: number): readonly [Frame, Frame];
  /** After the content of an answer that ends well. */
  closing(end: AnswerEnd): readonly Frame[];
  /** The report of a failure inside the stream; empty where the format knows none. */
  error(index: number): readonly Frame[];
  /** More of the answer after its end, as far as the format has one. */
  afterEnd(end: AnswerEnd): readonly Frame[];
  /** Keeps the connection alive, where the format has something for that. */
  readonly keepalive: Frame | undefined;
  /** What an overlong line begins and ends with; empty where there are no lines. */
  readonly line: readonly Frame[];
  /** A part of an overlong line. */
  filler(bytes: number): Frame;
  /** The beginning of a chunk of HTTP that never comes to its end. */
  readonly broken: Frame;
}

/** Four bytes of UTF-8. */
const WIDE = '😀';

/** Builds the frames of a format. Those with content are made when first wanted, and kept. */
export function buildFrames(format: Format, framing: Framing = 'chunked'): FrameSet {
  const encoding = ENCODINGS[format];
  const kept: (Frame | undefined)[] = [];
  const whole = (text: string, characters = 0): Frame =>
    frameOf(Buffer.from(text), 1, encoding.wholeLines ? [...text].length - 1 : characters, framing);
  const wholes = (texts: readonly string[]): readonly Frame[] => texts.map((text) => whole(text));
  const part = (bytes: Buffer | string): Frame => frameOf(Buffer.from(bytes), 0, 0, framing);
  /** What comes after the terminal event is no content of the answer. */
  const late = (text: string): Frame => frameOf(Buffer.from(text), 1, 0, framing);

  const content = (characters: number, pick: number, index: number): Frame => {
    const variant = Math.floor(pick * TEXTS_PER_LENGTH);
    // Lengths without end would be memory without end; the rare long one is made anew.
    if (characters > LONGEST_KEPT || encoding.numbered) {
      return whole(encoding.content(textOf(characters, variant), index), characters);
    }
    const slot = characters * TEXTS_PER_LENGTH + variant;
    const known = kept[slot];
    if (known !== undefined) return known;
    const frame = whole(encoding.content(textOf(characters, variant), index), characters);
    kept[slot] = frame;
    return frame;
  };

  const split = (characters: number, pick: number, index: number): [Frame, Frame] => {
    const text = [...textOf(characters, Math.floor(pick * TEXTS_PER_LENGTH))].with(-1, WIDE).join('');
    const written = encoding.content(text, index);
    const body = Buffer.from(written);
    const middle = body.lastIndexOf(WIDE) + 2;
    const rest = frameOf(body.subarray(middle), 1, whole(written, characters).characters, framing);
    return [part(body.subarray(0, middle)), rest];
  };

  const [before, after] = encoding.line;
  /** Without lines, whatever is sent is content. */
  const bare = before === '';
  return {
    format,
    framing,
    contentType: encoding.contentType,
    opening: wholes(encoding.opening),
    content,
    split,
    // The end of an answer is no content, also where a whole line would be.
    closing: (end) => encoding.closing(end).map((text) => frameOf(Buffer.from(text), 1, 0, framing)),
    error: (index) => wholes(encoding.error(index)),
    afterEnd: (end) => (encoding.afterEnd === undefined ? [] : [late(encoding.afterEnd(end))]),
    keepalive: encoding.keepalive === undefined ? undefined : part(encoding.keepalive),
    line: bare ? [] : [part(before), late(after)],
    filler: (bytes) => frameOf(Buffer.alloc(bytes, 'x'), bare ? 1 : 0, bare ? bytes : 0, framing),
    broken: brokenFrame(encoding.broken),
  };
}

/** A frame that tells how the stream ends. */
export function deciding(frame: Frame): Frame {
  return { ...frame, decides: true };
}

/** Bytes on the wire that are no part of a body. */
export function wireFrame(wire: Buffer): Frame {
  return { wire, chunks: 0, bytes: 0, characters: 0, decides: false };
}

function frameOf(body: Buffer, chunks: number, characters: number, framing: Framing): Frame {
  const wire =
    framing === 'plain' || body.length === 0
      ? body
      : // A chunk of length 0 would be the last one.
        Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, LINE_END]);
  return { wire, chunks, bytes: body.length, characters, decides: false };
}

const LINE_END = Buffer.from('\r\n');

/** The head of an HTTP/1.1 chunk that announces more bytes than follow. */
function brokenFrame(body: string): Frame {
  const bytes = Buffer.byteLength(body);
  const wire = Buffer.from(`${(bytes + 64).toString(16)}\r\n${body}`);
  return { wire, chunks: 0, bytes, characters: 0, decides: false };
}
