import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Network } from '../transport/dial.ts';

/** Message of a stream that was not started since its connection would take a reserved descriptor. */
const RESERVED =
  'no file descriptor is left for a connection; soakd keeps some for itself: raise the limit (ulimit -n)';

/**
 * Returns a network that opens no connection with descriptors that soakd keeps for its API, logs and history: such a
 * dial fails with EMFILE, which makes the stream `generator_lost`.
 * @param take takes a descriptor that stands for that of a connection, just before it is opened, and again once its name
 * is resolved; see `descriptorTaker`
 */
export function reservedNetwork(network: Network, take: () => (() => void) | undefined): Network {
  const open = (): boolean => {
    const giveBack = take();
    // A dial takes its descriptor in the next tick: just after this.
    if (giveBack !== undefined) process.nextTick(giveBack);
    return giveBack !== undefined;
  };
  return {
    lookup: (host, done) =>
      network.lookup(host, (error, addresses) => {
        const giveBack = error === null ? take() : undefined;
        giveBack?.();
        if (error === null && giveBack === undefined) done(noDescriptor(), []);
        else done(error, addresses);
      }),
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
