/** Anthropic, Ollama and lines of JSON: see format-table.ts for how a body is judged. */
import type { Terminal } from '../../src/core/target.ts';
import { lines, named, table } from './format-table.ts';

const START = named('message_start', {
  message: { id: 'msg_1', usage: { input_tokens: 25, output_tokens: 1 } },
});
const open = (index: number, type = 'text'): string =>
  named('content_block_start', { index, content_block: { type } });
const close = (index: number): string => named('content_block_stop', { index });
const text = (index: number, content: string): string =>
  named('content_block_delta', { index, delta: { type: 'text_delta', text: content } });
const reason = (stop_reason: string | null): string =>
  named('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 15 } });
const STOP = named('message_stop');

table('anthropic', [
  {
    name: 'an answer with usage',
    body:
      START +
      open(0) +
      named('ping') +
      text(0, 'Hi') +
      text(0, '!') +
      text(0, ' ß😀') +
      close(0) +
      reason('end_turn') +
      STOP,
    outcome: 'complete',
    early: true,
    tally: { chunks: 9, contentChunks: 3, characters: 6, inputTokens: 25, outputTokens: 15 },
  },
  {
    name: 'thinking, then text, then a tool',
    body:
      START +
      open(0, 'thinking') +
      named('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'abc' } }) +
      named('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'zzz' } }) +
      close(0) +
      open(1) +
      text(1, 'de') +
      close(1) +
      open(2, 'tool_use') +
      named('content_block_delta', { index: 2, delta: { type: 'input_json_delta', partial_json: '' } }) +
      named('content_block_delta', { index: 2, delta: { type: 'input_json_delta', partial_json: '{"f"' } }) +
      close(2) +
      reason('tool_use') +
      STOP,
    outcome: 'complete',
    tally: { contentChunks: 3, characters: 9 },
  },
  {
    name: 'a limit',
    body: START + open(0) + text(0, 'a') + close(0) + reason('max_tokens') + STOP,
    outcome: 'limited',
  },
  {
    name: 'an error',
    body: START + open(0) + named('error', { error: { type: 'overloaded_error', message: 'secret' } }),
    outcome: 'inband_error',
    detail: /^error overloaded_error$/,
    early: true,
  },
  {
    name: 'unknown events and deltas',
    body:
      START +
      named('news', { index: 1 }) +
      open(0) +
      named('content_block_delta', { index: 0, delta: { type: 'citations_delta', text: 'a' } }) +
      close(0) +
      reason('end_turn') +
      STOP,
    outcome: 'complete',
    tally: { contentChunks: 0 },
  },
  {
    name: 'pings alone',
    body: named('ping') + named('ping'),
    outcome: 'truncated',
    tally: { chunks: 2, contentChunks: 0 },
  },
  {
    name: 'one of two blocks left open',
    body: START + open(0) + open(1) + close(1) + reason('end_turn') + STOP,
    outcome: 'truncated',
    detail: /block open$/,
    early: true,
  },
  {
    name: 'no stop_reason',
    body: START + open(0) + close(0) + reason(null) + STOP,
    outcome: 'truncated',
    detail: /without a stop_reason$/,
  },
  {
    name: 'no message_stop',
    body: START + open(0) + text(0, 'a') + close(0) + reason('end_turn'),
    outcome: 'truncated',
    early: false,
  },
  {
    name: 'an event without content after the end',
    body: START + reason('end_turn') + STOP + named('ping'),
    outcome: 'complete',
  },
]);

const line = (content: string): object => ({
  model: 'm',
  created_at: '2025-08-01T10:00:00Z',
  message: { role: 'assistant', content },
  done: false,
});
const LAST = {
  model: 'm',
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 26,
  eval_count: 3,
};

table('ollama', [
  {
    name: 'an answer with usage',
    body: lines(line('Hi'), line(' ß😀'), LAST),
    outcome: 'complete',
    early: true,
    tally: { chunks: 3, contentChunks: 2, characters: 5, inputTokens: 26, outputTokens: 3 },
  },
  {
    name: 'a completion',
    body: lines({ response: 'a', done: false }, { response: '', done: true }),
    outcome: 'complete',
    tally: { contentChunks: 1 },
  },
  {
    name: 'a message and what else is there',
    body: lines({ ...line('ab'), response: 'c', thinking: 'd' }, LAST),
    outcome: 'complete',
    tally: { characters: 2 },
  },
  { name: 'a limit', body: lines(line('a'), { ...LAST, done_reason: 'length' }), outcome: 'limited' },
  {
    name: 'an error line',
    body: lines(line('a'), { error: 'secret' }),
    outcome: 'inband_error',
    early: true,
    tally: { chunks: 2, contentChunks: 1 },
  },
  {
    name: 'error: null is none',
    body: lines({ ...line('a'), error: null }, LAST),
    outcome: 'complete',
    tally: { contentChunks: 1 },
  },
  { name: 'no end', body: lines(line('a'), line('b')), outcome: 'truncated', early: false },
  {
    name: 'cut in the middle of a line',
    body: lines(line('a'), line('b')).slice(0, -9),
    outcome: 'malformed',
    early: false,
  },
  { name: 'data after the end', body: lines(LAST, line('a')), outcome: 'protocol_violation', early: true },
  { name: 'blank lines after the end', body: `${lines(LAST)}\r\n \n`, outcome: 'complete' },
]);

const OVER: Terminal = { kind: 'path', path: 'state.over', equals: true };

table('ndjson', [
  {
    name: 'a clean end',
    body: '{"a":1}\r\n\r\n{"a":"ß😀"}',
    outcome: 'complete',
    early: false,
    tally: { chunks: 2, contentChunks: 2, characters: 17 },
  },
  { name: 'nothing', body: '', outcome: 'truncated', tally: { chunks: 0 } },
  {
    name: 'a terminal line',
    terminal: OVER,
    body: lines({ state: { over: false } }, { state: { over: true } }),
    outcome: 'complete',
    early: true,
    tally: { chunks: 2 },
  },
  {
    name: 'no terminal line',
    terminal: OVER,
    body: lines({ state: {} }, { over: true }),
    outcome: 'truncated',
  },
  {
    name: 'a line that is no JSON',
    terminal: OVER,
    body: `${lines({ a: 1 })}secret\n`,
    outcome: 'malformed',
    early: true,
  },
  {
    name: 'data after the terminal line',
    terminal: OVER,
    body: lines({ state: { over: true } }, {}),
    outcome: 'protocol_violation',
  },
]);
