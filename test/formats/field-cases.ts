/**
 * Streams as gateways and model servers of the field send them, and what each is. Every kind of quirk stands in every
 * format that can have it: a format is described here as its documentation would, and the kinds are made of that.
 */
import type { FinishReason } from '../../src/core/finish-reason.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { EventMatcher, Terminal } from '../../src/core/target.ts';
import type { Format } from '../../src/formats/list.ts';

export interface FieldCase {
  readonly name: string;
  readonly format: Format;
  readonly terminal?: Terminal;
  readonly error?: EventMatcher;
  readonly body: string | Buffer;
  readonly outcome: Outcome;
  readonly characters?: number;
  readonly contentChunks?: number;
  readonly trailing?: number;
  readonly reason?: FinishReason;
  readonly detail?: RegExp;
}

/** How a format writes what the kinds of quirks are made of. */
interface Writing {
  readonly opening?: string;
  /** Two code points of content. */
  readonly text: string;
  /** Events that end an answer well, the terminal one last, for a finish reason. */
  readonly closing: (reason: string) => string;
  readonly stop: string;
  /** Reasons as the API writes them. */
  readonly limited: readonly string[];
  readonly failing: readonly string[];
  /** A call of the tool `f` with no arguments yet, or with the arguments `{"a": 1}`: its code points. */
  readonly tools?: readonly (readonly [written: string, characters: number])[];
  /** Written as the format writes an event or a line. */
  readonly part: (json: string) => string;
  /** Usage with this many output tokens, where it is an event of its own or part of the closing. */
  readonly usage?: (tokens: string) => string;
  /** Without the terminal event a clean end is as good. */
  readonly endsByBody?: boolean;
}

const event = (json: string, name?: string): string => `${name ? `event: ${name}\n` : ''}data: ${json}\n\n`;
const typed = (value: { readonly type: string; readonly [key: string]: unknown }): string =>
  event(JSON.stringify(value), value.type);
const DONE = 'data: [DONE]\n\n';

const chat = (delta: object, reason: unknown = null): string =>
  event(
    JSON.stringify({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: reason }],
    }),
  );
const tool = (name: string, args: unknown): string =>
  chat({ tool_calls: [{ index: 0, id: 'c', function: { name, arguments: args } }] });
const gemini = (parts: unknown, rest: object = {}): string =>
  event(JSON.stringify({ candidates: [{ content: { role: 'model', parts }, ...rest }] }));
const cohere = (message: object, type = 'content-delta'): string =>
  typed({ type, index: 0, delta: { message } });

