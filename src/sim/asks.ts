import { type Format, formatNamed } from '../formats/list.ts';

/** Parameters of a request that affect its answer. */
export interface Ask {
  /** Maximum chunks with content: here a token is a chunk. */
  readonly maxChunks: number;
  /** Whether the request asks for usage, in formats that report it only on request. */
  readonly usage: boolean;
  readonly promptTokens: number;
}

export const NO_ASK: Ask = { maxChunks: Number.POSITIVE_INFINITY, usage: false, promptTokens: 0 };

/** Maximum length of a body that is parsed. */
export const MAX_READ_BYTES = 1_048_576;

type Body = Readonly<Record<string, unknown>>;

/** Whether the body of a request is worth keeping. */
export function asksInBody(format: Format): boolean {
  return formatNamed(format).tokenLimits.length > 0;
}

/** @param text the body of a request; whatever it is, there is an answer */
export function askOf(format: Format, text: string): Ask {
  const { tokenLimits } = formatNamed(format);
  if (tokenLimits.length === 0 || text === '') return NO_ASK;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return NO_ASK;
  }
  if (typeof body !== 'object' || body === null) return NO_ASK;
  const limit = tokenLimits
    .map((path) => path.split('.').reduce(inside, body))
    .find((value) => typeof value === 'number' && value >= 1);
  return {
    maxChunks: limit === undefined ? Number.POSITIVE_INFINITY : Math.floor(limit as number),
    usage: inside((body as Body).stream_options, 'include_usage') === true,
    // Roughly one token of English text.
    promptTokens: Math.ceil(text.length / 4),
  };
}

function inside(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Body)[key] : undefined;
}
