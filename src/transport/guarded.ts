import { createSecureContext } from 'node:tls';
import { type Allowlist, addressGuard } from '../core/allow.ts';
import type { Connection } from './connection.ts';
import type { DialOptions, Network } from './dial.ts';
import { SessionPool } from './http2/session-pool.ts';
import { LeanConnection } from './lean/lean-connection.ts';
import { lookupFor } from './names.ts';
import type { GuardedTarget, StreamTarget } from './target.ts';
import { UndiciConnection } from './undici-connection.ts';

/** Creates the state that the connections to a target share. */
export function guarded(target: StreamTarget, allowlist: Allowlist, network: Network): GuardedTarget {
  const { tlsMaterial, names, pinned, http2 } = target;
  return {
    ...target,
    guard: addressGuard(allowlist, pinned),
    ...(tlsMaterial === undefined ? {} : { secureContext: createSecureContext(tlsMaterial) }),
    ...(http2 === undefined ? {} : { sessions: new SessionPool(http2.streamsPerConnection) }),
    ...(names === undefined ? {} : { lookup: lookupFor(names, network.lookup) }),
  };
}

/** What a connection to a target is dialled with. */
export function dialOptions(target: GuardedTarget, network: Network, clock: () => number): DialOptions {
  const { host, port, tls, guard, secureContext, serverName, socketPath, proxy, lookup } = target;
  return {
    host,
    port,
    tls,
    guard,
    network,
    clock,
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(lookup === undefined ? {} : { lookup }),
  };
}

/** Creates a connection to a target, which dials for its first stream. */
export function connectionTo(target: GuardedTarget, network: Network, clock: () => number): Connection {
  const { origin, sessions, transport } = target;
  const options = dialOptions(target, network, clock);
  if (sessions !== undefined) return sessions.connection(origin, options);
  return transport === 'lean' ? new LeanConnection(origin, options) : new UndiciConnection(origin, options);
}
