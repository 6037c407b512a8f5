import type { SecretText } from './secret-text.ts';

/** What TLS to a target needs besides Node's own authorities. Absolute paths of PEM files. */
export interface TlsFiles {
  /** Authorities that are trusted, in place of Node's own. */
  readonly caFile?: string;
  /** The client's certificate, with what leads to its authority. Only together with `keyFile`. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Of the key. */
  readonly passphrase?: SecretText;
  /** Asked for (SNI), and what the certificate must be for, in place of the URL's host. */
  readonly serverName?: string;
}

export interface BasicAuth {
  readonly user: SecretText;
  readonly password: SecretText;
}

/** A token that changes during a run. */
export type FreshToken =
  /** Read periodically, since another program renews it. An absolute path. */
  | { readonly kind: 'file'; readonly file: string; readonly everyMs: number }
  /** The output of a program, which runs again shortly before the token's lifetime ends. */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly lifetimeMs: number };

export type Auth =
  | ({ readonly kind: 'basic' } & BasicAuth)
  | {
      readonly kind: 'bearer';
      readonly token: { readonly kind: 'text'; readonly text: SecretText } | FreshToken;
    };

/** `none`: no proxy, even if the environment names one. */
export type ProxyChoice = 'none' | { readonly url: string; readonly auth?: BasicAuth };

/** Name resolution that replaces the system's. */
export interface Names {
  /** Addresses by name, lower case. */
  readonly fixed: Readonly<Record<string, readonly string[]>>;
  /** `address` or `address:port` of DNS servers; empty: those of the system. */
  readonly servers: readonly string[];
}

/** Transports of a stream: undici, or the lean reader of HTTP/1.1, which supports neither TLS nor a proxy. */
export const TRANSPORTS = ['undici', 'lean'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** HTTP/2, where streams share connections. */
export interface Http2 {
  /** Maximum concurrent streams of a connection; a server may allow fewer. */
  readonly streamsPerConnection: number;
}

/** How to connect to a target; without any of it, as its URL says. */
export interface ConnectOptions {
  readonly tls?: TlsFiles;
  /** Absent: as the environment says. */
  readonly proxy?: ProxyChoice;
  readonly auth?: Auth;
  readonly names?: Names;
  /** Absolute path of the Unix socket to connect to; the host of the URL is then not dialled. */
  readonly socketPath?: string;
  /** Absent: HTTP/1.1, with a connection for each stream. */
  readonly http2?: Http2;
  /** Absent: `lean` where it is supported. */
  readonly transport?: Transport;
}
