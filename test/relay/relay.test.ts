import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRelay } from '../../src/relay/relay.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { ending, Far, readAll } from './far.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const echo = (socket: Socket) => socket.pipe(socket);

describe('bytes', () => {
  for (const [what, shape, size] of [
    ['a network that adds nothing', {}, 8_000_000],
    ['latency and jitter', { latencyMs: 20, jitterMs: 20 }, 2_000_000],
    ['a bandwidth', { bandwidthBps: 40e6, latencyMs: 10, jitterMs: 5 }, 1_000_000],
  ] as const) {
    it(`arrive unchanged and in order both ways through ${what}`, async () => {
      await using far = await Far.start(echo, shape);
      const client = await far.connect();
      const sent = randomBytes(size);
      const received = readAll(client);
      // In writes of all sizes.
      for (let at = 0, n = 1; at < size; at += n, n = (n * 7) % 65_537) {
        if (!client.write(sent.subarray(at, at + n))) await once(client, 'drain');
      }
      client.end();
      assert.equal(digest(await received), digest(sent));
      const [record] = await far.ended(1);
      assert.equal(record!.end, 'closed');
      assert.deepEqual([record!.up.bytes, record!.down.bytes], [size, size]);
    });
  }

  it('many connections at once do not mix', async () => {
    await using far = await Far.start(echo, { latencyMs: 20, jitterMs: 10 });
    await Promise.all(
      Array.from({ length: 500 }, async () => {
        const client = await far.connect();
        const sent = randomBytes(3000);
        client.end(sent);
        assert.ok((await readAll(client)).equals(sent));
      }),
    );
    const records = await far.ended(500);
    assert.ok(records.every((r) => r.end === 'closed'));
    const { connections, up, down, queuedBytes } = far.relay.totals();
    assert.deepEqual([connections.accepted, connections.open, connections.closed], [500, 0, 500]);
    assert.deepEqual([up.bytes, down.bytes, queuedBytes], [1_500_000, 1_500_000, 0]);
  });
});

describe('time', () => {
  it('a round trip takes no less than was asked, its record says how long, and a connect takes nothing', async () => {
    const [latencyMs, jitterMs] = [80, 20];
    await using far = await Far.start(echo, { latencyMs, jitterMs });
    const before = performance.now();
    const client = await far.connect();
    const connectMs = performance.now() - before;
    let sumMs = 0;
    const trips = 20;
    for (let i = 0; i < trips; i++) {
      const startMs = performance.now();
      client.write('x');
      await once(client, 'data');
      const tripMs = performance.now() - startMs;
      assert.ok(tripMs >= latencyMs - jitterMs, `${tripMs} ms`);
      sumMs += tripMs;
    }
    client.end();
    const [{ up, down, addedConnectMs }] = (await far.ended(1)) as [(typeof far.records)[0]];
    assert.ok(connectMs < latencyMs, `${connectMs} ms to connect`);
    assert.equal(addedConnectMs, 0);
    for (const { added } of [up, down]) {
      assert.equal(added.count, trips);
      assert.ok(added.minMs! >= (latencyMs - jitterMs) / 2, `${added.minMs} ms`);
      assert.ok(added.maxMs! >= added.meanMs! && added.meanMs! >= added.minMs!);
    }
    // The log is the truth: what it adds up to is what the client waited, but for the loopback itself.
    const added = up.added.meanMs! + down.added.meanMs!;
    const waited = sumMs / trips;
    assert.ok(waited >= added && waited < added + 20, `${waited} ms waited, ${added} ms added`);
  });

  it('a bandwidth is kept, in each direction for itself', async () => {
    await using far = await Far.start(echo, { bandwidthBps: 8e6 });
    const client = await far.connect();
    const startMs = performance.now();
    client.end(Buffer.alloc(500_000));
    await readAll(client);
    const tookMs = performance.now() - startMs;
    // 1000 bytes a ms; both ways at once, so not twice as long.
    assert.ok(tookMs >= 500, `${tookMs} ms`);
    assert.ok(tookMs < 900, `${tookMs} ms`);
  });
});

