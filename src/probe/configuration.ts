import { buildAllowlist, normalizeHost } from '../core/allow.ts';
import { isSecretName, shownUrl } from '../core/shown-url.ts';
import type { BasicAuth, ConnectOptions, Target, Terminal, Timeouts } from '../core/target.ts';
import { formatNamed } from '../formats/list.ts';
import { referenceText, shownHeader } from './secret-headers.ts';

interface FittingTarget {
  readonly target: Target;
  readonly format: string;
  readonly terminal: Terminal | undefined;
  /** Name of the target and its scenario; absent: derived from the URL. */
  readonly name?: string | undefined;
  /** Media type of the response. */
  readonly mediaType: string | undefined;
}

/** Defaults of a configuration, ms. */
const DEFAULTS: Readonly<Record<'connect' | 'ttfb' | 'idle' | 'total', readonly [keyof Timeouts, number]>> = {
  connect: ['connectMs', 10_000],
  ttfb: ['ttfbMs', 30_000],
  idle: ['idleMs', 30_000],
  total: ['totalMs', 300_000],
};

/** @returns a complete configuration in YAML with the probed target, without secrets */
export function configurationFor(fitting: FittingTarget): string {
  const { target, format, terminal, mediaType } = fitting;
  const href = target.endpoint.kind === 'url' ? target.endpoint.url : '';
  const host = normalizeHost(new URL(href).hostname);
  const loopback = buildAllowlist([]);
  const local = target.socketPath !== undefined || loopback.classifyHost(host) === 'yes';
  const proxy = typeof target.proxy === 'object' ? normalizeHost(new URL(target.proxy.url).hostname) : host;
  const allow = [...new Set([host, proxy])].filter((h) => !local && loopback.classifyHost(h) !== 'yes');
  const name = fitting.name ?? nameFor(new URL(href));
  const { url, masked } = shownUrl(href);
  const method = target.body === undefined ? 'GET' : 'POST';
  const accepted = formatNamed(format).contentTypes;
  const oddType = mediaType !== undefined && accepted.length > 0 && !accepted.includes(mediaType);
  return [
    'targets:',
    `  - name: ${quoted(name)}`,
    `    url: ${quoted(url)}${masked ? ' # put the secret back in place of HIDDEN' : ''}`,
    ...(target.method === method ? [] : [`    method: ${quoted(target.method)}`]),
    ...headerLines(target),
    ...(target.body === undefined ? [] : [`    body: ${bodyText(target.body)}`]),
    `    format: ${format}`,
    ...(terminal === undefined ? [] : [`    terminal: ${matcherText(terminal)}`]),
    ...(target.error === undefined || !formatNamed(format).errors.includes(target.error.kind)
      ? []
      : [`    error: ${matcherText(target.error)}`]),
    ...(target.maxEventBytes === undefined ? [] : [`    maxEvent: ${target.maxEventBytes}B`]),
    ...(oddType ? [`    expect: { contentType: ${quoted(mediaType)} }`] : []),
    ...timeoutLines(target.timeouts),
    ...connectLines(target, text),
    'scenarios:',
    `  ${quoted(name)}:`,
    `    target: ${quoted(name)}`,
    '    stages: [{ users: 10, for: 1m }]',
    ...(!local && formatNamed(format).paid ? ['    budget: { streams: 100 }'] : []),
    ...(allow.length === 0 ? [] : [`allow: [${allow.map(quoted).join(', ')}]`]),
    '',
  ].join('\n');
}

/** Longest name of a configuration, characters. */
const MAX_NAME = 63;

/**
 * Returns a name made of host, port and path, so that two targets pasted into one file do not collide:
 * `127.0.0.1-9877-v1-chat-completions`, `llm.example.com-v1-messages`. The query may hold secrets and is left out.
 */
export function nameFor({ hostname, port, pathname }: URL): string {
  const host = hostname.startsWith('[') ? `ipv6-${hostname}` : hostname;
  const name = [host, port, pathname]
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name.slice(0, MAX_NAME).replace(/[^a-z0-9]+$/, '') || 'target';
}

function headerLines(target: Target): string[] {
  const entries = Object.entries(target.headers).filter(
    ([name, value]) =>
      !(name === 'content-type' && target.body?.json && referenceText(value) === 'application/json'),
  );
  if (entries.length === 0) return [];
  return [
    '    headers:',
    ...entries.map(([name, value]) => `      ${quoted(name)}: ${text(shownHeader(name, value))}`),
  ];
}

