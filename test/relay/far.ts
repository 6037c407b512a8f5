import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { NetworkShape } from '../../src/core/network.ts';
import { type Relay, startRelay } from '../../src/relay/relay.ts';
import type { ConnectionRecord } from '../../src/relay/relayed-connection.ts';
import { poll } from '../../support/poll.ts';

/** A target of one's own behind a relay. */
export class Far {
  readonly relay: Relay;
  readonly records: ConnectionRecord[];
  readonly #server: net.Server;
  readonly #sockets: Socket[];

  private constructor(relay: Relay, records: ConnectionRecord[], server: net.Server, sockets: Socket[]) {
    this.relay = relay;
    this.records = records;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** @param serve called for every connection that reaches the target */
  static async start(
    serve: (socket: Socket) => void,
    shape: Partial<NetworkShape> = {},
    seed = 1,
  ): Promise<Far> {
    const sockets: Socket[] = [];
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const records: ConnectionRecord[] = [];
    const to = { addresses: ['127.0.0.1'], port: (server.address() as AddressInfo).port };
    const relay = await startRelay({ to, shape, seed, ended: (record) => records.push(record) });
    return new Far(relay, records, server, sockets);
  }

  /** Connects through the relay. */
  async connect(): Promise<Socket> {
    const socket = net.connect({
      port: this.relay.port,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    this.#sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** The records of so many connections. */
  async ended(count: number, timeoutMs = 10_000): Promise<readonly ConnectionRecord[]> {
    await poll(`end of ${count} connections`, () => (this.records.length >= count ? true : undefined), {
      everyMs: 5,
      timeoutMs,
    });
    return this.records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** How a socket ended: `end` of the other side, or the code of an error. */
export function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('end'));
    socket.once('close', () => resolve('close'));
    socket.resume();
  });
}

/** All bytes until the other side ends. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