const WRITINGS: Readonly<Record<Exclude<Format, 'raw' | 'sse' | 'ndjson'>, Writing>> = {
  'openai-chat': {
    opening: chat({ role: 'assistant', content: '' }),
    text: chat({ content: 'hi' }),
    closing: (reason) => chat({}, reason) + DONE,
    stop: 'stop',
    limited: ['length', 'model_length', 'content_filter'],
    failing: ['error', 'abort', 'aborted', 'cancelled', 'insufficient_system_resource'],
    tools: [
      [tool('f', ''), 1],
      [tool('f', '{"a": 1}'), 9],
      [chat({ function_call: { name: 'f', arguments: '{}' } }), 3],
    ],
    part: event,
    usage: (tokens) => event(`{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":${tokens}}}`),
  },
  'openai-completions': {
    text: event('{"object":"text_completion","choices":[{"index":0,"text":"hi","finish_reason":null}]}'),
    closing: (reason) =>
      event(JSON.stringify({ choices: [{ index: 0, text: '', finish_reason: reason }] })) + DONE,
    stop: 'stop',
    limited: ['length', 'model_length', 'content_filter'],
    failing: ['error', 'abort', 'aborted', 'cancelled', 'insufficient_system_resource'],
    part: event,
    usage: (tokens) => event(`{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":${tokens}}}`),
  },
  'openai-responses': {
    opening: typed({ type: 'response.created', response: { id: 'r' } }),
    text: typed({ type: 'response.output_text.delta', delta: 'hi' }),
    closing: (reason) =>
      reason === 'completed'
        ? typed({ type: 'response.completed', response: {} })
        : typed({ type: 'response.incomplete', response: { incomplete_details: { reason } } }),
    stop: 'completed',
    limited: ['max_output_tokens', 'content_filter'],
    failing: [],
    tools: [
      [
        typed({
          type: 'response.output_item.added',
          item: { type: 'function_call', name: 'f', arguments: '' },
        }),
        1,
      ],
      [typed({ type: 'response.function_call_arguments.delta', delta: '{"a": 1}' }), 8],
      [typed({ type: 'response.custom_tool_call_input.delta', delta: 'ab' }), 2],
    ],
    part: event,
    usage: (tokens) =>
      event(`{"type":"response.in_progress","response":{"usage":{"output_tokens":${tokens}}}}`),
  },
  anthropic: {
    opening:
      typed({ type: 'message_start', message: { id: 'm' } }) +
      typed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    text: typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } }),
    closing: (reason) =>
      typed({ type: 'content_block_stop', index: 0 }) +
      typed({ type: 'message_delta', delta: { stop_reason: reason } }) +
      typed({ type: 'message_stop' }),
    stop: 'end_turn',
    limited: ['max_tokens', 'model_context_window_exceeded', 'refusal', 'pause_turn'],
    failing: ['error', 'abort'],
    tools: [
      [
        typed({
          type: 'content_block_start',
          index: 1,
          content_block: { type: 'tool_use', name: 'f', input: {} },
        }) + typed({ type: 'content_block_stop', index: 1 }),
        1,
      ],
      [
        typed({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'input_json_delta', partial_json: '{"a": 1}' },
        }),
        8,
      ],
    ],
    part: event,
    usage: (tokens) => event(`{"type":"message_delta","delta":{},"usage":{"output_tokens":${tokens}}}`),
  },
  gemini: {
    text: gemini([{ text: 'hi' }]),
    closing: (reason) => gemini([{ text: '' }], { finishReason: reason }),
    stop: 'STOP',
    limited: ['MAX_TOKENS', 'SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE'],
    failing: ['MALFORMED_FUNCTION_CALL', 'MALFORMED_RESPONSE', 'UNEXPECTED_TOOL_CALL'],
    tools: [
      [gemini([{ functionCall: { name: 'f' } }]), 1],
      [event('{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a": 1}}}]}}]}'), 9],
    ],
    part: event,
    usage: (tokens) =>
      event(`{"candidates":[{"content":{"parts":[]}}],"usageMetadata":{"candidatesTokenCount":${tokens}}}`),
    endsByBody: true,
  },
  cohere: {
    opening: typed({ type: 'message-start', delta: { message: { role: 'assistant' } } }),
    text: cohere({ content: { text: 'hi' } }),
    closing: (reason) => typed({ type: 'message-end', delta: { finish_reason: reason } }),
    stop: 'COMPLETE',
    limited: ['MAX_TOKENS'],
    failing: ['ERROR', 'TIMEOUT'],
    tools: [
      [cohere({ tool_calls: { function: { name: 'f', arguments: '' } } }, 'tool-call-start'), 1],
      [cohere({ tool_calls: { function: { arguments: '{"a": 1}' } } }, 'tool-call-delta'), 8],
      [cohere({ tool_plan: 'ab' }, 'tool-plan-delta'), 2],
    ],
    part: event,
  },
  ollama: {
    text: '{"message":{"role":"assistant","content":"hi"},"done":false}\n',
    closing: (reason) => `${JSON.stringify({ message: { content: '' }, done: true, done_reason: reason })}\n`,
    stop: 'stop',
    limited: ['length'],
    failing: ['error', 'abort'],
    tools: [
      ['{"message":{"tool_calls":[{"function":{"name":"f"}}]},"done":false}\n', 1],
      ['{"message":{"tool_calls":[{"function":{"name":"f","arguments":{"a": 1}}}]},"done":false}\n', 9],
    ],
    part: (json) => `${json}\n`,
  },
};

const FLAT_ERRORS = [
  '{"error":{"message":"m","type":"overloaded_error"}}',
  '{"error":"an error was encountered"}',
  '{"object":"error","message":"boom","type":"InternalServerError","code":500}',
  '{"message":"no","code":429}',
  '{"message":"no","status":"503"}',
];