describe('ends', () => {
  it('a half-open connection still carries the other direction', async () => {
    await using far = await Far.start((socket) => {
      socket.resume();
      socket.once('end', async () => {
        await sleep(100);
        socket.end('late answer');
      });
    });
    const client = await far.connect();
    client.end('question');
    assert.equal((await readAll(client)).toString(), 'late answer');
    assert.equal((await far.ended(1))[0]!.end, 'closed');
  });

  it('the end of the target comes behind its bytes, as an end', async () => {
    await using far = await Far.start((socket) => socket.end(Buffer.alloc(100_000)), { latencyMs: 40 });
    const client = await far.connect();
    assert.equal((await readAll(client)).length, 100_000);
    client.end();
    assert.equal((await far.ended(1))[0]!.end, 'closed');
  });

  it('a reset by the target is one for the client, behind the bytes before it', async () => {
    await using far = await Far.start(
      async (socket) => {
        socket.write('half of an ');
        await sleep(30);
        socket.resetAndDestroy();
      },
      { latencyMs: 60 },
    );
    const client = await far.connect();
    let text = '';
    client.on('data', (bytes) => {
      text += bytes;
    });
    assert.equal(await ending(client), 'ECONNRESET');
    assert.equal(text, 'half of an ');
    const [record] = await far.ended(1);
    assert.deepEqual([record!.end, record!.error], ['reset-by-target', 'ECONNRESET']);
  });

  it('a reset by the client is one for the target', async () => {
    const seen = Promise.withResolvers<string>();
    await using far = await Far.start((socket) => void ending(socket).then(seen.resolve), { latencyMs: 20 });
    const client = await far.connect();
    client.write('x');
    await sleep(50);
    client.resetAndDestroy();
    assert.equal(await seen.promise, 'ECONNRESET');
    assert.equal((await far.ended(1))[0]!.end, 'reset-by-client');
  });

  it('a target that is not there is a reset, after a round trip', async (t) => {
    const records: string[] = [];
    const relay = await startRelay({
      to: { addresses: ['127.0.0.1'], port: await freePort() },
      shape: { latencyMs: 60 },
      ended: (record) => records.push(`${record.end} ${record.error}`),
    });
    t.after(() => relay.close());
    const startMs = performance.now();
    const client = net.connect(relay.port, '127.0.0.1');
    assert.equal(await ending(client), 'ECONNRESET');
    assert.ok(performance.now() - startMs >= 60);
    await poll('record', () => records[0], { everyMs: 5 });
    assert.deepEqual(records, ['target-unreachable ECONNREFUSED']);
  });

  it('closing it breaks what is open, and frees the port', async (t) => {
    await using far = await Far.start(echo);
    const client = await far.connect();
    client.write('x');
    await once(client, 'data');
    const broken = ending(client);
    await far.relay.close();
    assert.equal(await broken, 'ECONNRESET');
    assert.equal(far.records[0]!.end, 'cut');
    const again = net.createServer().listen(far.relay.port, '127.0.0.1');
    t.after(() => again.close());
    await once(again, 'listening');
  });
});

describe('clients that go away in the middle', () => {
  for (const [how, leave] of [
    ['in good order', (client: Socket) => client.destroy()],
    ['with a reset', (client: Socket) => client.resetAndDestroy()],
  ] as const) {
    it(`leave nothing behind, ${how}`, async () => {
      let open = 0;
      const talk = (socket: Socket) => {
        open++;
        // What Node's own HTTP server does not do by itself: it ends when the other side does.
        socket.resume().once('end', () => socket.end());
        const talking = setInterval(() => socket.write('a chunk of something\n'), 5 + 20 * Math.random());
        socket.once('close', () => {
          open--;
          clearInterval(talking);
        });
      };
      await using far = await Far.start(talk, { latencyMs: 40, jitterMs: 20 });
      const clients = await Promise.all(Array.from({ length: 300 }, () => far.connect()));
      for (const client of clients) client.resume();
      await sleep(300);
      for (const client of clients) leave(client);
      await far.ended(300);
      assert.equal(far.relay.totals().connections.open, 0);
      await poll('end of all connections at the target', () => (open === 0 ? true : undefined));
    });
  }
});

describe('drops', () => {
  it('are the share that was asked for, whether connections live long or end at once', async () => {
    const count = 400;
    await using far = await Far.start(echo, { dropShare: 0.25, dropWithinMs: 300 }, 5);
    const ends = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const client = await far.connect();
        const over = ending(client);
        client.write('x');
        if (i % 2 === 0) client.end();
        else setTimeout(() => client.end(), 400);
        return over;
      }),
    );
    const records = await far.ended(count);
    const dropped = records.filter((r) => r.end === 'dropped').length;
    // Four standard deviations of a binomial draw; the seed makes it the same every time.
    assert.ok(Math.abs(dropped - count / 4) < 4 * Math.sqrt(count * 0.25 * 0.75), `${dropped} of ${count}`);
    assert.equal(ends.filter((end) => end === 'ECONNRESET').length, dropped, 'the clients saw as many');
    assert.equal(far.relay.totals().connections.dropped, dropped);
  });

  it('after a mean time break every connection, whatever it does', async () => {
    await using far = await Far.start(echo, { dropAfterMs: 100 });
    await Promise.all(Array.from({ length: 100 }, async () => ending(await far.connect())));
    const records = await far.ended(100);
    assert.ok(records.every((r) => r.end === 'dropped'));
    const meanMs = records.reduce((sum, r) => sum + r.durationMs, 0) / 100;
    assert.ok(meanMs > 50 && meanMs < 250, `${meanMs} ms in the mean`);
  });
});

describe('memory', () => {
  it('a reader that stops stops the writer, and little is held', async () => {
    let written = 0;
    let stopped = false;
    await using far = await Far.start(
      (socket) => {
        const fill = () => {
          while (written < 100e6 && socket.write(Buffer.alloc(65_536))) written += 65_536;
          stopped = true;
        };
        socket.on('drain', fill);
        fill();
      },
      { latencyMs: 20, bandwidthBps: 100e6 },
    );
    const client = await far.connect();
    client.pause();
    await sleep(1000);
    const { queuedBytes, down } = far.relay.totals();
    assert.ok(stopped && written < 100e6, `${written} bytes written`);
    // Twice the product of bandwidth and round trip, and the read that went over it.
    assert.ok(queuedBytes <= 500_000 + 65_536, `${queuedBytes} bytes held`);
    const heldMs = down.added.maxMs;
    assert.ok(heldMs !== null);
    // Read on: all of it is there.
    let received = 0;
    client.on('data', (bytes) => {
      received += bytes.length;
    });
    client.resume();
    await poll('more bytes', () => (received > 10e6 ? true : undefined));
  });
});
