import type { SecretText } from './secret-text.ts';

/** Recognises an event or a line by its data, its name or a value in its JSON. */
export type EventMatcher =
  /** The literal data of an event, spaces around it aside; on `raw` the end of the body. */
  | { readonly kind: 'data'; readonly data: string }
  /** The name of an event. */
  | { readonly kind: 'event'; readonly event: string }
  /** A path into the JSON, e.g. `choices.0.finish_reason`. Without `equals`, the value has to be there. */
  | { readonly kind: 'path'; readonly path: string; readonly equals?: string | number | boolean };

/** What ends a stream well, in formats where that can be chosen (`terminals` of the format). */
export type Terminal =
  | EventMatcher
  /** A clean end of the body, whatever the last event was. */
  | { readonly kind: 'end' }
  /** A clean end of the body after a finish reason of every choice: for servers that send no `[DONE]`. */
  | { readonly kind: 'finish' };

/** What an answer must have to count as a success. 0 means not checked. */
export interface Expectations {
  readonly minChunks: number;
  /** Bytes of the body after transfer decoding. */
  readonly minBytes: number;
  /** Unicode code points of the content. */
  readonly minCharacters: number;
  /** Media type of an accepted response, lower case without parameters; absent: the format's own. */
  readonly contentType?: string;
}

/** Limits of one stream, all in ms. */
export interface Timeouts {
  readonly connectMs: number;
  readonly ttfbMs: number;
  /** Since the last byte of any kind. */
  readonly idleMs: number;
  /** A stream this long without a byte counts as stalled while it lives. Absent: 5 s, or half of `idleMs`. */
  readonly stallMs?: number;
  readonly totalMs: number;
  /** How long it is read on after its terminal event. */
  readonly lingerMs: number;
}

export interface TargetThreshold {
  readonly id: string;
  /**
   * In the threshold's own unit; `off`: neither evaluated nor alerted on. Absent: the limit that applies
   * otherwise.
   */
  readonly limit?: number | 'off';
  /** Whether a run ends early when it is crossed. */
  readonly abort?: boolean;
}

/** Limits of one stream, ms; those that are absent are met. */
export interface Objective {
  readonly ttftMs?: number;
  /** Of the longest gap between two chunks with content. */
  readonly maxGapMs?: number;
  /** Time per output token after the first. */
  readonly tpotMs?: number;
  /** From its start to its end. */
  readonly durationMs?: number;
}

/** Where streams come from: a URL, or the simulator that is built in. */
type Endpoint =
  | { readonly kind: 'url'; readonly url: string }
  /** The simulator's own options, checked by its schema. */
  | { readonly kind: 'simulator'; readonly options: Readonly<Record<string, unknown>> };

/** A number of bytes that a Prometheus knows. */
export interface MemorySource {
  /** Base URL of the Prometheus. Its host must be allowed as that of a target must. */
  readonly prometheus: string;
  /** PromQL that gives one series. */
  readonly query: string;
}

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
  /** The oldest version that is accepted. Absent: that of Node. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
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

export interface Target extends ConnectOptions {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly headers: Readonly<Record<string, SecretText>>;
  /** Absent: no body. `{{prompt}}` stands for the drawn prompt, JSON-escaped where the body is JSON. */
  readonly body?: { readonly text: SecretText; readonly json: boolean };
  /** Prompts to draw from for `{{prompt}}`; empty when the body has none. */
  readonly prompts: readonly string[];
  /** The name of one of `FORMATS` in `src/formats`. */
  readonly format: string;
  readonly terminal?: Terminal;
  /** What an event or a line looks like by which the target reports a failure. */
  readonly error?: EventMatcher;
  /** Longest line or event, bytes. Absent: 1 MiB. */
  readonly maxEventBytes?: number;
  readonly expect: Expectations;
  /** What a good answer keeps to; absent: goodput is not counted. */
  readonly objective?: Objective;
  readonly timeouts: Timeouts;
  /** `reuse`: a virtual user keeps its connection from stream to stream. */
  readonly connection: 'reuse' | 'fresh';
  readonly labels: Readonly<Record<string, string>>;
  /** Where its resident memory can be read; absent: it is not followed. */
  readonly memory?: MemorySource;
  /** Bytes of the end of a failed stream's body that are kept and shown; absent: none. */
  readonly keepTailBytes?: number;
  readonly thresholds: readonly TargetThreshold[];
}
