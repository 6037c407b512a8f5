import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Network } from '../transport/dial.ts';

/** Message of a stream that was not started since its connection would take a reserved descriptor. */
const RESERVED =
  'no file descriptor is left for a connection; soakd keeps some for itself: raise the limit (ulimit -n)';

/**
 * Returns a network that opens no connection with descriptors that soakd keeps for its API, logs and history: such a
 * dial fails with EMFILE, which makes the stream `generator_lost`.
 * @param mayOpen asked just before a connection is opened, again once its name is resolved; with the number of connections
 * that are about to take their descriptor
 */
export function reservedNetwork(network: Network, mayOpen: (opening: number) => boolean): Network {
  let opening = 0;
  const open = (): boolean => {
    if (!mayOpen(opening)) return false;
    opening++;
    setImmediate(() => opening--);
    return true;
  };
  return {
    lookup: (host, done) =>
      network.lookup(host, (error, addresses) =>
        error === null && !mayOpen(opening) ? done(noDescriptor(), []) : done(error, addresses),
      ),
    connect: (options) => (open() ? network.connect(options) : new Socket().destroy(noDescriptor())),
    // With a socket of its own it continues a connection.
    secure: (options) =>
      options.socket !== undefined || open()
        ? network.secure(options)
        : new TLSSocket(new Socket()).destroy(noDescriptor()),
  };
}

function noDescriptor(): NodeJS.ErrnoException {
  return Object.assign(new Error(RESERVED), { code: 'EMFILE' });
}
