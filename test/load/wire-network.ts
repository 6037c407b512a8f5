import net from 'node:net';
import { NETWORK, type Network } from '../../src/transport/dial.ts';

/** The far side of one connection, all in memory: what it is given is read at once, as one read of a socket. */
export class Wire extends net.Socket {
  readonly #onread: net.OnReadOpts;

  constructor(onread: net.OnReadOpts) {
    super();
    this.#onread = onread;
  }

  /** The connection is there. */
  open(): void {
    this.emit('connect');
  }

  /** Bytes from the server. */
  send(bytes: Uint8Array): void {
    const buffer = this.#onread.buffer as Buffer;
    buffer.set(bytes);
    this.#onread.callback(bytes.length, buffer);
  }

  /** The connection breaks. */
  break(): void {
    this.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  /** What the client writes goes nowhere. */
  override write(): boolean {
    return true;
  }
}

/** A network of {@link Wire}s, for the lean transport. `last` is the one that was dialled last. */
export function wireNetwork(): Network & { last: Wire } {
  const network: Network & { last: Wire } = {
    ...NETWORK,
    last: undefined as unknown as Wire,
    connect: ({ onread }) => {
      network.last = new Wire(onread!);
      return network.last;
    },
  };
  return network;
}
