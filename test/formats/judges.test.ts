import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Terminal } from '../../src/core/target.ts';
import { type ClassifierResult, newCounters, type StreamCounters } from '../../src/formats/classifier.ts';
import { MAX_EVENT_BYTES } from '../../src/formats/limits.ts';
import type { Format } from '../../src/formats/list.ts';
import { classifierFor } from '../../src/formats/list.ts';

interface Judged {
  readonly outcome: Outcome;
  readonly detail: string | undefined;
  /** Whether it was known before the end of the body. */
  readonly early: boolean;
  readonly tally: StreamCounters;
}

/** Judges a body that comes in these reads and then ends well-framed. */
function judge(
  format: Format,
  terminal: Terminal | undefined,
  reads: readonly (string | Uint8Array)[],
): Judged {
  const judge = classifierFor(format, { terminal });
  const tally: StreamCounters = newCounters();
  let finding: ClassifierResult | undefined;
  for (const read of reads) {
    const bytes = Buffer.from(read);
    const found = judge.read(bytes, true, tally);
    assert.ok(found !== undefined || finding === undefined, 'a finding was forgotten');
    finding = found;
    bytes.fill(0x21);
  }
  const early = finding !== undefined;
  const { outcome, detail } = judge.end(tally);
  return { outcome, detail, early, tally };
}

interface Case {
  readonly name: string;
  readonly terminal?: Terminal;
  readonly body: string;
  readonly outcome: Outcome;
  readonly detail?: RegExp;
  readonly early?: boolean;
  readonly chunks?: number;
  readonly content?: number;
  readonly characters?: number;
  readonly keepalives?: number;
}

/** Each body at once, in bytes, and split in two at every place. */
function table(format: Format, cases: readonly Case[]): void {
  for (const { name, terminal, body, outcome, detail, ...counted } of cases) {
    it(`${name}: ${outcome}`, () => {
      const bytes = Buffer.from(body);
      const splits: Uint8Array[][] = [
        body === '' ? [] : [bytes],
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ];
      for (let at = 1; at < bytes.length; at++) splits.push([bytes.subarray(0, at), bytes.subarray(at)]);
      for (const reads of splits) {
        const evaluated = judge(format, terminal, reads);
        const { chunks, contentChunks, characters, keepalives } = evaluated.tally;
        assert.equal(evaluated.outcome, outcome, evaluated.detail);
        if (detail) assert.match(evaluated.detail ?? '', detail);
        if (counted.early !== undefined) assert.equal(evaluated.early, counted.early, 'early');
        if (counted.chunks !== undefined) assert.equal(chunks, counted.chunks, 'chunks');
        if (counted.content !== undefined)
          assert.equal(contentChunks, counted.content, 'chunks with content');
        if (counted.characters !== undefined) assert.equal(characters, counted.characters, 'characters');
        assert.equal(keepalives, counted.keepalives ?? 0, 'keep-alives');
        // A finding tells what was wrong, and nothing of what was said.
        assert.doesNotMatch(evaluated.detail ?? '', /secret/);
      }
    });
  }
}

const DATA = (data: string): Terminal => ({ kind: 'data', data });

describe('raw', () => {
  table('raw', [
    { name: 'a clean end', body: 'some bytes', outcome: 'complete', early: false, characters: 10 },
    { name: 'an empty body', body: '', outcome: 'truncated', chunks: 0, content: 0 },
    { name: 'characters are code points', body: 'aß€😀', outcome: 'complete', characters: 4 },
    { name: 'its end marker', terminal: DATA('END'), body: 'text END', outcome: 'complete', early: false },
    { name: 'only its end marker', terminal: DATA('END'), body: 'END', outcome: 'complete' },
    { name: 'a marker that repeats itself', terminal: DATA('aab'), body: 'aaaab', outcome: 'complete' },
    { name: 'a marker of many bytes', terminal: DATA('</fin😀>'), body: 'x</fin😀>', outcome: 'complete' },
    {
      name: 'no end marker',
      terminal: DATA('END'),
      body: 'text EN',
      outcome: 'truncated',
      detail: /^the body does not end with its end marker; it ends in: /,
    },
    { name: 'more after the end marker', terminal: DATA('END'), body: 'text END.', outcome: 'truncated' },
    { name: 'less than an end marker', terminal: DATA('END'), body: 'ND', outcome: 'truncated' },
    { name: 'an empty body without its end marker', terminal: DATA('END'), body: '', outcome: 'truncated' },
    { name: 'an end marker of zeros', terminal: DATA('\0\0'), body: '\0', outcome: 'truncated' },
  ]);

  it('a chunk is a read, in however many pieces its bytes come', () => {
    const judge = classifierFor('raw');
    const tally: StreamCounters = newCounters();
    for (const newRead of [true, false, false, true]) judge.read(Buffer.from('ab'), newRead, tally);
    assert.deepEqual(tally, { chunks: 2, contentChunks: 2, keepalives: 0, characters: 8 });
  });
});

