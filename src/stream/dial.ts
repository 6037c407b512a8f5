import dns from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';
import type { AddressGuard } from '../core/allow.ts';
import type { Outcome } from '../core/outcome.ts';

/** Why no connection came about, as the outcome it means for the stream. */
export class DialError extends Error {
  readonly outcome: Extract<Outcome, 'connect_error' | 'tls_error' | 'generator_lost'>;
  /** Code of the system's error. Not called `code`: undici would treat some of them as its own. */
  readonly reason: string;

  constructor(outcome: DialError['outcome'], reason: string, message: string) {
    super(message);
    this.name = 'DialError';
    this.outcome = outcome;
    this.reason = reason;
  }
}

/** Reason of the error when a name points to an address outside the allowlist. */
export const ADDRESS_NOT_ALLOWED = 'ADDRESS_NOT_ALLOWED';

/** The network as seen from here; tests put another in its place. */
export interface Network {
  lookup(host: string, done: (error: Error | null, addresses: dns.LookupAddress[]) => void): void;
  connect(options: net.TcpNetConnectOpts): net.Socket;
  secure(options: tls.ConnectionOptions): tls.TLSSocket;
}

export const NETWORK: Network = {
  lookup: (host, done) => dns.lookup(host, { all: true, order: 'verbatim' }, done),
  connect: (options) => net.connect(options),
  secure: (options) => tls.connect(options),
};

/** Parts of a connect, ms; absent where the part did not happen. */
export interface DialTimes {
  dnsMs?: number;
  tcpMs?: number;
  tlsMs?: number;
  /** All of it: until the socket could be used. */
  connectMs: number;
}

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly secureContext?: tls.SecureContext;
  readonly guard: AddressGuard;
  readonly network: Network;
  readonly clock: () => number;
}

const OWN_FAULTS = new Set([
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'ENOBUFS',
  'ENOMEM',
  'EAI_MEMORY',
]);

/** @returns whether a code of the system names the generator's own want: nothing that the target did */
export function isOwnFault(code: string): boolean {
  return OWN_FAULTS.has(code);
}

/**
 * Opens a connection. Every address is judged by the guard just before it is dialled, whatever the name
 * pointed to when the run was checked. There is no timeout in here: whoever dials destroys the socket.
 * @returns the socket, at once; `done` is called exactly once
 */
export function dial(
  options: DialOptions,
  done: (error: DialError | null, socket: net.Socket | null, times: DialTimes) => void,
): net.Socket | undefined {
  const { host, guard, clock, network } = options;
  const times: DialTimes = { connectMs: 0 };
  const startMs = clock();
  let settled = false;
  const settle = (error: DialError | null, socket: net.Socket | null): void => {
    if (settled) return;
    settled = true;
    times.connectMs = clock() - startMs;
    done(error, socket, times);
  };
  const refuse = (addresses: string): DialError =>
    new DialError(
      'connect_error',
      ADDRESS_NOT_ALLOWED,
      `${host} points to ${addresses}, outside the allowlist`,
    );

  if (net.isIP(host) !== 0 && !guard(host)) {
    queueMicrotask(() => settle(refuse(host), null));
    return undefined;
  }

  const lookup: net.LookupFunction = (name, lookupOptions, answer) => {
    network.lookup(name, (error, found) => {
      times.dnsMs = clock() - startMs;
      if (error) return answer(error, '', 0);
      const allowed = found.filter((a) => guard(a.address));
      if (allowed.length === 0) return answer(refuse(found.map((a) => a.address).join(', ')), '', 0);
      if (lookupOptions.all) return answer(null, allowed);
      answer(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
  const connectOptions = { host, port: options.port, lookup, noDelay: true, highWaterMark: 65_536 };
  const socket = options.tls
    ? network.secure({
        ...connectOptions,
        ALPNProtocols: ['http/1.1'],
        ...(options.secureContext === undefined ? {} : { secureContext: options.secureContext }),
        ...(net.isIP(host) === 0 ? { servername: host } : {}),
      })
    : network.connect(connectOptions);
  let connectedMs: number | undefined;
  socket.once('connect', () => {
    connectedMs = clock();
    times.tcpMs = connectedMs - startMs - (times.dnsMs ?? 0);
    if (!options.tls) settle(null, socket);
  });
  if (options.tls) {
    socket.once('secureConnect', () => {
      times.tlsMs = clock() - (connectedMs ?? startMs);
      settle(null, socket);
    });
  }
  socket.on('error', (error: NodeJS.ErrnoException) =>
    settle(asDialError(error, connectedMs !== undefined), null),
  );
  socket.once('close', () =>
    settle(
      options.tls && connectedMs !== undefined
        ? new DialError('tls_error', 'CLOSED', 'the connection was closed during the TLS handshake')
        : new DialError('connect_error', 'CLOSED', 'the connection was closed before it could be used'),
      null,
    ),
  );
  return socket;
}

function asDialError(error: NodeJS.ErrnoException, connected: boolean): DialError {
  if (error instanceof DialError) return error;
  // With several addresses tried, the last one says as much as any, unless an own fault spoilt one.
  const tried: NodeJS.ErrnoException[] = error instanceof AggregateError ? error.errors : [error];
  const one = tried.find((e) => isOwnFault(e.code ?? '')) ?? tried.at(-1) ?? error;
  const code = one.code ?? error.code ?? 'UNKNOWN';
  if (isOwnFault(code)) return new DialError('generator_lost', code, one.message);
  return new DialError(connected ? 'tls_error' : 'connect_error', code, one.message);
}
