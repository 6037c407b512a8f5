import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { FORMATS, type Format } from '../../src/formats/list.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { finishedRecord, PATHS, receive, simulate, TINY } from './client.ts';

/** Read by another's parser, so that a mistake of ours is not made twice. */
function eventsOf(body: Buffer): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(body.toString());
  return events;
}

const linesOf = (body: Buffer): Record<string, unknown>[] =>
  body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const codePoints = (text: string): number => [...text].length;

describe('formats over a socket', () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator(TINY);
  });
  after(() => simulator.close());

  it('sse: events, then [DONE]', async () => {
    const got = await receive(`${simulator.url}/sse`, { id: 'sse-1' });
    const record = await finishedRecord(simulator.url, 'sse-1');
    const events = eventsOf(got.body);
    assert.equal(got.status, 200);
    assert.equal(got.headers['content-type'], 'text/event-stream');
    assert.equal(got.headers['cache-control'], 'no-cache');
    assert.equal(got.headers['transfer-encoding'], 'chunked');
    assert.equal(events.at(-1)!.data, '[DONE]');
    const content = events.slice(0, -1).map((event) => event.data);
    assert.ok(content.length >= 8 && content.length <= 20, 'as many chunks with content as the options say');
    assert.deepEqual(
      [record.outcome, record.status, record.chunks, record.bytes, record.characters],
      ['complete', 200, events.length, got.body.length, codePoints(content.join(''))],
    );
    // A timer may be a millisecond early.
    assert.ok(record.ttfbMs! >= 1, `TTFB of ${record.ttfbMs} ms`);
  });

  it('openai-chat: role, deltas, finish_reason, [DONE]', async () => {
    const got = await receive(`${simulator.url}/v1/chat/completions?x=1`, { id: 'chat-1' });
    const record = await finishedRecord(simulator.url, 'chat-1');
    const events = eventsOf(got.body);
    assert.equal(got.headers['content-type'], 'text/event-stream');
    assert.equal(events.at(-1)!.data, '[DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.data));
    for (const chunk of chunks) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      assert.equal(chunk.id, chunks[0].id);
      assert.equal(chunk.choices.length, 1);
    }
    assert.deepEqual(chunks[0].choices[0].delta, { role: 'assistant', content: '' });
    assert.deepEqual(chunks.at(-1).choices[0].delta, {});
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.choices[0].finish_reason === null));
    const content = chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('');
    assert.ok(chunks.length - 2 >= 8 && chunks.length - 2 <= 20);
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes, record.characters],
      ['complete', events.length, got.body.length, codePoints(content)],
    );
  });

  it('raw: text', async () => {
    const got = await receive(`${simulator.url}/raw`, { id: 'raw-1' });
    const record = await finishedRecord(simulator.url, 'raw-1');
    assert.match(got.headers['content-type']!, /^text\/plain/);
    assert.deepEqual(
      [record.outcome, record.bytes, record.characters],
      ['complete', got.body.length, codePoints(got.body.toString())],
    );
    assert.ok(record.chunks >= 8 && record.chunks <= 20);
  });

  it('openai-responses: numbered events from response.created to response.completed', async () => {
    const got = await receive(`${simulator.url}/v1/responses`, { id: 'responses-1' });
    const record = await finishedRecord(simulator.url, 'responses-1');
    const events = eventsOf(got.body);
    const data = events.map((event) => JSON.parse(event.data));
    assert.equal(got.headers['content-type'], 'text/event-stream');
    assert.deepEqual(
      data.map((one) => one.sequence_number),
      data.map((_, i) => i),
    );
    assert.deepEqual(
      events.map((event) => event.event),
      data.map((one) => one.type),
    );
    assert.deepEqual([data[0].type, data.at(-1).type], ['response.created', 'response.completed']);
    const deltas = data.filter((one) => one.type === 'response.output_text.delta');
    assert.equal(data.at(-1).response.usage.output_tokens, deltas.length);
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes, record.characters],
      ['complete', events.length, got.body.length, codePoints(deltas.map((one) => one.delta).join(''))],
    );
  });

  it('anthropic: named events, blocks closed, a stop_reason', async () => {
    const got = await receive(`${simulator.url}/v1/messages`, { id: 'anthropic-1', body: 'not JSON' });
    const record = await finishedRecord(simulator.url, 'anthropic-1');
    const events = eventsOf(got.body);
    const data = events.map((event) => JSON.parse(event.data));
    assert.deepEqual(
      events.map((event) => event.event),
      data.map((one) => one.type),
    );
    const deltas = data.filter((one) => one.type === 'content_block_delta');
    const others = data.filter((one) => one.type !== 'content_block_delta').map((one) => one.type);
    assert.deepEqual(others, [
      'message_start',
      'content_block_start',
      'ping',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    assert.equal(data.at(-2).delta.stop_reason, 'end_turn');
    assert.equal(data.at(-2).usage.output_tokens, deltas.length);
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes, record.characters],
      ['complete', events.length, got.body.length, codePoints(deltas.map((one) => one.delta.text).join(''))],
    );
  });

  it('ollama: lines, the last one done', async () => {
    const got = await receive(`${simulator.url}/api/chat`, { id: 'ollama-1' });
    const record = await finishedRecord(simulator.url, 'ollama-1');
    const lines = linesOf(got.body);
    assert.equal(got.headers['content-type'], 'application/x-ndjson');
    assert.ok(lines.slice(0, -1).every((line) => line.done === false));
    const { done, done_reason, eval_count } = lines.at(-1)!;
    assert.deepEqual([done, done_reason, eval_count], [true, 'stop', lines.length - 1]);
    const content = lines.map((line) => (line.message as { content: string }).content).join('');
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes, record.characters],
      ['complete', lines.length, got.body.length, codePoints(content)],
    );
  });

  it('ndjson: lines of JSON, each but the last content', async () => {
    const got = await receive(`${simulator.url}/ndjson`, { id: 'ndjson-1' });
    const record = await finishedRecord(simulator.url, 'ndjson-1');
    const lines = linesOf(got.body);
    assert.equal(got.headers['content-type'], 'application/x-ndjson');
    assert.ok(lines.slice(0, -1).every((line) => typeof line.text === 'string'));
    assert.deepEqual(lines.at(-1), { done: true });
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes, record.characters],
      [
        'complete',
        lines.length,
        got.body.length,
        codePoints(got.body.toString()) - lines.length - '{"done":true}'.length,
      ],
    );
  });

  const limits: [format: Format, body: object, limited: RegExp][] = [
    ['openai-chat', { max_tokens: 5 }, /"finish_reason":"length"/],
    ['openai-chat', { max_completion_tokens: 5, max_tokens: 500 }, /"finish_reason":"length"/],
    [
      'openai-responses',
      { max_output_tokens: 5 },
      /"type":"response.incomplete".*"reason":"max_output_tokens"/,
    ],
    ['anthropic', { max_tokens: 5 }, /"stop_reason":"max_tokens"/],
    ['ollama', { options: { num_predict: 5 } }, /"done_reason":"length"/],
  ];
  for (const [format, body, limited] of limits) {
    it(`${format}: limited by ${JSON.stringify(body)}, and not by more than there is`, async (t) => {
      const one = await simulate(t, { ...TINY, chunks: { kind: 'fixed', value: 8 } });
      const ask = async (id: string, text: string, fault?: string) => {
        const wanted = { id, body: text, ...(fault === undefined ? {} : { fault }) };
        const got = await receive(one.url + PATHS[format], wanted);
        return { got, text: got.body.toString(), record: await finishedRecord(one.url, id) };
      };
      const short = await ask('short', JSON.stringify(body));
      assert.match(short.text, limited);
      assert.deepEqual([short.record.outcome, short.record.bytes], ['limited', short.got.body.length]);
      const whole = await ask('whole', JSON.stringify(body).replaceAll('5', '8'));
      assert.doesNotMatch(whole.text, limited);
      assert.equal(whole.record.outcome, 'complete');
      assert.equal(whole.record.chunks - short.record.chunks, 3);
      assert.equal((await ask('split', JSON.stringify(body), 'splitUtf8')).record.outcome, 'limited');
      assert.equal((await ask('cut', JSON.stringify(body), 'truncate')).record.outcome, 'truncated');
    });
  }

  it('openai-chat: usage where the request asks for it, before [DONE]', async () => {
    const body = JSON.stringify({ stream_options: { include_usage: true }, messages: ['x'.repeat(400)] });
    const events = eventsOf(
      (await receive(`${simulator.url}/v1/chat/completions`, { id: 'usage', body })).body,
    );
    assert.equal((await finishedRecord(simulator.url, 'usage')).chunks, events.length);
    const { choices, usage } = JSON.parse(events.at(-2)!.data);
    assert.deepEqual(choices, []);
    assert.equal(usage.completion_tokens, events.length - 4);
    assert.ok(usage.prompt_tokens > 100);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  });

  it('takes the format of the options on any other path, whatever the method', async (t) => {
    for (const format of FORMATS) {
      const other = await simulate(t, { ...TINY, format });
      const named = await receive(`${other.url}${PATHS[format]}`);
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const got = await receive(`${other.url}/any/thing?at=all`, { method, body: '' });
        assert.equal(got.headers['content-type'], named.headers['content-type']);
      }
      assert.equal(
        (await receive(`${other.url}/metrics`)).headers['content-type'],
        named.headers['content-type'],
      );
    }
  });

  it('gives the same answers in the same order for the same seed', async (t) => {
    const bodies = async (seed: number): Promise<string[]> => {
      const one = await simulate(t, { ...TINY, seed });
      const got: string[] = [];
      for (let i = 0; i < 3; i++) got.push((await receive(`${one.url}/sse`)).body.toString());
      return got;
    };
    const first = await bodies(3);
    assert.deepEqual(await bodies(3), first);
    assert.notDeepEqual(await bodies(4), first);
    assert.notEqual(first[0], first[1]);
  });
});
