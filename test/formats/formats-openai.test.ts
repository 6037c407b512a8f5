/** The formats of OpenAI: see format-table.ts for how a body is judged. */
import { data, named, table } from './format-table.ts';

const CHAT_HEAD = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1754000000, model: 'm' };
const chat = (delta: object, finish_reason: string | null = null, rest: object = {}): string =>
  data({ ...CHAT_HEAD, choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...rest });
const USAGE = { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 };
const CHAT = chat({ role: 'assistant', content: '' }) + chat({ content: 'Hi' }) + chat({ content: ' ß😀' });
const DONE = 'data: [DONE]\n\n';

table('openai-chat', [
  {
    name: 'an answer with usage in a chunk of its own',
    body: CHAT + chat({}, 'stop') + data({ ...CHAT_HEAD, choices: [], usage: USAGE }) + DONE,
    outcome: 'complete',
    early: true,
    tally: { chunks: 6, contentChunks: 2, characters: 5, inputTokens: 11, outputTokens: 22 },
  },
  {
    name: 'usage that grows with every chunk',
    body:
      chat({ content: 'a' }, null, { usage: { ...USAGE, completion_tokens: 1 } }) +
      chat({ content: 'b' }, null, { usage: { ...USAGE, completion_tokens: 2 } }) +
      chat({}, 'stop', { usage: { ...USAGE, completion_tokens: 2 } }) +
      DONE,
    outcome: 'complete',
    tally: { contentChunks: 2, characters: 2, inputTokens: 11, outputTokens: 2 },
  },
  {
    name: 'usage: null',
    body: chat({ content: 'a' }, null, { usage: null }) + chat({}, 'stop', { usage: null }) + DONE,
    outcome: 'complete',
    tally: { inputTokens: undefined, outputTokens: undefined },
  },
  {
    name: 'usage as the other APIs name it, and what is no number',
    body: chat({}, 'stop', { usage: { input_tokens: 3, output_tokens: 'many' } }) + DONE,
    outcome: 'complete',
    tally: { inputTokens: 3, outputTokens: undefined },
  },
  {
    name: 'a limit, with usage',
    body: CHAT + chat({}, 'length', { usage: USAGE }) + DONE,
    outcome: 'limited',
    tally: { outputTokens: 22 },
  },
  {
    name: 'obfuscation and ids that differ',
    body:
      [1, 2, 3]
        .map((n) => chat({ content: 'ab' }, null, { id: `x${n}`, obfuscation: 'y'.repeat(n) }))
        .join('') +
      chat({}, 'stop') +
      DONE,
    outcome: 'complete',
    tally: { contentChunks: 3, characters: 6 },
  },
  {
    name: 'text in escapes, a pair of them in two chunks',
    body:
      'data: {"choices":[{"index":0,"delta":{"content":"\\u00e9\\ud83d\\ude00\\n"}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":"\\ude00"}}]}\n\n' +
      chat({}, 'stop') +
      DONE,
    outcome: 'complete',
    tally: { characters: 4 },
  },
  {
    name: 'JSON over several data lines',
    body: `data: {"choices":\ndata: [{"index":0,"delta":\ndata: {"content":"ab"},"finish_reason":"stop"}]}\n\n${DONE}`,
    outcome: 'complete',
    tally: { chunks: 2, characters: 2 },
  },
  {
    name: 'text that is not UTF-8',
    body: Buffer.concat([
      Buffer.from(CHAT),
      Buffer.from('data: {"choices":[{"delta":{"content":"a\xff\xc3"}}]}\n\n', 'latin1'),
      Buffer.from(chat({}, 'stop') + DONE),
    ]),
    outcome: 'malformed',
    detail: /^the data of an event is not valid UTF-8$/,
    tally: { characters: 5 },
  },
  {
    name: 'an error in the middle',
    body: CHAT + data({ error: { message: 'secret', code: 'overloaded' } }),
    outcome: 'inband_error',
    detail: /^error overloaded$/,
    early: true,
  },
  {
    name: 'cut in the middle of a chunk',
    body: (CHAT + CHAT).slice(0, -9),
    outcome: 'malformed',
    early: false,
  },
  { name: 'cut between chunks', body: CHAT, outcome: 'truncated', early: false, tally: { chunks: 3 } },
  { name: 'data after the end', body: chat({}, 'stop') + DONE + CHAT, outcome: 'protocol_violation' },
]);

const numbered = (...events: [string, object?][]): string =>
  events
    .map(([type, rest], sequence_number) => named(`response.${type}`, { sequence_number, ...rest }))
    .join('');
const ITEM = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const OUTPUT: [string, object?][] = [
  ['created', { response: { id: 'resp_1', status: 'in_progress', usage: null } }],
  ['in_progress', { response: {} }],
  ['output_item.added', { item: {} }],
  ['output_text.delta', { ...ITEM, delta: 'Hi', logprobs: [], obfuscation: 'x' }],
  ['output_text.delta', { ...ITEM, delta: ' ß😀', logprobs: [], obfuscation: 'xyz' }],
  ['output_text.done', { ...ITEM, text: 'Hi ß😀' }],
];
const RESPONSE_USAGE = { response: { usage: { input_tokens: 5, output_tokens: 6 } } };

table('openai-responses', [
  {
    name: 'an answer with usage',
    body: numbered(...OUTPUT, ['completed', RESPONSE_USAGE]),
    outcome: 'complete',
    early: true,
    tally: { chunks: 7, contentChunks: 2, characters: 5, inputTokens: 5, outputTokens: 6 },
  },
  {
    name: 'cut short by a limit',
    body: numbered(...OUTPUT, ['incomplete', RESPONSE_USAGE]),
    outcome: 'limited',
    tally: { outputTokens: 6 },
  },
  {
    name: 'failed',
    body: numbered(...OUTPUT, [
      'failed',
      { response: { error: { code: 'server_error', message: 'secret' } } },
    ]),
    outcome: 'inband_error',
    detail: /^response\.failed server_error$/,
  },
  {
    name: 'an error',
    body: numbered(...OUTPUT) + named('error', { code: 'rate_limit', message: 'secret' }),
    outcome: 'inband_error',
    detail: /^error rate_limit$/,
  },
  {
    name: 'a gap among the deltas',
    body: numbered(...OUTPUT, ['output_text.delta', { delta: 'a', sequence_number: 8 }]),
    outcome: 'protocol_violation',
    detail: /^sequence_number 8 where 6 was due$/,
    early: true,
    tally: { contentChunks: 2 },
  },
  {
    name: 'a gap at the end',
    body: numbered(...OUTPUT, ['completed', { sequence_number: 7 }]),
    outcome: 'protocol_violation',
  },
  {
    name: 'unknown events',
    body: numbered(['created'], ['news', { delta: 'a' }], ['completed']),
    outcome: 'complete',
    tally: { contentChunks: 0 },
  },
  { name: 'no end', body: numbered(...OUTPUT), outcome: 'truncated', early: false },
  { name: 'cut in the middle of an event', body: numbered(...OUTPUT).slice(0, -20), outcome: 'malformed' },
  {
    name: 'data after the end',
    body: numbered(['created'], ['completed'], ['output_text.delta', { delta: 'a' }]),
    outcome: 'protocol_violation',
    early: true,
  },
]);
