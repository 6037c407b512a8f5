/**
 * Streams that are put together from events of known meaning, and what each must come to: by rules of its own, from the
 * meanings alone. No byte that is sent is read here, and nothing of `src/formats` is used.
 */
import type { Outcome } from '../../src/core/outcome.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';

/** What an event or a line means. */
type Meaning =
  /** Adds so many characters to the answer. */
  | { readonly kind: 'content'; readonly characters: number }
  /** Adds nothing and says nothing of the end. */
  | { readonly kind: 'quiet' }
  /** No event at all: a comment, a blank line, an event without data. */
  | { readonly kind: 'keepalive'; readonly counted: boolean }
  | { readonly kind: 'reason'; readonly reason: 'good' | 'limited' | 'failing' | 'empty' }
  | { readonly kind: 'terminal' }
  | { readonly kind: 'done' }
  | { readonly kind: 'error' }
  | { readonly kind: 'garbage' };

/** Events that share one piece of the wire have one meaning after another. */
export interface Piece {
  readonly bytes: Buffer;
  readonly meanings: readonly Meaning[];
}

/** How one format writes each meaning, several ways where it has them. */
export interface Dialect {
  readonly lines: boolean;
  readonly content: (text: string, random: Random) => string;
  readonly quiet: readonly string[];
  readonly reason: Readonly<Record<'good' | 'limited' | 'failing' | 'empty', readonly string[]>>;
  /** Absent: `[DONE]` or the end of the body. */
  readonly terminal?: string;
  /** What the end is made of. `done`: [DONE] after a reason; `body`: the end of the body after a reason; `event`: the terminal event after a reason; `self`: the event that holds the reason. */
  readonly end: 'done' | 'body' | 'event' | 'self';
  readonly errors: readonly string[];
}