function timeoutLines(timeouts: Timeouts): string[] {
  const set = Object.entries(DEFAULTS).filter(([, [key, ms]]) => timeouts[key] !== ms);
  if (set.length === 0) return [];
  const entries = set.map(([name, [key]]) => `${name}: ${timeouts[key]}ms`.replace(/000ms$/, 's'));
  return [`    timeouts: { ${entries.join(', ')} }`];
}

function matcherText(terminal: Terminal): string {
  switch (terminal.kind) {
    case 'end':
    case 'finish':
      return terminal.kind;
    case 'data':
      return terminal.data === 'end' || terminal.data === 'finish'
        ? `{ data: ${terminal.data} }`
        : text(terminal.data);
    case 'event':
      return `{ event: ${text(terminal.event)} }`;
    case 'path': {
      const equals = terminal.equals === undefined ? '' : `, equals: ${JSON.stringify(terminal.equals)}`;
      return `{ path: ${text(terminal.path)}${equals} }`;
    }
  }
}

/** Writes JSON as a mapping, anything else as a text. */
function bodyText(body: NonNullable<Target['body']>): string {
  const sent = referenceText(body.text);
  try {
    const value: unknown = JSON.parse(sent);
    if (typeof value === 'object' && value !== null) return flow(withoutSecrets(value));
  } catch {
    // A text then.
  }
  return text(sent);
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      // A bare `key` in a body is rarely a secret.
      const secret = isSecretName(key) && !/^(key|session|auth|sig)$/i.test(key);
      const hidden = typeof inner === 'string' && secret && !inner.includes('${');
      return [key, hidden ? shownHeader(key, [inner]) : withoutSecrets(inner)];
    }),
  );
}

/** JSON with the spaces that people write. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${quoted(key)}: ${flow(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? text(value) : JSON.stringify(value);
}

/** A text in double quotes: JSON, but for the characters that YAML would not take as they are. */
function text(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Words that YAML takes as they are need no quotes. */
function quoted(value: string): string {
  const plain = /^(https?:\/\/[\w./~%@+=-]+(:\d+)?[\w./~%@+=?&-]*|[A-Za-z][\w./-]*)$/.test(value);
  return plain && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value) && !value.endsWith(':')
    ? value
    : text(value);
}

/**
 * @param text writes a text of YAML
 * @returns lines of a target that say how it is reached; a secret that was typed out is a reference
 */
function connectLines(
  { tls, auth, proxy, socketPath, http2, transport }: ConnectOptions,
  text: (value: string) => string,
): string[] {
  const flow = (entries: readonly (readonly [string, string | undefined])[]): string =>
    `{ ${entries.flatMap(([key, value]) => (value === undefined ? [] : `${key}: ${value}`)).join(', ')} }`;
  const written = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : text(value);
  const pair = (given: BasicAuth): string =>
    flow([
      ['user', text(shownHeader('user', given.user))],
      ['password', text(shownHeader('password', given.password))],
    ]);
  const lines: string[] = [];
  if (tls !== undefined) {
    const { caFile, certFile, keyFile, passphrase, serverName } = tls;
    const entries = flow([
      ['ca', written(caFile)],
      ['cert', written(certFile)],
      ['key', written(keyFile)],
      ['passphrase', passphrase === undefined ? undefined : text(shownHeader('key-password', passphrase))],
      ['serverName', written(serverName)],
    ]);
    lines.push(`    tls: ${entries}`);
  }
  if (auth?.kind === 'basic') lines.push(`    auth: { basic: ${pair(auth)} }`);
  // A probe knows no other kind of token.
  if (auth?.kind === 'bearer' && auth.token.kind === 'text')
    lines.push(`    auth: { bearer: ${text(shownHeader('api-key', auth.token.text))} }`);
  if (proxy !== undefined) lines.push(`    proxy: ${text(proxy === 'none' ? proxy : proxy.url)}`);
  if (socketPath !== undefined) lines.push(`    socket: ${text(socketPath)}`);
  if (http2 !== undefined) lines.push(`    http2: { streamsPerConnection: ${http2.streamsPerConnection} }`);
  if (transport !== undefined) lines.push(`    transport: ${transport}`);
  return lines;
}
