import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { SERVER_OPTIONS } from '../../src/http/server.ts';
import { stubApp } from '../../support/http/stub.ts';
import { poll } from '../../support/poll.ts';

/** The limits of time of the product, shorter. */
const SERVER = {
  requestTimeout: 400,
  connectionTimeout: 600,
  keepAliveTimeout: 300,
  http: { ...SERVER_OPTIONS.http, headersTimeout: 250, connectionsCheckingInterval: 50 },
} as const;

const LINES = 'host: 127.0.0.1\r\n';

describe('the server', () => {
  const { app, started } = stubApp({}, { server: SERVER, connections: () => most });
  let most = 1000;
  let port = 0;
  before(async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  after(() => app.close());

  /** Sends bytes. @returns all that comes until the other side closes */
  async function exchange(...parts: readonly string[]): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    for (const part of parts) socket.write(part);
    return textOf(socket);
  }

  const textOf = async (socket: Socket): Promise<string> => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
    return text;
  };

  const problems: readonly [what: string, bytes: string, status: number][] = [
    ['nothing at all', '', 408],
    ['headers that do not end', `GET / HTTP/1.1\r\n${LINES}x-a: b\r\n`, 408],
    [
      'a body that does not end',
      `POST /api/v1/runs HTTP/1.1\r\n${LINES}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
      408,
    ],
    ['what is no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a word', 'hello\r\n\r\n', 400],
    ['a method that does not exist', `BREW / HTTP/1.1\r\n${LINES}\r\n`, 405],
    ['an old version', `GET / HTTP/3.0\r\n${LINES}\r\n`, 400],
    ['a header without a name', `GET / HTTP/1.1\r\n: x\r\n${LINES}\r\n`, 400],
    ['a header that goes on in the next line', `GET / HTTP/1.1\r\n${LINES}a: b\r\n\tc\r\n\x00\r\n\r\n`, 400],
    ['headers without end', `GET / HTTP/1.1\r\n${LINES}x-a: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
    ['an address without end', `GET /${'b'.repeat(20_000)} HTTP/1.1\r\n${LINES}\r\n`, 431],
    [
      'two lengths',
      `POST /api/v1/runs HTTP/1.1\r\n${LINES}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      'two different lengths',
      `POST /api/v1/runs HTTP/1.1\r\n${LINES}content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef`,
      400,
    ],
  ];
  for (const [what, bytes, status] of problems) {
    it(`answers ${what} with ${status} and closes`, async () => {
      const text = await exchange(bytes);
      const [head = '', body = ''] = text.split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} .*\\r\\n`), text);
      assert.match(head, /content-type: application\/problem\+json/i);
      const { status: told, code } = JSON.parse(body) as { status: number; code: string };
      assert.deepEqual([told, code], [status, 'USAGE']);
      assert.deepEqual(started, []);
    });
  }

  it('does not wait for a client that sends one byte at a time', async () => {
    const socket = connect(port, '127.0.0.1');
    const over = textOf(socket);
    socket.write(`GET / HTTP/1.1\r\n${LINES}x-a: `);
    const drip = setInterval(() => socket.write('b'), 20);
    try {
      // A byte that meets the closed socket is answered with a reset, which may overtake the answer.
      assert.match(await over, /^(HTTP\/1\.1 408 |$)/);
    } finally {
      clearInterval(drip);
      socket.destroy();
    }
  });

  it('closes a connection that nobody uses', async () => {
    const text = await exchange(`GET /-/healthy HTTP/1.1\r\n${LINES}\r\n`);
    assert.match(text, /^HTTP\/1\.1 200 OK.*soakd is healthy\n$/s);
  });

  it('takes several requests of one connection, and one that half closes it', async () => {
    const one = `GET /-/healthy HTTP/1.1\r\n${LINES}\r\n`;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const over = textOf(socket);
    socket.end(one + one + one);
    await poll('three answers', async () => (socket.readableEnded ? true : undefined));
    socket.destroy();
    assert.equal((await over).match(/soakd is healthy/g)?.length, 3);
  });

  it('closes the connection that is silent longest for another one', async () => {
    most = 20;
    const held: Socket[] = [];
    try {
      for (let i = 0; i < 5; i++) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        held.push(socket);
        await once(socket, 'connect');
      }
      await poll('five connections', async () => ((await connections()) === 5 ? true : undefined));
      assert.match(
        await exchange(`GET /-/healthy HTTP/1.1\r\n${LINES}connection: close\r\n\r\n`),
        /soakd is healthy/,
      );
      await poll('a closed one', () => held[0]!.closed || undefined);
      assert.deepEqual(
        held.map(({ closed }) => closed),
        [true, false, false, false, false],
      );
    } finally {
      most = 1000;
      for (const socket of held) socket.destroy();
    }
  });

  const connections = (): Promise<number> =>
    new Promise((done, fail) => app.server.getConnections((error, n) => (error ? fail(error) : done(n))));
});

describe('the limits of the server', () => {
  it('are there without being asked for', async () => {
    const { app } = stubApp();
    await app.ready();
    const { server } = app;
    assert.equal(server.requestTimeout, 15_000);
    assert.equal(server.headersTimeout, 10_000);
    assert.equal(server.timeout, 60_000);
    assert.equal(server.keepAliveTimeout, 65_000);
    assert.equal(server.maxRequestsPerSocket, 1000);
    assert.equal(server.maxHeadersCount, 0);
    await app.close();
  });
});