/** The kinds of quirks, in one format. */
function quirksOf(format: Format, w: Writing): FieldCase[] {
  const { opening = '', text, closing, stop, part, endsByBody = false } = w;
  const start = opening + text + text;
  const good = start + closing(stop);
  const isLines = !good.startsWith('data:') && !good.startsWith('event:');
  const done = isLines ? '[DONE]\n' : DONE;
  const ownDone = good.endsWith(DONE);
  const cases: FieldCase[] = [
    { name: 'a good answer', format, body: good, outcome: 'complete', characters: 4, contentChunks: 2 },
    { name: 'an empty body', format, body: '', outcome: 'truncated' },
    { name: '[DONE] alone', format, body: done, outcome: 'truncated' },
    { name: 'cut short', format, body: start, outcome: 'truncated', characters: 4 },
    {
      name: 'the terminal event twice',
      format,
      body: good + (ownDone ? DONE : closing(stop)),
      outcome: 'complete',
    },
    {
      name: '[DONE] after the end, spaces around it',
      format,
      body: `${good}${done.replace('[DONE]', ' [DONE] ')}`,
      outcome: 'complete',
      trailing: 1,
    },
    {
      name: 'JSON that is not valid UTF-8',
      format,
      body: Buffer.from(start + part('{"a":"\xff"}'), 'latin1'),
      outcome: 'malformed',
      detail: /not valid UTF-8/,
    },
    {
      name: 'JSON that holds NaN',
      format,
      body: start + part('{"a":NaN}'),
      outcome: 'malformed',
      detail: /NaN/,
    },
    {
      name: 'JSON that is cut off',
      format,
      body: start + part('{"a":'),
      outcome: 'malformed',
      detail: /not JSON/,
    },
    ...FLAT_ERRORS.map(
      (json): FieldCase => ({
        name: `an error: ${json}`,
        format,
        body: start + part(json) + (ownDone ? DONE : ''),
        outcome: 'inband_error',
        characters: 4,
      }),
    ),
    ...w.limited.map(
      (reason): FieldCase => ({
        name: `reason ${reason}`,
        format,
        body: start + closing(reason),
        outcome: 'limited',
      }),
    ),
    ...w.failing.map(
      (reason): FieldCase => ({
        name: `reason ${reason}`,
        format,
        body: start + closing(reason),
        outcome: 'inband_error',
        reason: 'error',
      }),
    ),
    ...(w.tools ?? []).map(
      ([written, characters]): FieldCase => ({
        name: `a call of a tool: ${written.trim()}`,
        format,
        body: opening + written + closing(stop),
        outcome: 'complete',
        characters,
        contentChunks: 1,
      }),
    ),
  ];
  if (!endsByBody) {
    cases.push({
      name: 'content after the end',
      format,
      body: good + text,
      outcome: 'protocol_violation',
      characters: 4,
    });
    cases.push({
      name: 'an error after the end',
      format,
      body: good + part('{"error":{"code":500}}'),
      outcome: 'protocol_violation',
    });
  }
  if (format !== 'openai-responses') {
    cases.push({
      name: 'an unknown reason',
      format,
      body: start + closing('because'),
      outcome: 'complete',
      reason: 'other',
    });
  }
  if (!ownDone) {
    cases.push({
      name: '[DONE] instead of the end',
      format,
      body: start + done,
      outcome: 'truncated',
      characters: 4,
    });
  }
  if (format !== 'openai-responses' && format !== 'ollama')
    cases.push({ name: 'an empty reason', format, body: start + closing(''), outcome: 'truncated' });
  if (isLines) return cases;
  return [
    ...cases,
    {
      name: 'empty data, fields without data',
      format,
      body: `retry: 1\n\nid: 7\n\nevent: ping\n\ndata:\n\n${good.replace(text, `${text}data: \n\n`)}`,
      outcome: 'complete',
      characters: 4,
    },
    {
      name: 'an event named error',
      format,
      body: `${start}event: error\ndata: {"message":"m"}\n\n`,
      outcome: 'inband_error',
    },
  ];
}

const PATH_ERROR: EventMatcher = { kind: 'path', path: 'error' };
const HI = 'data: hi\n\n';

