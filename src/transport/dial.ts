import dns from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';
import type { AddressGuard } from '../core/allow.ts';
import type { Route } from '../target/route.ts';
import {
  ADDRESS_NOT_ALLOWED,
  closedInHandshake,
  DialError,
  type DialPart,
  dialErrorOf,
} from './dial-error.ts';
import { openTunnel } from './tunnel.ts';

export { ADDRESS_NOT_ALLOWED, DialError, isOwnFault } from './dial-error.ts';

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
  /** From CONNECT to the proxy's answer. */
  tunnelMs?: number;
  tlsMs?: number;
  /** All of it: until the socket could be used. */
  connectMs: number;
}

export interface DialOptions {
  /** With a Unix socket, its host is not dialled; with a proxy, that is, which soakd asks for a tunnel where there is TLS. */
  readonly route: Route;
  /** Absent: one is made for each connection. */
  readonly secureContext?: tls.SecureContext;
  /** In place of the network's. */
  readonly lookup?: Network['lookup'];
  readonly guard: AddressGuard;
  /** Destination of reads, in place of the socket's own buffers. Not with TLS. */
  readonly onread?: net.OnReadOpts;
  readonly network: Network;
  readonly clock: () => number;
}

/** Ends a dial in any state. */
export interface Dialling {
  destroy(): void;
}

type Done = (error: DialError | null, socket: net.Socket | null, times: DialTimes) => void;

/**
 * Opens a connection. The guard checks every address just before it is dialled, even if the name pointed
 * elsewhere when the run was checked. There is no timeout in here: the caller destroys a dial that takes too
 * long.
 * @returns at once; `done` is called exactly once
 */
export function dial(options: DialOptions, done: Done): Dialling | undefined {
  const { clock, network, route } = options;
  const { proxy, socketPath } = route;
  const { host, port } = proxy ?? route;
  const isTls = route.tls !== undefined;
  const isHttp2 = route.http2 !== undefined;
  const times: DialTimes = { connectMs: 0 };
  const startMs = clock();
  let settled = false;
  const settle = (error: DialError | null, socket: net.Socket | null): void => {
    if (settled) return;
    settled = true;
    times.connectMs = clock() - startMs;
    done(error, socket, times);
  };
  if (socketPath === undefined && net.isIP(host) !== 0 && !options.guard(host)) {
    queueMicrotask(() => settle(refusal(route, host), null));
    return undefined;
  }

  const answered = (): void => {
    times.dnsMs = clock() - startMs;
  };
  const socketOptions = {
    host,
    port,
    lookup: guardedLookup(options, answered),
    noDelay: true,
    highWaterMark: 65_536,
    // Whatever else is set, Node connects to the path then.
    path: socketPath,
    onread: options.onread,
  };
  // To a proxy TLS begins when the tunnel stands; else one call does both.
  const tunnelled = isTls && proxy !== undefined;
  const socket =
    isTls && !tunnelled
      ? network.secure({ ...socketOptions, ...tlsOptions(options) })
      : network.connect(socketOptions);
  const to = proxy === undefined ? '' : `proxy ${host}:${port}: `;
  let part: DialPart = 'connect';
  let partMs = startMs;

  const fail = (error: NodeJS.ErrnoException): void =>
    settle(dialErrorOf(error, part, part === 'tls' ? '' : to, socketPath !== undefined, isHttp2), null);
  const closed = (): void => settle(closedIn(part), null);
  const secured = (secure: tls.TLSSocket): void => {
    times.tlsMs = clock() - partMs;
    // A server without ALPN selects no protocol.
    if (!isHttp2 || secure.alpnProtocol === 'h2') settle(null, secure);
    else {
      settle(new DialError('tls_error', 'NO_HTTP2', NO_HTTP2), null);
      secure.destroy();
    }
  };
  socket.once('connect', () => {
    times.tcpMs = clock() - startMs - (times.dnsMs ?? 0);
    partMs = clock();
    if (!isTls) settle(null, socket);
    else if (!tunnelled) part = 'tls';
    else {
      part = 'tunnel';
      openTunnel(socket, { ...route, authorization: proxy.authorization }, (error) => {
        times.tunnelMs = clock() - partMs;
        partMs = clock();
        if (error !== null) {
          settle(error, null);
          socket.destroy();
          return;
        }
        part = 'tls';
        const secure = network.secure({ socket, ...tlsOptions(options) });
        secure.once('secureConnect', () => secured(secure));
        secure.on('error', fail);
        secure.once('close', closed);
      });
    }
  });
  if (isTls && !tunnelled) socket.once('secureConnect', () => secured(socket as tls.TLSSocket));
  socket.on('error', fail);
  socket.once('close', closed);
  return socket;
}

const NO_HTTP2 = 'the server speaks no HTTP/2 here; leave out --http2 (http2)';

function refusal({ proxy, host }: Route, addresses: string): DialError {
  return new DialError(
    'connect_error',
    ADDRESS_NOT_ALLOWED,
    `${proxy?.host ?? host} points to ${addresses}, outside the allowlist`,
  );
}

/** @param answered called when the name's addresses are known, or the lookup has failed */
function guardedLookup(options: DialOptions, answered: () => void): net.LookupFunction {
  const { route, network, guard, lookup = network.lookup } = options;
  return (name, lookupOptions, answer) => {
    lookup(name, (error, found) => {
      answered();
      if (error) return answer(error, '', 0);
      const allowed = found.filter((a) => guard(a.address));
      if (allowed.length === 0) return answer(refusal(route, found.map((a) => a.address).join(', ')), '', 0);
      if (lookupOptions.all) return answer(null, allowed);
      answer(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}

function tlsOptions({ route, secureContext }: DialOptions): tls.ConnectionOptions {
  const { host, tls: { serverName } = {}, http2 } = route;
  // SNI does not allow an address; it is verified nevertheless.
  const servername = serverName ?? (net.isIP(host) === 0 ? host : undefined);
  return {
    host,
    ALPNProtocols: [http2 === undefined ? 'http/1.1' : 'h2'],
    secureContext,
    servername,
  };
}

function closedIn(part: DialPart): DialError {
  switch (part) {
    case 'connect':
      return new DialError('connect_error', 'CLOSED', 'the connection was closed before it could be used');
    case 'tunnel':
      return new DialError(
        'connect_error',
        'PROXY_ANSWER',
        'the proxy closed the connection before it answered CONNECT',
      );
    case 'tls':
      return closedInHandshake();
  }
}
