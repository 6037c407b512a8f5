import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import type { SimulatorOptions } from '../../src/core/simulator.ts';
import { FORMATS } from '../../src/formats/list.ts';
import { buildFrames } from '../../src/sim/frames.ts';
import { Roofline } from '../../src/sim/roofline.ts';
import { balances, finishedRecord, PATHS, receive, simulate, TINY } from './client.ts';

/** Answers that would take a minute. */
const SLOW: SimulatorOptions = {
  ...TINY,
  ttfbMs: { kind: 'fixed', value: 10_000 },
  gapMs: { kind: 'fixed', value: 1000 },
  chunks: { kind: 'uniform', from: 40, to: 60 },
};
const ROOFLINE: SimulatorOptions = { ...SLOW, roofline: true };

describe('roofline', () => {
  for (const format of FORMATS) {
    it(`sends what would be sent without it, at once (${format})`, async (t) => {
      const fast = await simulate(t, ROOFLINE);
      const plain = await simulate(t, {
        ...SLOW,
        ttfbMs: { kind: 'fixed', value: 0 },
        gapMs: { kind: 'fixed', value: 0 },
      });
      for (let i = 0; i < 3; i++) {
        const id = `s${i}`;
        const [a, b] = await Promise.all(
          [fast, plain].map(({ url }) => receive(url + PATHS[format], { id, body: '' })),
        );
        assert.deepEqual(a!.body, b!.body);
        const [x, y] = await Promise.all([fast, plain].map(({ url }) => finishedRecord(url, id)));
        assert.deepEqual(
          [x!.outcome, x!.chunks, x!.bytes, x!.characters],
          ['complete', y!.chunks, y!.bytes, y!.characters],
        );
        assert.ok(x!.ttfbMs! < 2000);
      }
    });
  }

  it('sends many answers over kept connections, and keeps its books', async (t) => {
    const simulator = await simulate(t, ROOFLINE);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
    t.after(() => agent.destroy());
    const got = await Promise.all(
      Array.from({ length: 500 }, () => receive(`${simulator.url}/sse`, { agent, method: 'GET', body: '' })),
    );
    const truth = simulator.groundTruth();
    assert.ok(balances(truth));
    assert.equal(truth.finished.complete, 500);
    assert.equal(
      truth.bytes,
      got.reduce((sum, { body }) => sum + body.length, 0),
    );
    assert.equal(
      truth.chunks,
      got.reduce((sum, { body }) => sum + body.toString().split('\n\n').length - 1, 0),
    );
  });

  it('still has faults, and what a request asks for', async (t) => {
    const simulator = await simulate(t, { ...ROOFLINE, every: { truncate: 2 } });
    const chat = `${simulator.url}/v1/chat/completions`;
    const limited = await receive(chat, { body: '{"max_tokens":5}' });
    assert.match(limited.body.toString(), /"finish_reason":"length"/);
    assert.ok(!(await receive(chat)).body.includes('[DONE]'));
    const usage = await receive(chat, { body: '{"stream_options":{"include_usage":true}}' });
    assert.match(usage.body.toString(), /"completion_tokens":\d+/);
  });

  it('makes no answers beforehand that would fill the memory', () => {
    const frames = buildFrames('raw');
    const huge = {
      ...ROOFLINE,
      chunks: { kind: 'fixed', value: 200_000 },
      characters: { kind: 'fixed', value: 250 },
    };
    assert.equal(new Roofline(huge as SimulatorOptions, frames).script(0), undefined);
    assert.ok(new Roofline(ROOFLINE, frames).script(1_000_000) !== undefined);
  });
});
