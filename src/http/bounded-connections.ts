import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { clientKey } from './client-key.ts';
import { Connections } from './connections.ts';
import { EVENT_STREAM } from './events/message.ts';

/** Latest request of a connection. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Bounds the connections of servers together, and closes silent and slow ones where there are too many. */
export class BoundedConnections {
  readonly #most: () => number;
  readonly #exchanges = new WeakMap<Socket, Exchange>();
  readonly #connections = new Connections<Socket>((socket) => {
    const exchange = this.#exchanges.get(socket);
    // A client that sends its request or reads its response slowly may lose its connection to another one; so may a viewer,
    // whose stream has no end: it resumes.
    return exchange?.request.complete === true && !isOver(exchange.response);
  });

  /** @param most connections at most, asked for each new one */
  constructor(most: () => number) {
    this.#most = most;
  }

  /** Call once for each server, before it listens. */
  watch(server: Server): void {
    server.on('connection', (socket) => this.#opened(socket));
    server.on('request', (request, response) => this.#asked(request, response));
  }

  #opened(socket: Socket): void {
    const client = clientKey(socket.remoteAddress ?? '');
    const closed = this.#connections.admit(socket, client, this.#most());
    if (closed === undefined) {
      socket.destroy();
      return;
    }
    socket.once('close', () => this.#connections.remove(socket, client));
    for (const silent of closed) silent.destroy();
  }

  #asked(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const client = clientKey(socket.remoteAddress ?? '');
    this.#exchanges.set(socket, { request, response });
    const touch = (): void => this.#connections.touch(socket, client);
    touch();
    response.once('close', touch);
  }
}

function isOver(response: ServerResponse): boolean {
  return response.writableEnded || response.getHeader('content-type') === EVENT_STREAM;
}