const PLAIN: readonly FieldCase[] = [
  { name: 'an empty body', format: 'raw', body: '', outcome: 'truncated' },
  { name: 'a byte', format: 'raw', body: 'x', outcome: 'complete', characters: 1 },
  { name: 'an empty body', format: 'sse', body: '', outcome: 'truncated' },
  { name: 'comments alone', format: 'sse', body: ': ping\n\n', outcome: 'truncated' },
  { name: '[DONE] alone', format: 'sse', body: DONE, outcome: 'truncated' },
  {
    name: '[DONE] alone, terminal [DONE]',
    format: 'sse',
    terminal: { kind: 'data', data: '[DONE]' },
    body: DONE,
    outcome: 'truncated',
  },
  { name: '[DONE] is no content', format: 'sse', body: HI + DONE, outcome: 'complete', characters: 2 },
  {
    name: 'terminal: end',
    format: 'sse',
    terminal: { kind: 'end' },
    body: HI,
    outcome: 'complete',
    characters: 2,
  },
  {
    name: 'a named terminal event without data',
    format: 'sse',
    terminal: { kind: 'event', event: 'end' },
    body: `${HI}event: end\ndata:\n\n`,
    outcome: 'complete',
    characters: 2,
  },
  {
    name: 'a terminal path in the only event',
    format: 'sse',
    terminal: { kind: 'path', path: 'done' },
    body: 'data: {"done":true}\n\n',
    outcome: 'complete',
  },
  {
    name: 'the terminal event twice',
    format: 'sse',
    terminal: { kind: 'event', event: 'end' },
    body: `${HI}event: end\ndata: x\n\nevent: end\ndata: x\n\n`,
    outcome: 'complete',
    trailing: 1,
  },
  {
    name: 'content after the end',
    format: 'sse',
    terminal: { kind: 'data', data: '[DONE]' },
    body: HI + DONE + HI,
    outcome: 'protocol_violation',
  },
  {
    name: 'error: { path }',
    format: 'sse',
    error: PATH_ERROR,
    body: `${HI}data: {"error":{"code":503}}\n\n`,
    outcome: 'inband_error',
  },
  {
    name: 'error: { path } that is null',
    format: 'sse',
    error: PATH_ERROR,
    body: 'data: {"error":null}\n\n',
    outcome: 'complete',
  },
  {
    name: 'error: { path, equals }',
    format: 'sse',
    error: { kind: 'path', path: 'status', equals: 'failed' },
    body: 'data: {"status":"ok"}\n\ndata: {"status":"failed"}\n\n',
    outcome: 'inband_error',
  },
  {
    name: 'error: { event }',
    format: 'sse',
    error: { kind: 'event', event: 'oops' },
    body: `${HI}event: oops\ndata: x\n\n`,
    outcome: 'inband_error',
  },
  {
    name: 'error: { data }',
    format: 'sse',
    error: { kind: 'data', data: '[FAILED]' },
    body: `${HI}data: [FAILED]\n\n`,
    outcome: 'inband_error',
  },
  {
    name: 'error: wins over terminal:',
    format: 'sse',
    terminal: { kind: 'path', path: 'done' },
    error: PATH_ERROR,
    body: 'data: {"done":true,"error":1}\n\n',
    outcome: 'inband_error',
  },
  { name: 'an empty body', format: 'ndjson', body: '', outcome: 'truncated' },
  { name: 'blank lines alone', format: 'ndjson', body: '\n\n', outcome: 'truncated' },
  {
    name: '[DONE] is no content',
    format: 'ndjson',
    body: '{"a":1}\n[DONE]\n',
    outcome: 'complete',
    characters: 7,
  },
  {
    name: 'error: { path }',
    format: 'ndjson',
    error: PATH_ERROR,
    body: '{"a":1}\n{"error":"x"}\n',
    outcome: 'inband_error',
  },
  {
    name: 'a line that holds NaN',
    format: 'ndjson',
    body: '{"a":NaN}\n',
    outcome: 'malformed',
    detail: /NaN/,
  },
  {
    name: 'a line that is not valid UTF-8',
    format: 'ndjson',
    body: Buffer.from('{"a":"\xff"}\n', 'latin1'),
    outcome: 'malformed',
    detail: /UTF-8/,
  },
];