describe('sse', () => {
  const DONE = DATA('[DONE]');
  table('sse', [
    {
      name: 'without a terminal event, a clean end',
      body: 'data: a\n\n',
      outcome: 'complete',
      early: false,
      chunks: 1,
      content: 1,
    },
    { name: 'without a terminal event, nothing', body: '', outcome: 'truncated', chunks: 0 },
    {
      name: 'a terminal event told by its data',
      terminal: DONE,
      body: 'data: aß😀\n\ndata: [DONE]\n\n',
      outcome: 'complete',
      early: true,
      chunks: 2,
      content: 1,
      characters: 3,
    },
    {
      name: 'data of several lines',
      terminal: DATA('a\nb'),
      body: 'data: a\n\ndata: a\ndata: b\n\n',
      outcome: 'complete',
      early: true,
    },
    {
      name: 'data that only begins like it',
      terminal: DONE,
      body: 'data: [DONE]x\n\n',
      outcome: 'truncated',
    },
    { name: 'spaces around it', terminal: DONE, body: 'data: a\n\ndata:  [DONE] \n\n', outcome: 'complete' },
    { name: 'alone', terminal: DONE, body: 'data: [DONE]\n\n', outcome: 'truncated', detail: /came alone/ },
    {
      name: 'a terminal event without its blank line',
      terminal: DONE,
      body: 'data: a\n\ndata: [DONE]',
      outcome: 'complete',
      early: false,
      chunks: 2,
    },
    {
      name: 'no terminal event',
      terminal: DONE,
      body: 'data: a\n\n',
      outcome: 'truncated',
      detail: /^the body ended without the terminal event; last data: a$/,
      chunks: 1,
    },
    { name: 'an empty body', terminal: DONE, body: '', outcome: 'truncated', chunks: 0 },
    {
      name: 'a terminal event told by its name',
      terminal: { kind: 'event', event: 'done' },
      body: 'event: token\ndata: a\n\nevent: done\ndata: {}\n\n',
      outcome: 'complete',
      early: true,
      chunks: 2,
      content: 1,
    },
    {
      name: 'a name without data is no event',
      terminal: { kind: 'event', event: 'done' },
      body: 'data: a\n\nevent: done\n\n',
      outcome: 'truncated',
      chunks: 1,
    },
    {
      name: 'a terminal event told by a path',
      terminal: { kind: 'path', path: 'choices.0.finish_reason' },
      body: [
        'data: no JSON\n\n',
        'data: null\n\n',
        'data: {"choices":[]}\n\n',
        'data: {"choices":[{"finish_reason":null}]}\n\n',
        'data: {"choices":[{"finish_reason":false}]}\n\n',
        'data: {"choices":[{"finish_reason":"stop"}]}\n\n',
      ].join(''),
      outcome: 'complete',
      early: true,
      chunks: 6,
      content: 5,
    },
    {
      name: 'a path whose value is 0 or empty',
      terminal: { kind: 'path', path: 'n' },
      body: 'data: {"n":0}\n\n',
      outcome: 'complete',
      early: true,
    },
    {
      name: 'a path to a value',
      terminal: { kind: 'path', path: 'done', equals: true },
      body: 'data: {"done":"true"}\n\ndata: {"done":false}\n\ndata: {"done":true}\n\n',
      outcome: 'complete',
      early: true,
      chunks: 3,
    },
    {
      name: 'a path that is never there',
      terminal: { kind: 'path', path: 'done.at' },
      body: 'data: {"done":1}\n\ndata: {"done":null}\n\ndata: 3\n\n',
      outcome: 'truncated',
    },
    {
      name: 'a path to what every object has',
      terminal: { kind: 'path', path: 'constructor' },
      body: 'data: {}\n\ndata: []\n\n',
      outcome: 'truncated',
    },
    {
      name: 'the same, through its prototype',
      terminal: { kind: 'path', path: '__proto__' },
      body: 'data: {}\n\n',
      outcome: 'truncated',
    },
    {
      name: 'an error event',
      terminal: DONE,
      body: 'data: a\n\nevent: error\ndata: secret\n\n',
      outcome: 'inband_error',
      detail: /^an event named error$/,
      early: true,
      chunks: 2,
      content: 1,
    },
    {
      name: 'an error event, and then the terminal event',
      terminal: DONE,
      body: 'event: error\ndata: x\n\ndata: [DONE]\n\n',
      outcome: 'inband_error',
      chunks: 2,
    },
    {
      name: 'an error event at the very end',
      body: 'event: error\ndata: x',
      outcome: 'inband_error',
      early: false,
      chunks: 1,
    },
    {
      name: 'data after the terminal event',
      terminal: DONE,
      body: 'data: a\n\ndata: [DONE]\n\ndata: secret\n\n',
      outcome: 'protocol_violation',
      detail: /^content after the terminal event$/,
      early: true,
      chunks: 3,
    },
    {
      name: 'the terminal event twice',
      terminal: DONE,
      body: 'data: a\n\ndata: [DONE]\n\ndata: [DONE]\n\n',
      outcome: 'complete',
    },
    {
      name: 'an error event after the terminal event',
      terminal: DONE,
      body: 'data: a\n\ndata: [DONE]\n\nevent: error\ndata: x\n\n',
      outcome: 'protocol_violation',
    },
    {
      name: 'data after it, without its blank line',
      terminal: DONE,
      body: 'data: a\n\ndata: [DONE]\n\ndata: x',
      outcome: 'protocol_violation',
    },
    {
      name: 'comments after it',
      terminal: DONE,
      body: 'data: a\n\ndata: [DONE]\n\n: bye\n\n:\n\nid: 7\n\n',
      outcome: 'complete',
      keepalives: 2,
    },
    {
      name: 'comments are keep-alives, and no chunks',
      terminal: DONE,
      body: ': ping\n\n: ping\n\ndata: a\n\n',
      outcome: 'truncated',
      keepalives: 2,
      chunks: 1,
      content: 1,
    },
    {
      name: 'an event with empty data is a keep-alive',
      body: 'data: a\n\ndata:\n\n',
      outcome: 'complete',
      chunks: 1,
      content: 1,
      keepalives: 1,
    },
  ]);

  const long = `data: ${'x'.repeat(MAX_EVENT_BYTES)}`;
  it('a line over the limit: malformed, and it stays so', () => {
    const { outcome, detail, early } = judge('sse', DONE, ['data: a\n\n', long, '\n\ndata: [DONE]\n\n']);
    assert.deepEqual(
      [outcome, detail, early],
      ['malformed', 'a line or an event is longer than maxEvent (1 MiB)', true],
    );
  });

  it('an error event, then a line over the limit: inband_error', () => {
    assert.equal(judge('sse', DONE, ['event: error\ndata: a\n\n', long]).outcome, 'inband_error');
  });
});

