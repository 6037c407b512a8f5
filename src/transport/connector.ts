import { createSecureContext } from 'node:tls';
import { type Allowlist, addressGuard } from '../core/allow.ts';
import type { Route } from '../target/route.ts';
import type { Connection } from './connection.ts';
import type { DialOptions, Network } from './dial.ts';
import { SessionPool } from './http2/session-pool.ts';
import { LeanConnection } from './lean/lean-connection.ts';
import { lookupFor } from './names.ts';
import { UndiciConnection } from './undici-connection.ts';

/** Returns what a route is dialled with: the route, and what its connections share. */
export function dialOptions(
  route: Route,
  allowlist: Allowlist,
  network: Network,
  clock: () => number,
): DialOptions {
  const { tls, names, pinned } = route;
  return {
    route,
    network,
    clock,
    guard: addressGuard(allowlist, pinned),
    // Made once: it costs more than a handshake.
    secureContext: tls && createSecureContext(tls),
    lookup: names && lookupFor(names, network.lookup),
  };
}

/** Makes the connections of one thread to one target. */
export class Connector {
  readonly #dial: DialOptions;
  /** Absent for HTTP/1.1. */
  readonly #sessions: SessionPool | undefined;

  constructor(dial: DialOptions) {
    const { http2 } = dial.route;
    this.#dial = dial;
    this.#sessions = http2 && new SessionPool(http2.streamsPerConnection);
  }

  /** Whether streams share sockets, so that an idle connection holds none. */
  get isShared(): boolean {
    return this.#sessions !== undefined;
  }

  /** Returns a connection, which dials for its first stream. */
  connect(): Connection {
    const { route } = this.#dial;
    if (this.#sessions !== undefined) return this.#sessions.connection(this.#dial);
    return route.transport === 'lean' ? new LeanConnection(this.#dial) : new UndiciConnection(this.#dial);
  }
}