const SINGLE: readonly FieldCase[] = [
  {
    name: 'reasoning under two names: once',
    format: 'openai-chat',
    body: chat({ reasoning: 'hi', reasoning_content: 'hi' }) + chat({}, 'stop') + DONE,
    outcome: 'complete',
    characters: 2,
  },
  {
    name: 'reasoning_details beside reasoning: once',
    format: 'openai-chat',
    body:
      chat({ reasoning: 'hi', reasoning_details: [{ type: 'reasoning.text', text: 'hi' }] }) +
      chat({}, 'stop') +
      DONE,
    outcome: 'complete',
    characters: 2,
  },
  {
    name: 'thinking_blocks alone',
    format: 'openai-chat',
    body: chat({ thinking_blocks: [{ type: 'thinking', thinking: 'hi' }] }) + chat({}, 'stop') + DONE,
    outcome: 'complete',
    characters: 2,
  },
  {
    name: 'content as a list of parts',
    format: 'openai-chat',
    body:
      chat({
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hi' }] },
          { type: 'text', text: 'you' },
        ],
      }) +
      chat({}, 'stop') +
      DONE,
    outcome: 'complete',
    characters: 5,
  },
  {
    name: 'filter results before, annotations after',
    format: 'openai-chat',
    body:
      event('{"choices":[],"prompt_filter_results":[]}') +
      chat({ content: 'hi' }) +
      chat({}, 'stop') +
      event('{"object":"","choices":[{"index":0,"finish_reason":null,"content_filter_results":{}}]}') +
      DONE,
    outcome: 'complete',
    characters: 2,
  },
  {
    name: 'an error beside choices',
    format: 'openai-chat',
    body: event('{"choices":[{"index":0,"delta":{"content":"hi"}}],"error":{"code":1}}') + DONE,
    outcome: 'inband_error',
  },
  {
    name: 'terminal: finish',
    format: 'openai-chat',
    terminal: { kind: 'finish' },
    body: chat({ content: 'hi' }) + chat({}, 'stop'),
    outcome: 'complete',
  },
  {
    name: 'terminal: finish, cut short',
    format: 'openai-chat',
    terminal: { kind: 'finish' },
    body: chat({ content: 'hi' }),
    outcome: 'truncated',
  },
  {
    name: 'terminal: finish',
    format: 'openai-completions',
    terminal: { kind: 'finish' },
    body: event('{"choices":[{"text":"hi","finish_reason":"stop"}]}'),
    outcome: 'complete',
  },
  {
    name: 'a number is missing',
    format: 'openai-responses',
    body:
      typed({ type: 'response.created', sequence_number: 3 }) +
      typed({ type: 'response.output_text.delta', sequence_number: 5, delta: 'hi' }),
    outcome: 'protocol_violation',
    detail: /^sequence_number 5 where 4 was due$/,
  },
  {
    name: 'numbers that repeat and go back',
    format: 'openai-responses',
    body:
      [7, 7, 2, 10]
        .map((n) => typed({ type: 'response.output_text.delta', sequence_number: n, delta: 'hi' }))
        .join('') + typed({ type: 'response.completed', sequence_number: 11 }),
    outcome: 'complete',
  },
  {
    name: 'a blocked prompt',
    format: 'gemini',
    body: event('{"promptFeedback":{"blockReason":"SAFETY"}}'),
    outcome: 'limited',
    reason: 'filter',
  },
  {
    name: 'content after the reason is content',
    format: 'gemini',
    body: gemini([{ text: 'hi' }], { finishReason: 'STOP' }) + gemini([{ text: 'hi' }]),
    outcome: 'complete',
    characters: 4,
  },
  {
    name: 'an error beside content is no error',
    format: 'ollama',
    body: '{"message":{"content":"hi"},"error":"x","done":true}\n',
    outcome: 'complete',
    characters: 2,
  },
];

/** Numbers of tokens that cannot be true. */
export const WRONG_TOKENS = ['-1', '-1000000', '1.5', '1e10', '"many"'];

export const FIELD_CASES: readonly FieldCase[] = [
  ...PLAIN,
  ...Object.entries(WRITINGS).flatMap(([format, writing]) => quirksOf(format as Format, writing)),
  ...SINGLE,
];

/** Streams whose usage is a number, by format. */
export const USAGE: readonly (readonly [format: Format, body: (tokens: string) => string])[] = Object.entries(
  WRITINGS,
).flatMap(([format, w]) =>
  w.usage === undefined
    ? []
    : [
        [
          format as Format,
          (tokens: string) => `${w.opening ?? ''}${w.text}${w.usage!(tokens)}${w.closing(w.stop)}`,
        ] as const,
      ],
);
