import type { SecureContext } from 'node:tls';
import type { AddressGuard } from '../core/allow.ts';
import type { FreshToken } from '../core/connect-options.ts';
import type { Route } from '../core/route.ts';
import type { EventMatcher, Expectations, Objective, Terminal, Timeouts } from '../core/scenario.ts';
import type { Network } from './dial.ts';
import type { SessionPool } from './http2/session-pool.ts';

/** A target as a worker needs it: names looked up, secrets filled in. */
export interface StreamTarget extends Route {
  readonly name: string;
  readonly method: string;
  /** Name, value, name, value, … */
  readonly headers: readonly string[];
  /** Pieces of text between which the drawn prompt stands; absent: no body. */
  readonly body?: { readonly pieces: readonly string[]; readonly json: boolean };
  readonly prompts: readonly string[];
  /** The name of a stream format. */
  readonly format: string;
  readonly terminal?: Terminal;
  readonly error?: EventMatcher;
  readonly maxEventBytes?: number;
  readonly expect: Expectations;
  readonly objective?: Objective;
  /** Accepted media types; empty accepts any. */
  readonly contentTypes: readonly string[];
  readonly timeouts: Timeouts;
  readonly fresh: boolean;
  /** Bytes of a failed stream's end that are kept; 0 for none. */
  readonly tailBytes: number;
  /** Values that must not be shown. */
  readonly secrets: readonly string[];
  /** Absent where no token is refreshed. */
  readonly tokens?: Tokens;
}

export interface Tokens {
  readonly source: FreshToken;
  /** The last few tokens, the current one first. They are among the secrets, too. */
  readonly known: readonly string[];
}

/** A target as one worker uses it. */
export interface GuardedTarget extends StreamTarget {
  readonly guard: AddressGuard;
  /** Made once: it costs more than a handshake. Absent where Node's own serves. */
  readonly secureContext?: SecureContext;
  /** Sessions that streams share. Absent for HTTP/1.1. */
  readonly sessions?: SessionPool;
  /** In place of the network's, where the target has names of its own. */
  readonly lookup?: Network['lookup'];
}
