import type { Format } from '../core/scenario.ts';
import { LONGEST_KEPT, TEXTS_PER_LENGTH, textOf } from './vocabulary.ts';

/** One write to the socket, ready framed, and what it counts for. Shared by all streams: never changed. */
export interface Frame {
  /** Bytes on the wire: HTTP/1.1 chunk framing included. */
  readonly wire: Buffer;
  /** 1, or 0 where the frame is no whole chunk. */
  readonly chunks: 0 | 1;
  /** Bytes of body after transfer decoding. */
  readonly bytes: number;
  /** Code points of content. */
  readonly characters: number;
}

/** All frames of one format. */
export interface FrameSet {
  readonly contentType: string;
  /** Before the content. */
  readonly opening: readonly Frame[];
  /** @param pick from [0, 1): which of the texts of that length */
  content(characters: number, pick: number): Frame;
  /** After the content of an answer that ends well. */
  readonly closing: readonly Frame[];
  /** The report of a failure inside the stream; empty where the format knows none. */
  readonly error: readonly Frame[];
  /** The beginning of a chunk that never comes to its end. */
  readonly broken: Frame;
}

/** How a format writes; every text is one chunk. */
interface Encoding {
  readonly contentType: string;
  readonly opening: readonly string[];
  wrap(content: string): string;
  readonly closing: readonly string[];
  readonly error: readonly string[];
  readonly broken: string;
}

const EVENT_STREAM = 'text/event-stream';
const DONE = 'data: [DONE]\n\n';
const FAILURE = JSON.stringify({
  error: { message: 'simulated failure', type: 'server_error', code: 'simulated' },
});

/**
 * Part of a field's name: a reader that hands out what it has when the connection breaks makes no event of
 * it, so chunks and characters stay beyond dispute.
 */
const HALF_A_FIELD_NAME = 'dat';

/** One answer's id and time are the same for all, so that no frame has to be made for one stream alone. */
function chatEvent(delta: object, finishReason: 'stop' | null): string {
  const event = {
    id: 'chatcmpl-simulated0000000000000000',
    object: 'chat.completion.chunk',
    created: 1_767_225_600,
    model: 'simulated-1',
    system_fingerprint: null,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  };
  return `data: ${JSON.stringify(event)}\n\n`;
}

const ENCODINGS: Readonly<Record<Format, Encoding>> = {
  raw: {
    contentType: 'text/plain; charset=utf-8',
    opening: [],
    wrap: (content) => content,
    closing: [],
    error: [],
    // Any byte would be content, and a client would have to call it a chunk.
    broken: '',
  },
  sse: {
    contentType: EVENT_STREAM,
    opening: [],
    wrap: (content) => `data: ${content}\n\n`,
    closing: [DONE],
    error: [`event: error\ndata: ${FAILURE}\n\n`],
    broken: HALF_A_FIELD_NAME,
  },
  'openai-chat': {
    contentType: EVENT_STREAM,
    opening: [chatEvent({ role: 'assistant', content: '' }, null)],
    wrap: (content) => chatEvent({ content }, null),
    closing: [chatEvent({}, 'stop'), DONE],
    error: [`data: ${FAILURE}\n\n`],
    broken: HALF_A_FIELD_NAME,
  },
};

/** Builds the frames of a format. Those with content are made when first wanted, and kept. */
export function buildFrames(format: Format): FrameSet {
  const encoding = ENCODINGS[format];
  const kept: (Frame | undefined)[] = [];

  const content = (characters: number, pick: number): Frame => {
    const variant = Math.floor(pick * TEXTS_PER_LENGTH);
    // Lengths without end would be memory without end; the rare long one is made anew.
    if (characters > LONGEST_KEPT) return chunkFrame(encoding.wrap(textOf(characters, variant)), characters);
    const slot = characters * TEXTS_PER_LENGTH + variant;
    const known = kept[slot];
    if (known !== undefined) return known;
    const frame = chunkFrame(encoding.wrap(textOf(characters, variant)), characters);
    kept[slot] = frame;
    return frame;
  };

  return {
    contentType: encoding.contentType,
    opening: encoding.opening.map((text) => chunkFrame(text, 0)),
    content,
    closing: encoding.closing.map((text) => chunkFrame(text, 0)),
    error: encoding.error.map((text) => chunkFrame(text, 0)),
    broken: brokenFrame(encoding.broken),
  };
}

/** A whole HTTP/1.1 chunk. */
function chunkFrame(body: string, characters: number): Frame {
  const bytes = Buffer.byteLength(body);
  return { wire: Buffer.from(`${bytes.toString(16)}\r\n${body}\r\n`), chunks: 1, bytes, characters };
}

/** The head of an HTTP/1.1 chunk that announces more bytes than follow. */
function brokenFrame(body: string): Frame {
  const bytes = Buffer.byteLength(body);
  return { wire: Buffer.from(`${(bytes + 64).toString(16)}\r\n${body}`), chunks: 0, bytes, characters: 0 };
}
