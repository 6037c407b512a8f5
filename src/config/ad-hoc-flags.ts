import { isMapping } from './describe.ts';
import type { Origin, Path } from './problem.ts';

/** Flags of `soakd run` that replace a configuration file; all values as typed. */
export interface AdHocFlags {
  readonly target: string;
  readonly format?: string;
  readonly terminal?: string;
  /** A path, or `path=value`. */
  readonly terminalPath?: string;
  readonly terminalEvent?: string;
  /** A path, or `path=value`. */
  readonly errorPath?: string;
  readonly errorEvent?: string;
  readonly maxEvent?: string;
  readonly users?: string;
  readonly rate?: string;
  readonly for?: string;
  /** Rise of users or rate from 0, ahead of `for`. */
  readonly ramp?: string;
  /** A duration, or a distribution as in a configuration. */
  readonly thinkTime?: string;
  readonly method?: string;
  /** `Name: value`. */
  readonly header?: readonly string[];
  /** `@file` reads a file. */
  readonly body?: string;
  readonly minChunks?: string;
  readonly minBytes?: string;
  readonly connectTimeout?: string;
  readonly ttfbTimeout?: string;
  readonly idleTimeout?: string;
  readonly totalTimeout?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly keyPassphrase?: string;
  readonly serverName?: string;
  /** `name:password`. */
  readonly user?: string;
  readonly bearer?: string;
  readonly proxy?: string;
  readonly unixSocket?: string;
  /** Streams on each connection. */
  readonly http2?: string;
  readonly transport?: string;
  /** Warm-up, excluded from verdict, drift and summary. */
  readonly warmUp?: string;
  readonly seed?: string;
  readonly maxMeasurementLag?: string;
  /** Budget of streams. */
  readonly maxStreams?: string;
  /** `NAME=LIMIT`. */
  readonly threshold?: readonly string[];
  readonly allow?: readonly string[];
}

const TARGET: Path = ['targets', 0];
export const SCENARIO = 'ad-hoc';
export const RUN: Path = ['scenarios', SCENARIO];
const STAGE: Path = [...RUN, 'stages', 0];

/** Path of each flag in a configuration; `numeric` flags are numbers there. */
export const FLAGS: Readonly<Record<keyof AdHocFlags, { readonly path: Path; readonly numeric?: boolean }>> =
  {
    target: { path: [...TARGET, 'url'] },
    format: { path: [...TARGET, 'format'] },
    // Deeper paths come first, since the first match wins.
    terminalPath: { path: [...TARGET, 'terminal', 'path'] },
    terminalEvent: { path: [...TARGET, 'terminal', 'event'] },
    terminal: { path: [...TARGET, 'terminal'] },
    errorEvent: { path: [...TARGET, 'error', 'event'] },
    errorPath: { path: [...TARGET, 'error'] },
    maxEvent: { path: [...TARGET, 'maxEvent'], numeric: true },
    users: { path: [...STAGE, 'users'], numeric: true },
    rate: { path: [...STAGE, 'rate'], numeric: true },
    for: { path: [...STAGE, 'for'] },
    ramp: { path: [...RUN, 'ramp'] },
    thinkTime: { path: [...RUN, 'thinkTime'] },
    method: { path: [...TARGET, 'method'] },
    header: { path: [...TARGET, 'headers'] },
    body: { path: [...TARGET, 'body'] },
    minChunks: { path: [...TARGET, 'expect', 'minChunks'], numeric: true },
    minBytes: { path: [...TARGET, 'expect', 'minBytes'], numeric: true },
    connectTimeout: { path: [...TARGET, 'timeouts', 'connect'] },
    ttfbTimeout: { path: [...TARGET, 'timeouts', 'ttfb'] },
    idleTimeout: { path: [...TARGET, 'timeouts', 'idle'] },
    totalTimeout: { path: [...TARGET, 'timeouts', 'total'] },
    ca: { path: [...TARGET, 'tls', 'ca'] },
    cert: { path: [...TARGET, 'tls', 'cert'] },
    key: { path: [...TARGET, 'tls', 'key'] },
    keyPassphrase: { path: [...TARGET, 'tls', 'passphrase'] },
    serverName: { path: [...TARGET, 'tls', 'serverName'] },
    user: { path: [...TARGET, 'auth', 'basic'] },
    bearer: { path: [...TARGET, 'auth', 'bearer'] },
    proxy: { path: [...TARGET, 'proxy'] },
    unixSocket: { path: [...TARGET, 'socket'] },
    http2: { path: [...TARGET, 'http2', 'streamsPerConnection'], numeric: true },
    transport: { path: [...TARGET, 'transport'] },
    warmUp: { path: [...RUN, 'warmUp'] },
    seed: { path: [...RUN, 'seed'], numeric: true },
    maxMeasurementLag: { path: ['maxMeasurementLag'] },
    maxStreams: { path: [...RUN, 'budget', 'streams'], numeric: true },
    threshold: { path: ['thresholds'] },
    allow: { path: ['allow'] },
  };

/** Parts of a configuration without a flag of their own, with the flag that messages name. */
const ALSO: readonly (readonly [Path, keyof AdHocFlags])[] = [
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
  reword(problem) {
    const { advice, path } = problem;
    if (problem.kind === 'allow')
      return { ...problem, advice: advice.replace(/^add (\S+) to allow:/, 'add --allow $1') };
    if (begins(path, [...TARGET, 'tls'])) {
      const named = advice
        .replace(/\b(cert|key):/g, '--$1')
        .replace(/or remove tls:$/, 'or leave out what is for TLS');
      return { ...problem, advice: named };
    }
    if (begins(path, [...TARGET, 'http2']))
      return { ...problem, advice: advice.replace(/or remove http2:$/, 'or leave out --http2') };
    if (begins(path, FLAGS.thinkTime.path) && problem.found.startsWith('thinkTime '))
      return {
        ...problem,
        found: 'it beside --rate',
        expected: 'it beside --users only',
        advice: 'leave out one of them',
      };
    if (begins(path, FLAGS.proxy.path) && advice.includes('auth:')) {
      return { ...problem, advice: 'use a configuration file, where proxy: has auth:' };
    }
    // The total timeout is the one key that another flag's advice names.
    const total = /set total: (\S+) or longer/.exec(advice);
    if (total !== null)
      return { ...problem, advice: `lower it, or set --total-timeout ${total[1]} or longer` };
    if (begins(path, FLAGS.threshold.path)) {
      const named = advice
        .replace(/\btimeouts\.(\w+)/g, '--$1-timeout')
        .replace(/^add objective: .*/, 'use a configuration file, where a target has an objective:')
        .replace(/^write maxMeasurementLag: at the top level/, 'give --max-measurement-lag');
      return {
        ...problem,
        expected: problem.expected.replace(/\btimeouts\.(\w+)/g, '--$1-timeout'),
        advice: named,
      };
    }
    if (/limits\./.test(advice))
      return { ...problem, advice: 'lower it, or use a configuration file with other limits' };
    if (begins(path, FLAGS.body.path) && advice === 'add prompts:') {
      return { ...problem, advice: 'use a configuration file with prompts' };
    }
    return problem;
  },
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
