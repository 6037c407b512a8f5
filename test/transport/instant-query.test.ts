import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { buildAllowlist } from '../../src/core/allow.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { instantQuery } from '../../src/transport/instant-query.ts';
import { lookUp } from '../../src/transport/names.ts';

const OPTIONS = { allowlist: buildAllowlist([]), network: NETWORK, lookup: lookUp };

async function answered(listener: RequestListener, path = '/', query = 'rss{job="app"}') {
  const server = createServer(listener).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    return await instantQuery({ prometheus: `http://127.0.0.1:${port}${path}`, query }, OPTIONS);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json =
  (data: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(data));
  };

const vector = (...values: string[]) =>
  json({ status: 'success', data: { resultType: 'vector', result: values.map((v) => ({ value: [1, v] })) } });

describe('a question to a Prometheus', () => {
  it('is asked below the path of its URL, and its one value is the answer', async () => {
    let asked = '';
    const value = await answered((request, response) => {
      asked = request.url!;
      vector('419430400')(request, response);
    }, '/prom/');
    assert.equal(value, 419_430_400);
    const url = new URL(asked, 'http://x');
    assert.deepEqual([url.pathname, url.searchParams.get('query')], ['/prom/api/v1/query', 'rss{job="app"}']);
  });

  it('may be a scalar', async () => {
    assert.equal(await answered(json({ data: { resultType: 'scalar', result: [1, '5'] } })), 5);
  });

  it('has no answer where there is no series, or no number', async () => {
    assert.equal(await answered(vector()), undefined);
    assert.equal(await answered(vector('NaN')), undefined);
  });

  for (const [name, listener, why] of [
    ['several series', vector('1', '2'), /2 series, one is needed/],
    ['an error', json({ status: 'error', error: 'parse error: x' }, 400), /status 400: parse error: x/],
    ['a range', json({ data: { resultType: 'matrix', result: [] } }), /a range/],
    ['no result', json({ hello: 'world' }), /is this a Prometheus/],
    ['null', json(null), /no reason given/],
    ['a page', (_q, r) => void r.end('<html>'), /is this a Prometheus/],
    ['an endless answer', (_q, r) => void r.end('x'.repeat(300_000)), /./],
    ['a broken connection', (q) => void q.socket.destroy(), /./],
  ] as [string, RequestListener, RegExp][]) {
    it(`says why not: ${name}`, async () => {
      await assert.rejects(answered(listener), why);
    });
  }

  it('is not sent outside the allowlist', async () => {
    const ask = instantQuery({ prometheus: 'http://prometheus.invalid:9090/', query: 'up' }, OPTIONS);
    await assert.rejects(ask, /prometheus.invalid is refused.*nothing was sent/);
  });
});
