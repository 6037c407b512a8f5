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
 * @param opening those of each thread, in memory that they share: threads that dial in the same moment would else take
 * the same descriptors, and the reserve with them
 * @param index of this thread in `opening`
 */
export function reservedNetwork(
  network: Network,
  mayOpen: (opening: number) => boolean,
  opening: Int32Array,
  index: number,
): Network {
  const all = (): number => opening.reduce((sum, _, i) => sum + Atomics.load(opening, i), 0);
  const close = (): void => void Atomics.sub(opening, index, 1);
  const open = (): boolean => {
    Atomics.add(opening, index, 1);
    if (mayOpen(all() - 1)) {
      setImmediate(close);
      return true;
    }
    close();
    return false;
  };
  return {
    lookup: (host, done) =>
      network.lookup(host, (error, addresses) =>
        error === null && !mayOpen(all()) ? done(noDescriptor(), []) : done(error, addresses),
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
