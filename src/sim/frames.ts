import type { Format } from '../formats/list.ts';
import { ENCODINGS } from './encodings/by-format.ts';
import type { AnswerEnd } from './encodings/encoding.ts';

/**
 * Characters by how many bytes of UTF-8 they take. Chosen to hurt a careless reader: quotes and backslashes
 * that JSON must escape, U+0085, U+2028 and U+2029, which are no line ends in server-sent events, and
 * characters outside the basic plane, which are two units of a JavaScript string and one code point.
 */
const ALPHABETS: readonly (readonly string[])[] = [
  [...'the quick "brown" fox, jumps: over {a} <lazy> dog & c\\d; 42% of [it] = ok?'],
  [...'éüñßøäçàλжяшאבد\u0085'],
  [...'日本語中文한글€—…あア\u2028\u2029'],
  [...'😀🚀𝄞🎉👍🧪𝒳🌍'],
];

/** Where the share of one alphabet ends and the next begins; 1.9 bytes a character, as the seed's answers have. */
const SHARES_UP_TO: readonly number[] = [0.5, 0.7, 0.9, 1];

/** Multiples of this, modulo 1, fill [0, 1) evenly from the first few on. */
const GOLDEN_RATIO = 0.6180339887498949;

/** Different texts of each length. */
export const TEXTS_PER_LENGTH = 64;

/** Longest text that is worth keeping; a longer one repeats one of these. Code points. */
export const MAX_KEPT = 256;

/**
 * @param characters code points, at least 1
 * @param variant from 0 to TEXTS_PER_LENGTH − 1
 * @returns always the same text for the same arguments. Over all variants of a length bytes and characters
 * stand in the same proportion, to within about a percent: the characters are dealt out evenly, not drawn.
 */
export function textOf(characters: number, variant: number): string {
  if (characters > MAX_KEPT) {
    const block = textOf(MAX_KEPT, variant);
    const rest = characters % MAX_KEPT;
    return block.repeat(Math.floor(characters / MAX_KEPT)) + (rest > 0 ? textOf(rest, variant) : '');
  }
  let text = '';
  const first = variant * characters;
  for (let i = first; i < first + characters; i++) {
    const u = (i * GOLDEN_RATIO) % 1;
    const alphabet = ALPHABETS[SHARES_UP_TO.findIndex((upTo) => u < upTo)]!;
    text += alphabet[i % alphabet.length]!;
  }
  return text;
}

/** What a write counts for. */
export interface Counts {
  /** 0 where it is no whole chunk. */
  readonly chunks: number;
  /** Of the chunks those with content of the answer. */
  readonly contentChunks: number;
  /** Bytes of body after transfer decoding. */
  readonly bytes: number;
  /** Code points of content. */
  readonly characters: number;
  /** Output tokens of the answer, where it reports them. */
  readonly outputTokens: number | null;
  /** Whether it ends the answer. Formats without a terminal event end with the body. */
  readonly isTerminal: boolean;
}

/** Nothing of a body. */
export const NO_COUNTS: Counts = {
  chunks: 0,
  contentChunks: 0,
  bytes: 0,
  characters: 0,
  outputTokens: null,
  isTerminal: false,
};

/** One write to the socket, ready framed. Shared by all streams: never changed. */
export interface Frame extends Counts {
  /** Bytes on the wire: chunk framing of HTTP/1.1 included, where there is one. */
  readonly wire: Buffer;
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
  const [before, after] = encoding.line;
  /** Without lines, whatever is sent is content. */
  const bare = before === '';
  const frame = (body: Buffer | string, counts: Partial<Counts>): Frame =>
    frameOf(Buffer.from(body), counts, framing);
  /** A chunk without content. */
  const plain = (text: string): Frame => frame(text, { chunks: 1 });
  const plains = (texts: readonly string[]): readonly Frame[] => texts.map(plain);
  const charactersOf = (text: string, characters: number): number =>
    encoding.wholeLines ? [...text].length - 1 : characters;
  const filled = (text: string, characters: number): Frame =>
    frame(text, { chunks: 1, contentChunks: 1, characters: charactersOf(text, characters) });
  const part = (bytes: Buffer | string): Frame => frame(bytes, bare ? { chunks: 1, contentChunks: 1 } : {});

  const content = (characters: number, pick: number, index: number): Frame => {
    const variant = Math.floor(pick * TEXTS_PER_LENGTH);
    // Keeping every length would take unbounded memory; a rare long one is built each time.
    if (characters > MAX_KEPT || encoding.numbered) {
      return filled(encoding.content(textOf(characters, variant), index), characters);
    }
    const slot = characters * TEXTS_PER_LENGTH + variant;
    const known = kept[slot];
    if (known !== undefined) return known;
    const made = filled(encoding.content(textOf(characters, variant), index), characters);
    kept[slot] = made;
    return made;
  };

  const split = (characters: number, pick: number, index: number): [Frame, Frame] => {
    const text = [...textOf(characters, Math.floor(pick * TEXTS_PER_LENGTH))].with(-1, WIDE).join('');
    const written = encoding.content(text, index);
    const body = Buffer.from(written);
    const middle = body.lastIndexOf(WIDE) + 2;
    const rest = { chunks: 1, contentChunks: 1, characters: charactersOf(written, characters) };
    return [part(body.subarray(0, middle)), frame(body.subarray(middle), rest)];
  };

  return {
    format,
    framing,
    contentType: encoding.contentType,
    opening: plains(encoding.opening),
    content,
    split,
    // The end of an answer is no content, also where a whole line would be.
    closing: (end) =>
      encoding.closing(end).map(({ text, ...counts }) => frame(text, { chunks: 1, ...counts })),
    error: (index) => plains(encoding.error(index)),
    // What comes after the terminal event is no content of the answer.
    afterEnd: (end) => (encoding.afterEnd === undefined ? [] : [plain(encoding.afterEnd(end))]),
    keepalive: encoding.keepalive === undefined ? undefined : part(encoding.keepalive),
    line: bare ? [] : [part(before), plain(after)],
    filler: (bytes) =>
      frame(Buffer.alloc(bytes, 'x'), bare ? { chunks: 1, contentChunks: 1, characters: bytes } : {}),
    broken: brokenFrame(encoding.broken),
  };
}

/** Marks the frame that decides how the stream ends. */
export function deciding(frame: Frame): Frame {
  return { ...frame, decides: true };
}

/** Bytes on the wire that are no part of a body. */
export function wireFrame(wire: Buffer): Frame {
  return { ...NO_COUNTS, wire, decides: false };
}

function frameOf(body: Buffer, counts: Partial<Counts>, framing: Framing): Frame {
  const wire =
    framing === 'plain' || body.length === 0
      ? body
      : // A chunk of length 0 would be the last one.
        Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, LINE_END]);
  return { ...NO_COUNTS, ...counts, bytes: body.length, wire, decides: false };
}

const LINE_END = Buffer.from('\r\n');

/** The head of an HTTP/1.1 chunk that announces more bytes than follow. */
function brokenFrame(body: string): Frame {
  const bytes = Buffer.byteLength(body);
  const wire = Buffer.from(`${(bytes + 64).toString(16)}\r\n${body}`);
  return { ...NO_COUNTS, bytes, wire, decides: false };
}
