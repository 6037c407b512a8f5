import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { guessFormat, mediaType } from '../../src/probe/format-guess.ts';

const SSE = 'text/event-stream';
const OPENAI = 'data: {"object":"chat.completion.chunk","choices":[]}\n\n';

/** [what, media type, body, over, format or what else is concluded] */
const TABLE: readonly [string, string | undefined, string, boolean, string][] = [
  ['events', SSE, 'data: hello\n\n', false, 'sse'],
  ['events of JSON of no known API', SSE, 'data: {"a":1}\n\n', false, 'sse'],
  ['events with names', SSE, 'event: token\ndata: a\n\n', false, 'sse'],
  ['an event that is not complete', SSE, 'data: {"object":"chat.comp', false, 'open'],
  ['comments first', SSE, ': ping\n\n', false, 'open'],
  ['comments, then events', SSE, `: ping\n\n${OPENAI}`, false, 'openai-chat'],
  ['nothing but comments', SSE, ': ping\n\n', true, 'sse'],
  ['a last event without its blank line', SSE, OPENAI.trimEnd(), true, 'openai-chat'],
  ['chat completions', SSE, OPENAI, false, 'openai-chat'],
  ['chat completions without object', SSE, 'data: {"choices":[{"delta":{}}]}\n\n', false, 'openai-chat'],
  ['a chat that begins with an error', SSE, 'data: {"error":{"message":"no"}}\n\n', false, 'openai-chat'],
  [
    'responses',
    SSE,
    'event: response.created\ndata: {"type":"response.created"}\n\n',
    false,
    'openai-responses',
  ],
  ['messages', SSE, 'event: message_start\ndata: {"type":"message_start"}\n\n', false, 'anthropic'],
  [
    'messages behind a ping',
    SSE,
    'event: ping\ndata: {"type":"ping"}\n\nevent: message_start\ndata: {"type":"message_start"}\n\n',
    false,
    'anthropic',
  ],
  [
    'messages that begin with an error',
    SSE,
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
    false,
    'anthropic',
  ],
  ['a byte order mark before events', 'text/plain', '\ufeffdata: a\n\n', false, 'sse'],
  ['events as text/plain', 'text/plain', 'data: a\n\n', false, 'sse'],
  ['the start of what may be events', 'text/plain', 'dat', false, 'open'],
  ['what only began as events do', 'text/plain', 'dates and times', false, 'raw'],
  ['chat completions without content-type', undefined, OPENAI, false, 'openai-chat'],
  ['lines', 'application/x-ndjson', '{"a":1}\n', false, 'ndjson'],
  ['the start of a line', 'application/x-ndjson', '{"a"', false, 'open'],
  ['lines that are no objects', 'application/jsonl', '[1]\n[2]\n', false, 'ndjson'],
  ['Ollama, chat', 'application/x-ndjson', '{"message":{"content":"a"},"done":false}\n', false, 'ollama'],
  ['Ollama, completion', 'application/x-ndjson', '{"response":"a","done":false}\n', false, 'ollama'],
  ['lines as application/json', 'application/json', '{"a":1}\n{"a":2}\n', false, 'ndjson'],
  ['one line as application/json, so far', 'application/json', '{"a":1}\n', false, 'open'],
  ['one line as application/json', 'application/json', '{"a":1}\n', true, 'raw document'],
  ['JSON over several lines', 'application/json', '{\n  "a": 1\n}\n', true, 'raw document'],
  ['text', 'text/plain', 'Once upon', false, 'raw'],
  ['bytes', 'application/octet-stream', '\x00\x01\x02', false, 'raw'],
  ['nothing', 'text/plain', '', true, 'raw'],
  ['a page', 'text/html', '<!doctype html><p>', false, 'none document'],
  ['a page without a type', undefined, '\n<HTML lang=en>', false, 'none document'],
];

describe('the guess at a format', () => {
  for (const [what, type, body, over, expected] of TABLE) {
    it(`${what}: ${expected}`, () => {
      const guess = guessFormat(type, Buffer.from(body), over);
      const found =
        guess === undefined ? 'open' : `${guess.format ?? 'none'}${guess.document ? ' document' : ''}`;
      assert.equal(found, expected);
      if (guess !== undefined) assert.ok(guess.reasons.length > 0);
    });
  }

  it('is made in the end, however long the start goes on', () => {
    for (const type of [SSE, 'application/json', 'application/x-ndjson']) {
      assert.ok(guessFormat(type, Buffer.from(`{"a":"${'x'.repeat(20_000)}`), false) !== undefined, type);
    }
  });

  it('knows a media type with parameters', () => {
    assert.equal(mediaType('Text/Event-Stream; charset=utf-8'), SSE);
    assert.equal(mediaType(' '), undefined);
    assert.equal(mediaType(undefined), undefined);
  });
});
