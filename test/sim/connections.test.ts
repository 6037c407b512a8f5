import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatorOptions } from '../../src/core/simulator.ts';
import { STREAM_ID_HEADER } from '../../src/core/stream-id.ts';
import { poll } from '../../support/poll.ts';
import { balances, finishedRecord, receive, simulate, TINY } from './client.ts';

/** First byte after a minute, so that nothing is said while a test looks. */
const SILENT: SimulatorOptions = { ...TINY, ttfbMs: { kind: 'fixed', value: 60_000 } };

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

async function connect(port: number, text: string): Promise<Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

describe('connections', () => {
  it('are used again and again', async (t) => {
    const simulator = await simulate(t, TINY);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number>();
    agent.on('free', (socket: Socket) => ports.add(socket.localPort!));
    for (const path of ['/sse', '/v1/chat/completions', '/raw', '/sse', '/-/healthy', '/sse']) {
      const got = await receive(`${simulator.url}${path}`, { agent, method: 'GET', body: '' });
      assert.equal(got.status, 200);
      assert.equal(got.broken, undefined);
    }
    assert.equal(ports.size, 1);
    assert.equal(simulator.groundTruth().started, 5);
    agent.destroy();
  });

  it('get the head at once, long before the first byte', async (t) => {
    const simulator = await simulate(t, SILENT);
    const request = http.get(`${simulator.url}/sse`, { headers: { [STREAM_ID_HEADER]: 'one' } });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    assert.equal(response.statusCode, 200);
    assert.equal(simulator.groundTruth().active, 1);
    response.on('error', () => {});
    request.destroy();
    const record = await finishedRecord(simulator.url, 'one');
    assert.deepEqual([record.outcome, record.status, record.ttfbMs], ['cancelled', 200, null]);
  });

  it('that close early give everything back at once', async (t) => {
    const simulator = await simulate(t, SILENT);
    const before = timers();
    const request = 'GET /sse HTTP/1.1\r\nhost: x\r\n\r\n';
    const half = 'POST /sse HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf';
    const sockets = await Promise.all(
      Array.from({ length: 60 }, (_, i) => connect(simulator.port, i % 3 === 0 ? half : request)),
    );
    await poll('60 open streams', () => (simulator.groundTruth().active === 60 ? true : undefined));
    await poll('a timer for each', () => (timers() >= before + 40 ? true : undefined));
    // A half-close is an end too: node answers it by ending its own side.
    for (const [i, socket] of sockets.entries()) {
      if (i % 2 === 0) socket.destroy();
      else socket.resume().end();
    }
    await poll('end of all', () => (simulator.groundTruth().active === 0 ? true : undefined));
    assert.equal(simulator.groundTruth().finished.cancelled, 60);
    await poll('timers given back', () => (timers() <= before ? true : undefined));
  });

  it('of a client that does not read hold it back, and nothing piles up', async (t) => {
    const served: Socket[] = [];
    const onRequest = (message: unknown): void => {
      served.push((message as { socket: Socket }).socket);
    };
    diagnostics.subscribe('http.server.request.start', onRequest);
    const chunks = 6000;
    const simulator = await simulate(t, {
      ...TINY,
      gapMs: { kind: 'fixed', value: 0 },
      chunks: { kind: 'fixed', value: chunks },
      characters: { kind: 'fixed', value: 2000 },
    });
    const client = await connect(
      simulator.port,
      `GET /raw HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${STREAM_ID_HEADER}: slow\r\n\r\n`,
    );
    client.pause();
    let before = -1;
    await poll('end of progress', async () => {
      await sleep(100);
      const now = simulator.groundTruth().chunks;
      const still = now > 0 && now === before;
      before = now;
      return still ? true : undefined;
    });
    assert.equal(simulator.groundTruth().active, 1);
    assert.ok(simulator.groundTruth().chunks < chunks);
    assert.equal(served.length, 1);
    const held = served[0]!.writableLength;
    assert.ok(held > 0 && held < 20_000, `${held} bytes in the simulator's own memory`);

    let received = 0;
    client.on('data', (data) => {
      received += data.length;
    });
    client.resume();
    await once(client, 'close');
    const record = await finishedRecord(simulator.url, 'slow');
    assert.deepEqual([record.outcome, record.chunks, record.characters], ['complete', chunks, chunks * 2000]);
    assert.ok(received > record.bytes);
    diagnostics.unsubscribe('http.server.request.start', onRequest);
  });

  it('that go while they are held back end as cancelled, with no more counted than was flushed', async (t) => {
    const simulator = await simulate(t, {
      ...TINY,
      gapMs: { kind: 'fixed', value: 0 },
      chunks: { kind: 'fixed', value: 100_000 },
      characters: { kind: 'fixed', value: 2000 },
    });
    const client = await connect(
      simulator.port,
      `GET /raw HTTP/1.1\r\nhost: x\r\n${STREAM_ID_HEADER}: one\r\n\r\n`,
    );
    client.pause();
    await poll('some chunks', () => (simulator.groundTruth().chunks > 100 ? true : undefined));
    await sleep(50);
    client.destroy();
    const record = await finishedRecord(simulator.url, 'one');
    assert.equal(record.outcome, 'cancelled');
    const chunksThen = record.chunks;
    await sleep(50);
    assert.equal((await finishedRecord(simulator.url, 'one')).chunks, chunksThen);
  });

  it('read a request body of any kind, up to 10 MiB', async (t) => {
    const simulator = await simulate(t, TINY);
    const fits = await receive(`${simulator.url}/sse`, { body: 'x'.repeat(10 * 1024 * 1024) });
    assert.equal(fits.status, 200);
    // It hangs up while the client still sends, so the client may not get to read the answer.
    await receive(`${simulator.url}/sse`, { id: 'big', body: 'x'.repeat(11 * 1024 * 1024) }).catch(() => {});
    const record = await finishedRecord(simulator.url, 'big');
    assert.deepEqual([record.outcome, record.status], ['http_error', 413]);
  });

  it('get no body for HEAD, and are refused where chunks cannot be sent as they are', async (t) => {
    const simulator = await simulate(t, TINY);
    const head = await receive(`${simulator.url}/sse`, { method: 'HEAD', body: '' });
    assert.deepEqual([head.status, head.body.length], [200, 0]);

    const old = await connect(simulator.port, 'GET /sse HTTP/1.0\r\n\r\n');
    assert.match(String((await once(old, 'data'))[0]), /^HTTP\/1.1 505 /);

    const request = 'GET /sse HTTP/1.1\r\nhost: x\r\n\r\n';
    const pipelining = await connect(simulator.port, request + request);
    let text = '';
    pipelining.on('data', (data) => {
      text += data;
    });
    await once(pipelining, 'close');
    assert.match(text, /^HTTP\/1.1 200 .*\[DONE\].*\r\n0\r\n\r\nHTTP\/1.1 501 /s);
    const truth = simulator.groundTruth();
    assert.deepEqual([truth.finished.complete, truth.finished.http_error], [2, 2]);
    assert.ok(balances(truth));
  });

  it('are broken by close, which ends the books too', async (t) => {
    const simulator = await simulate(t, SILENT);
    const streams = Array.from({ length: 5 }, () => receive(`${simulator.url}/sse`));
    await poll('5 open streams', () => (simulator.groundTruth().active === 5 ? true : undefined));
    await simulator.close();
    await Promise.allSettled(streams);
    const truth = simulator.groundTruth();
    assert.deepEqual([truth.active, truth.finished.reset], [0, 5]);
  });
});
