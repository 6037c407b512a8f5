import { FORMATS } from '../formats/list.ts';
import { isMapping } from './describe.ts';
import type { Origin, Path } from './problem.ts';

const TARGET: Path = ['targets', 0];
export const AD_HOC_SCENARIO = 'ad-hoc';
export const RUN: Path = ['scenarios', AD_HOC_SCENARIO];
const STAGE: Path = [...RUN, 'stages', 0];

interface Flag {
  readonly path: Path;
  /** As commander has it. */
  readonly syntax: string;
  readonly help: string;
  /** A number in a configuration, or a list: the flag may be given several times. */
  readonly kind?: 'number' | 'list';
}

/** Flags of `soakd run` that replace a configuration file, with their paths in it. */
export const FLAGS = {
  target: {
    path: [...TARGET, 'url'],
    syntax: '--target <url>',
    help: 'URL to test, instead of a configuration',
  },
  format: {
    path: [...TARGET, 'format'],
    syntax: '--format <name>',
    help: `stream format: ${FORMATS.join(', ')} (default: sse)`,
  },
  // Deeper paths come first, since the first match wins.
  terminalPath: {
    path: [...TARGET, 'terminal', 'path'],
    syntax: '--terminal-path <path>',
    help: 'end of a stream: path into the JSON of an event, or path=value',
  },
  terminalEvent: {
    path: [...TARGET, 'terminal', 'event'],
    syntax: '--terminal-event <name>',
    help: 'end of a stream: name of an event',
  },
  terminal: {
    path: [...TARGET, 'terminal'],
    syntax: '--terminal <data>',
    help: 'what ends a stream: literal data such as "[DONE]"; or the word "end": a clean end of the body; or the word "finish": a clean end once each choice has its finish reason',
  },
  errorEvent: {
    path: [...TARGET, 'error', 'event'],
    syntax: '--error-event <name>',
    help: 'in-band error: name of an event',
  },
  errorPath: {
    path: [...TARGET, 'error'],
    syntax: '--error-path <path>',
    help: 'in-band error: path into the JSON of an event, or path=value',
  },
  maxEvent: {
    path: [...TARGET, 'maxEvent'],
    syntax: '--max-event <size>',
    help: 'maximum size of a line or event (default: 1MiB)',
    kind: 'number',
  },
  users: {
    path: [...STAGE, 'users'],
    syntax: '--users <n>',
    help: 'virtual users (default: 1); with a scenario: replaces its stages; with --target and --rate: the maximum number of users (default: 10000)',
    kind: 'number',
  },
  rate: {
    path: [...STAGE, 'rate'],
    syntax: '--rate <n>',
    help: 'streams to start per second, regardless of open ones; with a scenario of the open model: replaces its stages',
    kind: 'number',
  },
  for: {
    path: [...STAGE, 'for'],
    syntax: '--for <duration>',
    help: 'time in which streams start, e.g. 90s or 2h (default: 60s); with a scenario: replaces its stages',
  },
  ramp: {
    path: [...RUN, 'ramp'],
    syntax: '--ramp <duration>',
    help: 'time in which users or rate rise from 0, before the time of --for; keeps users from running in lockstep; with a scenario: replaces its stages',
  },
  thinkTime: {
    path: [...RUN, 'thinkTime'],
    syntax: '--think-time <duration>',
    help: 'pause of a virtual user between streams, e.g. 1s or "{ uniform: [1s, 3s] }" (default: 0s)',
  },
  method: {
    path: [...TARGET, 'method'],
    syntax: '--method <name>',
    help: 'request method (default: GET; POST with a body)',
  },
  header: {
    path: [...TARGET, 'headers'],
    syntax: '--header <line>',
    help: '"Name: value"; repeatable',
    kind: 'list',
  },
  body: { path: [...TARGET, 'body'], syntax: '--body <text>', help: 'request body; @file reads a file' },
  minChunks: {
    path: [...TARGET, 'expect', 'minChunks'],
    syntax: '--min-chunks <n>',
    help: 'minimum number of chunks of a complete stream',
    kind: 'number',
  },
  minBytes: {
    path: [...TARGET, 'expect', 'minBytes'],
    syntax: '--min-bytes <size>',
    help: 'minimum number of bytes of a complete stream',
    kind: 'number',
  },
  connectTimeout: {
    path: [...TARGET, 'timeouts', 'connect'],
    syntax: '--connect-timeout <duration>',
    help: 'time to connect (default: 10s)',
  },
  ttfbTimeout: {
    path: [...TARGET, 'timeouts', 'ttfb'],
    syntax: '--ttfb-timeout <duration>',
    help: 'time to the first byte of the body (default: 30s)',
  },
  idleTimeout: {
    path: [...TARGET, 'timeouts', 'idle'],
    syntax: '--idle-timeout <duration>',
    help: 'maximum time between two bytes (default: 30s)',
  },
  totalTimeout: {
    path: [...TARGET, 'timeouts', 'total'],
    syntax: '--total-timeout <duration>',
    help: 'time for the whole stream (default: 300s)',
  },
  ca: {
    path: [...TARGET, 'tls', 'ca'],
    syntax: '--ca <file>',
    help: 'PEM file of the CAs to trust instead of the CAs of Node',
  },
  cert: {
    path: [...TARGET, 'tls', 'cert'],
    syntax: '--cert <file>',
    help: 'PEM file of a client certificate, with --key',
  },
  key: { path: [...TARGET, 'tls', 'key'], syntax: '--key <file>', help: 'PEM file of the key of --cert' },
  keyPassphrase: {
    path: [...TARGET, 'tls', 'passphrase'],
    syntax: '--key-passphrase <text>',
    help: `passphrase of --key: '$\{env:NAME}' or '$\{file:path}'`,
  },
  serverName: {
    path: [...TARGET, 'tls', 'serverName'],
    syntax: '--server-name <name>',
    help: 'TLS server name to send and verify (default: the host)',
  },
  user: {
    path: [...TARGET, 'auth', 'basic'],
    syntax: '--user <name:password>',
    help: `basic authentication, e.g. 'me:$\{env:PASSWORD}'`,
  },
  bearer: {
    path: [...TARGET, 'auth', 'bearer'],
    syntax: '--bearer <token>',
    help: `bearer authentication, e.g. '$\{env:API_KEY}'`,
  },
  proxy: {
    path: [...TARGET, 'proxy'],
    syntax: '--proxy <url>',
    help: 'URL of a proxy, or "none" for no proxy (default: from http_proxy, https_proxy, all_proxy and no_proxy)',
  },
  unixSocket: {
    path: [...TARGET, 'socket'],
    syntax: '--unix-socket <path>',
    help: 'Unix socket to connect to, instead of the host of the URL',
  },
  http2: {
    path: [...TARGET, 'http2', 'streamsPerConnection'],
    syntax: '--http2 <streams>',
    help: 'use HTTP/2 with this many streams per connection (default: HTTP/1.1, one stream per connection)',
    kind: 'number',
  },
  transport: {
    path: [...TARGET, 'transport'],
    syntax: '--transport <name>',
    help: 'HTTP client: lean, which is built into soakd, or undici (default: lean for http:// without a proxy)',
  },
  warmUp: {
    path: [...RUN, 'warmUp'],
    syntax: '--warm-up <duration>',
    help: 'time at the start of the run to exclude from the verdict, drift and summary',
  },
  seed: {
    path: [...RUN, 'seed'],
    syntax: '--seed <n>',
    help: 'seed of the random generator (default: 1)',
    kind: 'number',
  },
  maxMeasurementLag: {
    path: ['maxMeasurementLag'],
    syntax: '--max-measurement-lag <duration>',
    help: "highest p99 of soakd's own lag; above it timings are unreliable (default: 25ms)",
  },
  maxStreams: {
    path: [...RUN, 'budget', 'streams'],
    syntax: '--max-streams <n>',
    help: 'budget: maximum number of streams to start; with a scenario: at most its own budget',
    kind: 'number',
  },
  threshold: {
    path: ['thresholds'],
    syntax: '--threshold <name=limit>',
    help: 'limit of a threshold, e.g. ttft-p95=3s or success-rate=99%; off disables it; repeatable',
    kind: 'list',
  },
  allow: {
    path: ['allow'],
    syntax: '--allow <host>',
    help: 'host, suffix or range to allow besides loopback; repeatable',
    kind: 'list',
  },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof FLAGS;

/** Values as typed. */
export type AdHocFlags = { readonly target: string } & {
  readonly [K in FlagName]?: (typeof FLAGS)[K] extends { readonly kind: 'list' } ? readonly string[] : string;
};

/** Parts of a configuration without a flag of their own, with the flag that messages name. */
const ALSO: readonly (readonly [Path, FlagName])[] = [
  [[...RUN, 'maxUsers'], 'users'],
  [[...RUN, 'stages'], 'for'],
  // The only issue of authentication as a whole is a second authorization header.
  [[...TARGET, 'auth'], 'header'],
  [[...TARGET, 'http2'], 'http2'],
];

export const flagText = (flag: string): string => `--${flag.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

const begins = (path: Path, start: Path): boolean => start.every((step, i) => path[i] === step);

/** Origin whose messages name flags instead of lines. */
export const flagOrigin: Origin = {
  place(path) {
    const flags = Object.entries(FLAGS).map(([flag, { path: start }]) => [start, flag] as const);
    const [, flag] = [...flags, ...ALSO].find(([start]) => begins(path, start)) ?? [TARGET, 'target'];
    const which = flag === 'threshold' && typeof path[1] === 'string' ? ` ${path[1]}` : '';
    return { label: `${flagText(flag)}${which}`, order: Object.keys(FLAGS).indexOf(flag) };
  },
  hasFlags: true,
};

/** Sets a value deep in plain data and creates the mappings on the path. */
export function put(into: Record<string, unknown>, path: Path, value: unknown): void {
  const [step, ...rest] = path;
  const key = step as string;
  if (rest.length === 0) into[key] = value;
  else {
    const next =
      Array.isArray(into[key]) || isMapping(into[key]) ? into[key] : typeof rest[0] === 'number' ? [] : {};
    into[key] = next;
    put(next as Record<string, unknown>, rest, value);
  }
}
