import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { Fault, SimulatorOptions } from '../../src/core/simulator.ts';
import { STREAM_ID_HEADER } from '../../src/core/stream-id.ts';
import { FORMATS, type Format } from '../../src/formats/list.ts';
import type { StreamRecord } from '../../src/sim/ledger.ts';
import { poll } from '../../support/poll.ts';
import {
  balances,
  finishedRecord,
  OPENING,
  PATHS,
  type Received,
  receive,
  simulate,
  TINY,
  truthOf,
} from './client.ts';

function withFault(fault: Fault): SimulatorOptions {
  return { ...TINY, chunks: { kind: 'fixed', value: 12 }, faults: { [fault]: 1 } };
}

/** One stream with this fault, as seen from both sides. */
async function meet(
  t: TestContext,
  fault: Fault,
  format: Format,
): Promise<{ got: Received; record: StreamRecord }> {
  const simulator = await simulate(t, withFault(fault));
  const got = await receive(`${simulator.url}${PATHS[format]}`, { id: 'one' });
  const record = await finishedRecord(simulator.url, 'one');
  assert.ok(balances(simulator.groundTruth()));
  assert.equal(simulator.groundTruth().finished[record.outcome!], 1);
  return { got, record };
}

/** Events with content before the fault: half of them. */
const HALF = 6;

describe('faults', () => {
  for (const format of FORMATS) {
    it(`http503 (${format})`, async (t) => {
      const { got, record } = await meet(t, 'http503', format);
      assert.equal(got.status, 503);
      assert.ok(JSON.parse(got.body.toString()).error);
      assert.deepEqual(
        [record.outcome, record.status, record.chunks, record.bytes, record.characters],
        ['http_error', 503, 0, got.body.length, 0],
      );
    });

    it(`truncate (${format})`, async (t) => {
      const { got, record } = await meet(t, 'truncate', format);
      assert.equal(got.broken, undefined);
      assert.ok(!got.body.includes('[DONE]') && !got.body.includes('"stop"'));
      assert.equal(record.outcome, format === 'raw' ? 'complete' : 'truncated');
      assert.equal(record.chunks, HALF + OPENING[format]);
      assert.equal(record.bytes, got.body.length);
    });

    it(`reset (${format})`, async (t) => {
      const { got, record } = await meet(t, 'reset', format);
      assert.equal(got.broken, 'ECONNRESET');
      assert.deepEqual(
        [record.outcome, record.chunks, record.bytes],
        ['reset', HALF + OPENING[format], got.body.length],
      );
      if (got.headers['content-type'] === 'text/event-stream')
        assert.ok(got.body.toString().endsWith('\n\ndat'), 'in the middle of an event');
    });

    it(`stall (${format})`, async (t) => {
      const simulator = await simulate(t, withFault('stall'));
      const request = http.request(`${simulator.url}${PATHS[format]}`, {
        headers: { [STREAM_ID_HEADER]: 'one' },
      });
      let bytes = 0;
      request.on('response', (response) => {
        response.on('data', (part: Buffer) => {
          bytes += part.length;
        });
        response.on('error', () => {});
      });
      request.end();
      const open = await poll('stream that is half said', async () => {
        const record = (await truthOf(simulator.url, 'one')).streams.open[0];
        return record?.chunks === HALF + OPENING[format] && bytes === record.bytes ? record : undefined;
      });
      assert.equal(open.outcome, null);
      assert.equal(simulator.groundTruth().active, 1);
      request.destroy();
      const record = await finishedRecord(simulator.url, 'one');
      assert.deepEqual([record.outcome, record.bytes], ['stalled', bytes]);
      assert.equal(simulator.groundTruth().active, 0);
    });
  }

  it('inbandError (sse): an event of that name, then a clean end', async (t) => {
    const { got, record } = await meet(t, 'inbandError', 'sse');
    const text = got.body.toString();
    assert.match(text, /\n\nevent: error\ndata: \{"error":\{.*\}\}\n\n$/);
    assert.equal(got.broken, undefined);
    const content = text.slice(0, text.indexOf('event: error')).replaceAll(/data: |\n/g, '');
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes, record.characters],
      ['inband_error', HALF + 1, got.body.length, [...content].length],
    );
  });

  it('inbandError (openai-chat): a top-level error, then a clean end', async (t) => {
    const { got, record } = await meet(t, 'inbandError', 'openai-chat');
    assert.match(got.body.toString(), /\n\ndata: \{"error":\{.*\}\}\n\n$/);
    assert.ok(!got.body.includes('[DONE]'));
    assert.deepEqual(
      [record.outcome, record.chunks, record.bytes],
      ['inband_error', 1 + HALF + 1, got.body.length],
    );
  });

  it('inbandError (raw): nothing can be said, so the connection breaks', async (t) => {
    const { got, record } = await meet(t, 'inbandError', 'raw');
    assert.equal(got.broken, 'ECONNRESET');
    assert.deepEqual([record.outcome, record.bytes], ['reset', got.body.length]);
  });

  it('a mix of them adds up', async (t) => {
    const faults = { http503: 0.2, inbandError: 0.2, truncate: 0.2, reset: 0.2 };
    const simulator = await simulate(t, { ...TINY, faults });
    const got = await Promise.all(Array.from({ length: 100 }, () => receive(`${simulator.url}/sse`)));
    const truth = await poll('end of all', () => {
      const now = simulator.groundTruth();
      return now.active === 0 ? now : undefined;
    });
    assert.ok(balances(truth));
    assert.equal(truth.started, 100);
    assert.equal(
      truth.bytes,
      got.reduce((sum, one) => sum + one.body.length, 0),
    );
    assert.equal(truth.finished.http_error, got.filter((one) => one.status === 503).length);
    assert.equal(truth.finished.reset, got.filter((one) => one.broken !== undefined).length);
    assert.equal(truth.finished.complete, got.filter((one) => one.body.includes('[DONE]')).length);
    assert.equal(truth.finished.inband_error, got.filter((one) => one.body.includes('event: error')).length);
  });
});