describe('openai-chat', () => {
  const delta = (value: object, finish: string | null = null, index = 0): string =>
    `data: ${JSON.stringify({ choices: [{ index, delta: value, finish_reason: finish }] })}\n\n`;
  const ROLE = delta({ role: 'assistant', content: '' });
  const STOP = delta({}, 'stop');
  const DONE = 'data: [DONE]\n\n';
  const USAGE = 'data: {"choices":[],"usage":{"total_tokens":9}}\n\n';

  table('openai-chat', [
    {
      name: 'a whole answer',
      body: ROLE + delta({ content: 'aß' }) + delta({ content: '😀' }) + STOP + USAGE + DONE,
      outcome: 'complete',
      early: true,
      chunks: 6,
      content: 2,
      characters: 3,
    },
    {
      name: 'the role alone is no content',
      body: ROLE,
      outcome: 'truncated',
      chunks: 1,
      content: 0,
      characters: 0,
    },
    { name: 'usage alone is no content', body: USAGE, outcome: 'truncated', chunks: 1, content: 0 },
    {
      name: 'a role with content',
      body: delta({ role: 'assistant', content: 'a' }),
      outcome: 'truncated',
      content: 1,
    },
    {
      name: 'what counts as content',
      body:
        delta({ content: null, reasoning_content: 'ab' }) +
        delta({ reasoning: 'c' }) +
        delta({ refusal: 'd' }) +
        delta({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] }) +
        delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }) +
        STOP +
        DONE,
      outcome: 'complete',
      chunks: 7,
      content: 5,
      characters: 7,
    },
    {
      name: 'comments before the first content',
      body: `: processing\n\n: processing\n\n${delta({ content: 'a' })}${STOP}${DONE}`,
      outcome: 'complete',
      keepalives: 2,
      chunks: 3,
      content: 1,
    },
    { name: 'length', body: delta({ content: 'a' }, 'length') + DONE, outcome: 'limited', early: true },
    { name: 'content_filter', body: delta({}, 'content_filter') + DONE, outcome: 'limited' },
    { name: 'tool_calls', body: delta({}, 'tool_calls') + DONE, outcome: 'complete' },
    {
      name: 'several choices',
      body:
        delta({ content: 'a' }, null, 0) +
        delta({ content: 'b' }, null, 1) +
        delta({}, 'stop', 1) +
        delta({}, 'stop', 0) +
        DONE,
      outcome: 'complete',
      characters: 2,
    },
    {
      name: 'several choices in one chunk',
      body: `data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"},{"index":1,"delta":{"content":"b"},"finish_reason":"length"}]}\n\n${DONE}`,
      outcome: 'limited',
      chunks: 2,
      content: 1,
      characters: 2,
    },
    {
      name: 'several choices, of which one never finishes',
      body: delta({ content: 'a' }, null, 0) + delta({ content: 'b' }, 'stop', 1) + DONE,
      outcome: 'truncated',
      detail: /^\[DONE\] before every choice had a finish_reason$/,
      early: true,
    },
    {
      name: 'a reason that is told once',
      body: delta({}, 'stop') + delta({ content: '' }) + DONE,
      outcome: 'complete',
    },
    {
      name: 'no [DONE]',
      body: ROLE + STOP,
      outcome: 'truncated',
      detail: /^the body ended without \[DONE\]; last data: \{/,
    },
    {
      name: 'a choice without its index',
      body: 'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      outcome: 'complete',
    },
    // By the table: every choice seen has its reason. A minimum is what refuses it.
    { name: '[DONE] alone', body: DONE, outcome: 'truncated', chunks: 1, content: 0 },
    {
      name: 'an error',
      body: 'data: {"error":{"message":"secret","type":"overloaded"}}\n\n',
      outcome: 'inband_error',
      detail: /^error overloaded$/,
      early: true,
      chunks: 1,
    },
    {
      name: 'an error with a code',
      body: 'data: {"error":{"message":"secret","code":429}}\n\n',
      outcome: 'inband_error',
      detail: /^error 429$/,
    },
    {
      name: 'an error in words',
      body: 'data: {"error":"secret"}\n\n',
      outcome: 'inband_error',
      detail: /^error \(no type\)$/,
    },
    { name: 'error: null', body: `data: {"error":null,"choices":[]}\n\n${STOP}${DONE}`, outcome: 'complete' },
    { name: 'an event named error', body: 'event: error\ndata: secret\n\n', outcome: 'inband_error' },
    {
      name: 'finish_reason error',
      body: delta({ content: 'a' }, 'error') + DONE,
      outcome: 'inband_error',
      detail: /^finish_reason is error$/,
      content: 1,
    },
    {
      name: 'no JSON',
      body: 'data: secret{\n\n',
      outcome: 'malformed',
      detail: /^the data of an event is not JSON$/,
      early: true,
    },
    {
      name: 'JSON that is no object',
      body: 'data: [1]\n\n',
      outcome: 'malformed',
      detail: /not a JSON object$/,
    },
    { name: 'empty data', body: `data:\n\n${STOP}data: \n\n${DONE}`, outcome: 'complete', keepalives: 2 },
    {
      name: 'choices that are none',
      body: `data: {"choices":3}\n\ndata: {"choices":[null,7,[]]}\n\ndata: {"choices":[{"delta":[]}]}\n\n${STOP}${DONE}`,
      outcome: 'complete',
      content: 0,
    },
    {
      name: 'tool calls that are none',
      body: `${delta({ tool_calls: 5 })}${delta({ tool_calls: [null, { function: 1 }] })}${STOP}${DONE}`,
      outcome: 'complete',
      content: 0,
    },
    {
      name: 'content after [DONE]',
      body: STOP + DONE + delta({ content: 'a' }),
      outcome: 'protocol_violation',
    },
    { name: 'a chunk without content after [DONE]', body: STOP + DONE + ROLE, outcome: 'complete' },
    { name: '[DONE] twice', body: STOP + DONE + DONE, outcome: 'complete' },
    { name: 'comments after [DONE]', body: `${STOP}${DONE}: bye\n\n`, outcome: 'complete', keepalives: 1 },
    {
      name: 'an error after [DONE]',
      body: `${STOP}${DONE}data: {"error":{}}\n\n`,
      outcome: 'protocol_violation',
    },
    {
      name: 'data after an error',
      body: `data: {"error":{}}\n\n${STOP}${DONE}`,
      outcome: 'inband_error',
      chunks: 3,
    },
  ]);

  it('JSON nested as deep as an event can hold', () => {
    const deep = `{"choices":[{"delta":${'{"content":'.repeat(50_000)}1${'}'.repeat(50_000)}}]}`;
    assert.equal(judge('openai-chat', undefined, [`data: ${deep}\n\n`]).outcome, 'truncated');
    assert.equal(judge('openai-chat', undefined, [`data: ${'['.repeat(500_000)}\n\n`]).outcome, 'malformed');
  });
});

