import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { type Served, serve } from '../../support/service.ts';

const TOKEN = 'planted-secret-7f3a';

/** Half of the streams fall silent after one event; the others end without their terminal event. */
function target() {
  let n = 0;
  return createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: hello ${request.headers.authorization}\n\n`);
    if (n++ % 2 === 1) response.end('data: \u0007bye\n\n');
  });
}

interface Listed {
  readonly streams: readonly {
    id: string;
    phase: string;
    stalled: boolean;
    silenceMs: number;
    chunks: number;
  }[];
}

interface Kept {
  readonly failures: readonly {
    id: string;
    outcome: string;
    detail: string;
    tail?: string;
    chunks: number;
  }[];
}

describe('single streams', () => {
  const server = target();
  let service: Served;
  const get = async <T>(path: string): Promise<T> => (await fetch(service.url + path)).json() as Promise<T>;

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    service = await serve(
      `
targets:
  - { name: half, url: "http://127.0.0.1:${port}/" }
  - name: secret
    url: "http://127.0.0.1:${port}/"
    headers: { authorization: "Bearer $\{env:SOAKD_TEST_TOKEN}" }
    terminal: "[DONE]"
    keepTail: 200B
    timeouts: { idle: 4s, stall: 1s }
scenarios:
  one: { target: secret, thinkTime: 200ms, stages: [{ users: 6, for: 12s }] }
`,
      { SOAKD_TEST_TOKEN: TOKEN },
    );
    await service.startRun('one');
  });
  after(async () => {
    await service?.stop();
    server.closeAllConnections();
    server.close();
  });

  it('a stream that hangs shows while it hangs, in metrics and by its id', async () => {
    const scrape = await poll(
      'stalled streams',
      async () => {
        const now = await service.scrape();
        return now.sum('soak_streams_stalled', 'target="secret"') >= 3 ? now : undefined;
      },
      { timeoutMs: 60_000 },
    );
    assert.ok(scrape.sum('soak_stream_silence_seconds_max', 'target="secret"') > 1);
    assert.equal(scrape.sum('soak_streams_stalled', 'target="half"'), 0);
    // What was scraped is up to a second old; those streams may have ended by now, and others come to hang.
    const streams = await poll('two stalled streams', async () => {
      const listed = await get<Listed>('/api/v1/streams?state=stalled&limit=2');
      return listed.streams.length === 2 ? listed.streams : undefined;
    });
    for (const { phase, stalled, silenceMs, chunks } of streams) {
      assert.deepEqual([phase, stalled, chunks], ['streaming', true, 1]);
      assert.ok(silenceMs > 1000);
    }
    assert.ok(streams[0]!.silenceMs >= streams[1]!.silenceMs, 'longest silence first');
    assert.equal((await fetch(`${service.url}/api/v1/streams?limit=0`)).status, 400);
  });

  it('failed streams are kept by kind, with the end of their body and without secrets', async () => {
    await service.finished(60_000);
    const all = await get<Kept>('/api/v1/failures?limit=1000');
    const outcomes = new Set(all.failures.map((f) => f.outcome));
    assert.deepEqual([...outcomes].sort(), ['stalled', 'truncated']);
    const { failures } = await get<Kept>('/api/v1/failures?outcome=truncated&target=secret&limit=3');
    assert.equal(failures.length, 3);
    for (const { tail } of failures) {
      assert.match(tail!, /data: hello Bearer \[redacted\]\\n\\ndata: \\u0007bye\\n\\n$/);
    }
    const text = JSON.stringify([all, await service.status()]) + service.program.output;
    assert.ok(!text.includes(TOKEN), 'the secret shows');
    const scrape = await service.scrape();
    assert.equal(scrape.sum('soak_streams_stalled'), 0, 'nothing hangs after the run');
    assert.equal(scrape.sum('soak_stream_silence_seconds_max'), 0);
    const { last } = await service.status();
    const groups = last!.failures as { outcome: string; count: number; examples: unknown[] }[];
    assert.deepEqual(
      groups.map((g) => [g.outcome, g.count]),
      ['stalled', 'truncated'].map((o) => [o, last!.streams.finished[o]]),
    );
    assert.ok(groups.every((g) => g.examples.length > 0 && g.examples.length <= 3));
  });
});
