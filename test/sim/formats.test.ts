import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { FORMATS } from '../../src/core/scenario.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { finishedRecord, PATHS, receive, simulate, TINY } from './client.ts';

/** Read by another's parser, so that a mistake of ours is not made twice. */
function eventsOf(body: Buffer): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(body.toString());
  return events;
}

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