/** An event as the APIs that name theirs send it. */
const named = (type: string, rest: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

describe('openai-responses', () => {
  let next = 0;
  const event = (type: string, rest: object = {}): string =>
    named(`response.${type}`, { sequence_number: next++, ...rest });
  const answer = (...events: [string, object?][]): string => {
    next = 0;
    return events.map(([type, rest]) => event(type, rest)).join('');
  };

  table('openai-responses', [
    {
      name: 'a whole answer',
      body: answer(
        ['created'],
        ['output_item.added'],
        ['output_text.delta', { delta: 'aß' }],
        ['output_text.delta', { delta: '' }],
        ['output_text.delta', { delta: '😀' }],
        ['output_text.done', { text: 'aß😀' }],
        ['completed', { response: {} }],
      ),
      outcome: 'complete',
      early: true,
      chunks: 7,
      content: 2,
      characters: 3,
    },
    {
      name: 'other content',
      body: answer(
        ['refusal.delta', { delta: 'a' }],
        ['reasoning_text.delta', { delta: 'b' }],
        ['reasoning_summary_text.delta', { delta: 'c' }],
        ['function_call_arguments.delta', { delta: '{}' }],
        ['audio.delta', { delta: 'not text' }],
        ['completed'],
      ),
      outcome: 'complete',
      content: 4,
      characters: 5,
    },
    { name: 'incomplete', body: answer(['incomplete', { response: {} }]), outcome: 'limited', early: true },
    {
      name: 'failed',
      body: answer(['failed', { response: { error: { code: 'server_error', message: 'secret' } } }]),
      outcome: 'inband_error',
      detail: /^response\.failed server_error$/,
    },
    {
      name: 'an error',
      body: named('error', { code: 'x', message: 'secret' }),
      detail: /^error x$/,
      outcome: 'inband_error',
      early: true,
    },
    { name: 'an error that is no JSON', body: 'event: error\ndata: secret\n\n', outcome: 'inband_error' },
    {
      name: 'a gap in the numbers',
      body: answer(['created'], ['in_progress'], ['completed', { sequence_number: 3 }]),
      outcome: 'protocol_violation',
      detail: /^sequence_number 3 where 2 was due$/,
      early: true,
    },
    {
      name: 'a number twice',
      body: answer(['created'], ['completed', { sequence_number: 0 }]),
      outcome: 'complete',
    },
    {
      name: 'numbers from 1 on',
      body: answer(['created', { sequence_number: 1 }], ['completed', { sequence_number: 2 }]),
      outcome: 'complete',
    },
    { name: 'no numbers', body: 'event: response.completed\ndata: {}\n\n', outcome: 'complete' },
    { name: 'no end', body: answer(['created']), outcome: 'truncated', early: false },
    { name: 'no JSON', body: 'event: response.created\ndata: secret\n\n', outcome: 'malformed', early: true },
    {
      name: 'an event without content after the end',
      body: answer(['completed'], ['created']),
      outcome: 'complete',
    },
    {
      name: 'comments after the end',
      body: `${answer(['completed'])}: bye\n\n`,
      outcome: 'complete',
      keepalives: 1,
    },
  ]);
});

describe('anthropic', () => {
  const START = named('message_start', { message: { usage: { input_tokens: 5 } } });
  const OPEN = named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  const text = (content: string): string =>
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: content } });
  const CLOSE = named('content_block_stop', { index: 0 });
  const reason = (stop_reason: string | null): string => named('message_delta', { delta: { stop_reason } });
  const STOP = named('message_stop');

  table('anthropic', [
    {
      name: 'a whole message',
      body: START + OPEN + named('ping') + text('aß') + text('😀') + CLOSE + reason('end_turn') + STOP,
      outcome: 'complete',
      early: true,
      chunks: 8,
      content: 2,
      characters: 3,
    },
    {
      name: 'thinking and tools',
      body:
        START +
        OPEN +
        named('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'ab' } }) +
        named('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'xyz' } }) +
        named('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: '{' } }) +
        named('content_block_delta', { index: 0, delta: { type: 'constructor' } }) +
        CLOSE +
        reason('tool_use') +
        STOP,
      outcome: 'complete',
      content: 2,
      characters: 3,
    },
    { name: 'max_tokens', body: START + reason('max_tokens') + STOP, outcome: 'limited', early: true },
    {
      name: 'a block left open',
      body: START + OPEN + reason('end_turn') + STOP,
      outcome: 'truncated',
      detail: /^message_stop with a content block open$/,
    },
    {
      name: 'no stop_reason',
      body: START + OPEN + CLOSE + reason(null) + STOP,
      outcome: 'truncated',
      detail: /^message_stop without a stop_reason$/,
    },
    { name: 'no message_stop', body: START + reason('end_turn'), outcome: 'truncated', early: false },
    {
      name: 'an error',
      body: START + named('error', { error: { type: 'overloaded_error', message: 'secret' } }),
      outcome: 'inband_error',
      detail: /^error overloaded_error$/,
    },
    { name: 'an error that is no JSON', body: 'event: error\ndata: secret\n\n', outcome: 'inband_error' },
    {
      name: 'an event of an unknown type',
      body: START + named('news', { error: 1 }) + reason('end_turn') + STOP,
      outcome: 'complete',
      chunks: 4,
    },
    {
      name: 'a ping that is no JSON',
      body: `event: ping\ndata: x\n\n${reason('end_turn')}${STOP}`,
      outcome: 'complete',
    },
    { name: 'no JSON', body: 'event: message_start\ndata: secret\n\n', outcome: 'malformed' },
    {
      name: 'an event without content after the end',
      body: reason('end_turn') + STOP + START,
      outcome: 'complete',
    },
  ]);
});

describe('ollama', () => {
  const lines = (...values: object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const END = { done: true, done_reason: 'stop', message: { content: '' } };

  table('ollama', [
    {
      name: 'a chat',
      body: lines(
        { message: { role: 'assistant', content: 'aß' }, done: false },
        { message: { content: '😀' }, done: false },
        END,
      ),
      outcome: 'complete',
      early: true,
      chunks: 3,
      content: 2,
      characters: 3,
    },
    {
      name: 'a completion',
      body: lines({ response: 'a', done: false }, { response: 'b', done: true }),
      outcome: 'complete',
      content: 2,
    },
    {
      name: 'thinking',
      body: lines({ message: { thinking: 'ab', content: '' } }, { thinking: 'c' }, END),
      outcome: 'complete',
      characters: 3,
    },
    {
      name: 'a last line without its end',
      body: JSON.stringify(END),
      outcome: 'complete',
      early: false,
      chunks: 1,
    },
    {
      name: 'CRLF and blank lines',
      body: lines({ response: 'a' }, END).replaceAll('\n', '\r\n\r\n  \r\n'),
      outcome: 'complete',
      chunks: 2,
    },
    { name: 'length', body: lines({ ...END, done_reason: 'length' }), outcome: 'limited' },
    {
      name: 'an error',
      body: lines({ response: 'a' }, { error: 'secret' }),
      outcome: 'inband_error',
      chunks: 2,
    },
    { name: 'no end', body: lines({ response: 'a', done: false }), outcome: 'truncated', early: false },
    { name: 'an empty body', body: '', outcome: 'truncated' },
    { name: 'no JSON', body: 'secret\n', outcome: 'malformed', early: true },
    { name: 'JSON that is no object', body: '[]\n', outcome: 'malformed' },
    {
      name: 'data after the end',
      body: lines(END, { response: 'a' }),
      outcome: 'protocol_violation',
      chunks: 2,
    },
    {
      name: 'a line without content after the end, without its own',
      body: `${lines(END)}{}`,
      outcome: 'complete',
    },
    { name: 'blank lines after the end', body: `${lines(END)}\n\n`, outcome: 'complete' },
  ]);
});

describe('ndjson', () => {
  const terminal: Terminal = { kind: 'path', path: 'state.over', equals: 'yes' };
  table('ndjson', [
    {
      name: 'a clean end',
      body: '{"a":1}\n{"a":"ß"}\n',
      outcome: 'complete',
      early: false,
      chunks: 2,
      content: 2,
      characters: 16,
    },
    { name: 'a line that is no JSON', body: 'x\n', outcome: 'malformed', chunks: 1 },
    { name: 'U+2028 splits nothing', body: '{"a":"\u2028"}\n', outcome: 'complete', chunks: 1 },
    {
      name: 'a terminal line',
      terminal,
      body: '{"state":{"over":"no"}}\n{"state":{"over":"yes"}}\n',
      outcome: 'complete',
      early: true,
      chunks: 2,
    },
    {
      name: 'a terminal line that never comes',
      terminal,
      body: '{"state":"over"}\n{}\n',
      outcome: 'truncated',
    },
    { name: 'no JSON where a terminal line is looked for', terminal, body: 'secret\n', outcome: 'malformed' },
    {
      name: 'data after the terminal line',
      terminal,
      body: '{"state":{"over":"yes"}}\n{}\n',
      outcome: 'protocol_violation',
    },
  ]);

  it('a line over the limit: malformed', () => {
    const long = `"${'x'.repeat(MAX_EVENT_BYTES - 2)}"`;
    assert.equal(judge('ndjson', undefined, [long, '\n']).outcome, 'complete');
    assert.equal(judge('ndjson', undefined, [long, 'x', '\n']).outcome, 'malformed');
    assert.equal(judge('ndjson', undefined, [`${long}x\n`]).outcome, 'malformed');
    assert.equal(judge('ollama', undefined, ['{"done":true}\n', `${long}x`]).outcome, 'complete');
  });

  it('random lines are the same, however they are split', () => {
    const line = fc.oneof(
      fc.constantFrom('', ' ', '\r', '{}', '{"a":"ß"}', '{"state":{"over":"yes"}}'),
      fc.string().map((text) => JSON.stringify(text)),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat({ max: 200 })), (lines, at) => {
        const bytes = Buffer.from(lines.join('\n'));
        const cuts = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const reads = cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
        const { outcome, tally } = judge('ndjson', undefined, reads);
        const expected = bytes
          .toString()
          .split('\n')
          .filter((text) => /[^ \t\r]/.test(text)).length;
        assert.deepEqual([outcome, tally.chunks], [expected === 0 ? 'truncated' : 'complete', expected]);
      }),
      { numRuns: 3000 },
    );
  });
});