const event = (json: string, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${json}\n\n`;
const typed = (type: string, rest: object): string => event(JSON.stringify({ type, ...rest }), type);
const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
const FLAT = [
  '{"error":{"message":"x"}}',
  '{"error":"x"}',
  '{"object":"error","message":"x"}',
  '{"message":"x","code":500}',
  '{"message":"x","status":"429"}',
];

/** Keys in an order of chance, and others between them, as gateways have them. */
function shuffled(entries: readonly string[], random: Random): string {
  const all = [...entries];
  if (random() < 0.5) all.push(`"x${Math.floor(random() * 9)}":[null,{"a":"\\u00e9"}]`);
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return `{${all.join(random() < 0.3 ? ' , ' : ',')}}`;
}

const chatReason = (reason: string): string =>
  event(`{"choices":[{"index":0,"delta":{},"finish_reason":${JSON.stringify(reason)}}]}`);
const textReason = (reason: string): string =>
  event(`{"choices":[{"index":0,"text":"","finish_reason":${JSON.stringify(reason)}}]}`);
const stopReason = (reason: string): string =>
  typed('message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: 3 } });
const geminiReason = (reason: string): string =>
  event(JSON.stringify({ candidates: [{ content: { parts: [] }, finishReason: reason }] }));
const cohereEnd = (reason: string): string => typed('message-end', { delta: { finish_reason: reason } });
const ollamaEnd = (reason: string): string => `${JSON.stringify({ done: true, done_reason: reason })}\n`;

export const DIALECTS: Readonly<Record<string, Dialect>> = {
  'openai-chat': {
    lines: false,
    content: (text, random) =>
      event(
        shuffled(
          [
            `"choices":[${shuffled(['"index":0', `"delta":${shuffled([`"${random() < 0.8 ? 'content' : 'reasoning'}":"${text}"`], random)}`, '"finish_reason":null'], random)}]`,
            `"id":"${Math.floor(random() * 3)}"`,
          ],
          random,
        ),
      ),
    quiet: [
      event('{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}'),
      event('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}'),
      event('{"choices":[],"error":null}'),
    ],
    reason: {
      good: ['stop', 'tool_calls', 'unheard_of'].map(chatReason),
      limited: ['length', 'content_filter'].map(chatReason),
      failing: ['error', 'abort'].map(chatReason),
      empty: [chatReason('')],
    },
    end: 'done',
    errors: FLAT.map((json) => event(json)),
  },
  'openai-completions': {
    lines: false,
    content: (text, random) =>
      event(
        shuffled(
          [`"choices":[${shuffled(['"index":0', `"text":"${text}"`, '"finish_reason":null'], random)}]`],
          random,
        ),
      ),
    quiet: [
      event('{"choices":[{"index":0,"text":"","finish_reason":null}]}'),
      event('{"choices":[],"usage":null}'),
    ],
    reason: {
      good: ['stop', 'unheard_of'].map(textReason),
      limited: ['length'].map(textReason),
      failing: ['cancelled'].map(textReason),
      empty: [textReason('')],
    },
    end: 'done',
    errors: FLAT.map((json) => event(json)),
  },
  'openai-responses': {
    lines: false,
    content: (text, random) =>
      event(
        shuffled(
          [
            `"type":"response.${random() < 0.5 ? 'output_text' : 'mcp_call_arguments'}.delta"`,
            `"delta":"${text}"`,
          ],
          random,
        ),
      ),
    quiet: [
      typed('response.in_progress', { response: {} }),
      typed('response.output_item.added', { item: { type: 'message' } }),
    ],
    reason: {
      good: [typed('response.completed', { response: {} })],
      limited: [
        typed('response.incomplete', { response: { incomplete_details: { reason: 'max_output_tokens' } } }),
      ],
      failing: [typed('response.failed', { response: { error: { code: 'x' } } })],
      empty: [],
    },
    end: 'self',
    errors: [...FLAT.map((json) => event(json)), typed('error', { code: 'x' })],
  },
  anthropic: {
    lines: false,
    content: (text, random) =>
      event(
        shuffled(
          [
            '"type":"content_block_delta"',
            '"index":0',
            `"delta":${shuffled(random() < 0.7 ? ['"type":"text_delta"', `"text":"${text}"`] : ['"type":"thinking_delta"', `"thinking":"${text}"`], random)}`,
          ],
          random,
        ),
      ),
    quiet: [
      typed('message_start', { message: {} }),
      typed('ping', {}),
      typed('news', { error: 1 }),
      event('{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"s"}}'),
    ],
    reason: {
      good: ['end_turn', 'tool_use'].map(stopReason),
      limited: ['max_tokens', 'refusal'].map(stopReason),
      failing: ['error'].map(stopReason),
      empty: [stopReason('')],
    },
    terminal: typed('message_stop', {}),
    end: 'event',
    errors: [...FLAT.map((json) => event(json)), typed('error', { error: { type: 'overloaded_error' } })],
  },
  gemini: {
    lines: false,
    content: (text, random) =>
      event(
        shuffled(
          [
            `"candidates":[${shuffled(['"index":0', `"content":{"role":"model","parts":[${shuffled([`"text":"${text}"`], random)}]}`], random)}]`,
            `"usageMetadata":{"candidatesTokenCount":${Math.floor(random() * 9)}}`,
          ],
          random,
        ),
      ),
    quiet: [event('{"candidates":[{"content":{"parts":[{"text":""}]}}]}')],
    reason: {
      good: ['STOP', 'UNHEARD_OF'].map(geminiReason),
      limited: ['MAX_TOKENS', 'SAFETY'].map(geminiReason),
      failing: ['MALFORMED_RESPONSE'].map(geminiReason),
      empty: [geminiReason('')],
    },
    end: 'body',
    errors: FLAT.map((json) => event(json)),
  },
  cohere: {
    lines: false,
    content: (text, random) =>
      event(
        shuffled(
          [
            '"type":"content-delta"',
            '"index":0',
            `"delta":{"message":${shuffled([`"content":{"text":"${text}"}`], random)}}`,
          ],
          random,
        ),
      ),
    quiet: [
      typed('message-start', { delta: { message: { role: 'assistant' } } }),
      typed('content-end', { index: 0 }),
    ],
    reason: {
      good: ['COMPLETE', 'STOP_SEQUENCE'].map(cohereEnd),
      limited: ['MAX_TOKENS'].map(cohereEnd),
      failing: ['ERROR'].map(cohereEnd),
      empty: [],
    },
    end: 'self',
    errors: FLAT.map((json) => event(json)),
  },
  ollama: {
    lines: true,
    content: (text, random) =>
      `${shuffled(['"done":false', random() < 0.5 ? `"message":${shuffled([`"content":"${text}"`], random)}` : `"response":"${text}"`, `"created_at":"${Math.floor(random() * 1e6)}"`], random)}\n`,
    quiet: ['{"message":{"content":""},"done":false}\n', '{"done":false}\n'],
    reason: {
      good: ['stop', 'load'].map(ollamaEnd),
      limited: ['length'].map(ollamaEnd),
      failing: ['abort'].map(ollamaEnd),
      empty: [ollamaEnd('')],
    },
    end: 'self',
    errors: FLAT.map((json) => `${json}\n`),
  },
};

const WORDS = ['a', ' the', 'ß', '€', '😀', '"', '\\', '\n', 'naïve', '日本'];

/** A stream of the format, mostly in order: events are left out, doubled, moved, and others put between them. */
export function makeStream(format: string, seed: number): readonly Piece[] {
  const dialect = DIALECTS[format]!;
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const piece = (text: string, ...meanings: Meaning[]): Piece => ({ bytes: Buffer.from(text), meanings });
  const content = (): Piece => {
    const text = Array.from({ length: 1 + below(3) }, () => pick(WORDS)).join('');
    return piece(dialect.content(quoted(text), random), { kind: 'content', characters: [...text].length });
  };
  const reason = (kind: 'good' | 'limited' | 'failing' | 'empty'): Piece[] => {
    const written = dialect.reason[kind];
    return written.length === 0 ? [] : [piece(pick(written), { kind: 'reason', reason: kind })];
  };
  const done = (): Piece =>
    piece(dialect.lines ? '[DONE]\n' : `data: ${pick(['', ' '])}[DONE]${pick(['', ' '])}\n\n`, {
      kind: 'done',
    });
  const others: (() => Piece[])[] = [
    () => [content()],
    () => [piece(pick(dialect.quiet), { kind: 'quiet' })],
    () => [
      piece(dialect.lines ? '\n' : pick([': ping\n\n', 'data:\n\n', 'event: x\ndata: \n\n']), {
        kind: 'keepalive',
        counted: !dialect.lines,
      }),
    ],
    () => [piece(pick(dialect.errors), { kind: 'error' })],
    () => [done()],
    () => reason(pick(['good', 'limited', 'failing', 'empty'])),
    () => (dialect.terminal === undefined ? [] : [piece(dialect.terminal, { kind: 'terminal' })]),
    () => [
      piece(
        dialect.lines
          ? pick(['{"a":\n', 'x\n', '{"a":NaN}\n'])
          : pick(['data: {"a":\n\n', 'data: x\n\n', 'data: {"a":NaN}\n\n']),
        { kind: 'garbage' },
      ),
    ],
  ];
  let pieces: Piece[] = [
    ...Array.from({ length: below(6) }, content),
    ...reason(pick(['good', 'good', 'good', 'limited'])),
    ...(dialect.end === 'done' ? [done()] : []),
    ...(dialect.terminal === undefined ? [] : [piece(dialect.terminal, { kind: 'terminal' })]),
  ];
  for (let n = below(4); n > 0; n--) {
    const at = below(pieces.length + 1);
    const kind = below(4);
    if (kind === 0) pieces = pieces.toSpliced(at, 1);
    else if (kind === 1) pieces = pieces.toSpliced(at, 0, ...pieces.slice(at, at + 1));
    else pieces = pieces.toSpliced(at, 0, ...pick(others)());
  }
  return pieces;
}

/** What a stream must come to. */
export interface Expected {
  readonly outcome: Outcome;
  readonly characters: number;
  readonly trailing: number;
}

/** @returns what these events must come to, by their meanings */
export function expectedOf(format: string, pieces: readonly Piece[]): Expected {
  const { end } = DIALECTS[format]!;
  let characters = 0;
  let trailing = 0;
  let seen = false;
  let reason: 'good' | 'limited' | undefined;
  let outcome: Outcome | undefined;
  for (const meaning of pieces.flatMap((p) => p.meanings)) {
    if (meaning.kind === 'keepalive') continue;
    if (outcome === 'complete' || outcome === 'limited') {
      const failing = meaning.kind === 'reason' && meaning.reason === 'failing';
      if (['content', 'error', 'garbage'].includes(meaning.kind) || failing) outcome = 'protocol_violation';
      else trailing++;
      continue;
    }
    if (outcome !== undefined) continue;
    switch (meaning.kind) {
      case 'content':
        characters += meaning.characters;
        seen = true;
        break;
      case 'error':
        outcome = 'inband_error';
        break;
      case 'garbage':
        outcome = 'malformed';
        break;
      case 'reason':
        seen = true;
        if (meaning.reason === 'failing') outcome = 'inband_error';
        else if (meaning.reason !== 'empty') reason = meaning.reason;
        if (end === 'self' && outcome === undefined)
          outcome = meaning.reason === 'limited' ? 'limited' : 'complete';
        break;
      case 'terminal':
        outcome = reason === undefined ? 'truncated' : reason === 'limited' ? 'limited' : 'complete';
        break;
      case 'done':
        if (end === 'done')
          outcome =
            !seen || reason === undefined ? 'truncated' : reason === 'limited' ? 'limited' : 'complete';
        else if (end === 'body' && reason !== undefined) trailing++;
        else outcome = 'truncated';
    }
  }
  if (outcome === undefined && end === 'body' && reason !== undefined)
    outcome = reason === 'limited' ? 'limited' : 'complete';
  return { outcome: outcome ?? 'truncated', characters, trailing };
}
