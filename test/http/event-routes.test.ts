import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { stubApp } from '../../support/http/stub.ts';
import { LiveViewer } from '../../support/http/viewing.ts';

describe('streams of events', () => {
  it('are a bounded number, and at most half of the connections', async () => {
    for (const [viewers, connections, status] of [
      [199, 1000, 200],
      [200, 1000, 503],
      [15, 32, 200],
      [16, 32, 503],
    ] as const) {
      const events = { viewers, open: (viewer: { end(): void }) => viewer.end(), leave: () => {} };
      const { inject } = stubApp({ events }, { connections: () => connections });
      const reply = await inject({ url: '/api/v1/events' });
      assert.equal(reply.statusCode, status, `${viewers} of ${connections}`);
      if (status === 200) continue;
      assert.equal(reply.headers['retry-after'], '10');
      assert.equal(reply.json().code, 'VIEWERS_FULL');
      assert.match(reply.json().detail, /close pages .* try again in 10 s/);
    }
  });

  it('get the last id that the client has, unless it is none', async () => {
    const ids: (string | undefined)[] = [];
    const events = {
      viewers: 0,
      open: (viewer: { end(): void }, lastId?: string) => {
        ids.push(lastId);
        viewer.end();
      },
      leave: () => {},
    };
    const { inject } = stubApp({ events });
    for (const id of ['r:1:2:3', 'x'.repeat(1000)])
      await inject({ url: '/api/v1/events', headers: { 'last-event-id': id } });
    await inject({ url: '/api/v1/events' });
    assert.deepEqual(ids, ['r:1:2:3', undefined, undefined]);
    const head = await inject({ method: 'HEAD', url: '/api/v1/events' });
    assert.deepEqual(
      [head.statusCode, head.headers['content-type'], ids.length],
      [200, 'text/event-stream', 3],
    );
  });

  it('give their connection to another request where connections are scarce', async () => {
    let left = 0;
    const events = { viewers: 0, open: () => {}, leave: () => left++ };
    // Four connections are one for each client.
    const { app } = stubApp({ events }, { connections: () => 4 });
    await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      const { port } = app.server.address() as AddressInfo;
      const viewer = await LiveViewer.open(port);
      assert.equal(viewer.status, 200);
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/status`, {
        headers: { connection: 'close' },
      });
      assert.equal(answer.status, 200);
      await answer.text();
      await viewer.ended;
      assert.equal(left, 1);
    } finally {
      await app.close();
    }
  });
});
