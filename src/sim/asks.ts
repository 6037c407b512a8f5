import type { Format } from '../core/scenario.ts';

/** What a request asks of its answer. */
export interface Ask {
  /** Chunks with content that it may have: here a token is a chunk. */
  readonly maxChunks: number;
  /** Whether it asks for its usage where that is not always told. */
  readonly usage: boolean;
  readonly promptTokens: number;
}

export const NO_ASK: Ask = { maxChunks: Number.POSITIVE_INFINITY, usage: false, promptTokens: 0 };

/** A body longer than this is not looked into. */
export const MAX_READ_BYTES = 1_048_576;

type Body = Readonly<Record<string, unknown>>;

/** Where each format puts the limit on its answer; the first that is there counts. */
const LIMITS: Readonly<Partial<Record<Format, (body: Body) => readonly unknown[]>>> = {
  'openai-chat': (body) => [body.max_completion_tokens, body.max_tokens],
  'openai-responses': (body) => [body.max_output_tokens],
  anthropic: (body) => [body.max_tokens],
  ollama: (body) => [inside(body.options, 'num_predict')],
};

/** Whether the body of a request is worth keeping. */
export function asksInBody(format: Format): boolean {
  return format in LIMITS;
}

/** @param text the body of a request; whatever it is, there is an answer */
export function askOf(format: Format, text: string): Ask {
  const limits = LIMITS[format];
  if (limits === undefined || text === '') return NO_ASK;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return NO_ASK;
  }
  if (typeof body !== 'object' || body === null) return NO_ASK;
  const limit = limits(body as Body).find((value) => typeof value === 'number' && value >= 1);
  return {
    maxChunks: limit === undefined ? Number.POSITIVE_INFINITY : Math.floor(limit as number),
    usage: inside((body as Body).stream_options, 'include_usage') === true,
    // About what a token is of English text.
    promptTokens: Math.ceil(text.length / 4),
  };
}

function inside(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Body)[key] : undefined;
}
