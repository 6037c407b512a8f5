import type { SecureContext } from 'node:tls';
import type { AddressGuard } from '../core/allow.ts';
import type { Expectations, Format, Terminal, Timeouts } from '../core/scenario.ts';

/** A target as a worker needs it: nothing left to look up, secrets filled in. */
export interface StreamTarget {
  readonly name: string;
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM of the authorities that are trusted, in place of those of Node. */
  readonly ca?: string;
  /** Path and query. */
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value, … */
  readonly headers: readonly string[];
  /** Pieces of text between which the drawn prompt stands; absent: no body. */
  readonly body?: { readonly pieces: readonly string[]; readonly json: boolean };
  readonly prompts: readonly string[];
  readonly format: Format;
  readonly terminal?: Terminal;
  readonly expect: Expectations;
  /** Accepted media types; empty accepts any. */
  readonly contentTypes: readonly string[];
  readonly timeouts: Timeouts;
  readonly fresh: boolean;
  /** Bytes of a failed stream's end that are kept; 0 for none. */
  readonly tailBytes: number;
  /** Values that must not be shown. */
  readonly secrets: readonly string[];
  /** Addresses of the host when the run was checked. */
  readonly pinned: readonly string[];
}

/** A target as one worker uses it. */
export interface GuardedTarget extends StreamTarget {
  readonly guard: AddressGuard;
  /** Made once: it costs more than a handshake. Absent where Node's own serves. */
  readonly secureContext?: SecureContext;
}
