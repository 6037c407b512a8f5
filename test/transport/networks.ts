import type { LookupAddress } from 'node:dns';
import net, { isIP } from 'node:net';
import tls from 'node:tls';
import { NETWORK, type Network } from '../../src/transport/dial.ts';

/** Sockets that never connect to anything. */
export function deadNetwork(): Network & { readonly sockets: net.Socket[] } {
  const sockets: net.Socket[] = [];
  return {
    ...NETWORK,
    sockets,
    connect: () => {
      const socket = new net.Socket();
      sockets.push(socket);
      return socket;
    },
  };
}

/** Sockets whose connect fails with an error of the system. */
export function failingNetwork(...codes: string[]): Network {
  const faults = codes.map((code) => Object.assign(new Error(`connect ${code}`), { code }));
  return {
    ...NETWORK,
    connect: () => {
      const socket = new net.Socket();
      const fault = faults.length === 1 ? faults[0] : new AggregateError(faults);
      process.nextTick(() => socket.destroy(fault));
      return socket;
    },
  };
}

/**
 * The real network, but for its names.
 * @param addresses what each lookup finds, one after another, the last one again and again
 */
export function namesNetwork(...addresses: (readonly string[] | Error)[]): Network & { lookups: string[] } {
  const lookups: string[] = [];
  return {
    ...NETWORK,
    lookups,
    lookup: (host, done) => {
      const found = addresses[Math.min(lookups.length, addresses.length - 1)]!;
      lookups.push(host);
      setImmediate(() => {
        if (found instanceof Error) done(found, []);
        else
          done(
            null,
            found.map((address): LookupAddress => ({ address, family: isIP(address) })),
          );
      });
    },
  };
}

/** The real network, in which a certificate is trusted. */
export function trustingNetwork(cert: string, network: Network = NETWORK): Network {
  return { ...network, secure: ({ secureContext: _, ...options }) => tls.connect({ ...options, ca: cert }) };
}
