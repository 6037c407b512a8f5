import type { Allowlist } from '../core/allow.ts';
import type { SecretText } from '../core/secret-text.ts';
import type { FreshToken, Target } from '../core/target.ts';
import { formatNamed } from '../formats/list.ts';
import { credentialOf } from './credentials.ts';
import { type Route, type RouteDeps, resolveRoute } from './route.ts';

/** A target as its streams need it: route resolved, secrets filled in. Plain data, as a worker takes it. */
export interface ReadyTarget extends AsConfigured {
  readonly route: Route;
  /** Name, value, name, value, … */
  readonly headers: readonly string[];
  /** Pieces of text between which the drawn prompt stands; absent: no body. */
  readonly body?: { readonly pieces: readonly string[]; readonly json: boolean };
  /** Accepted media types; empty accepts any. */
  readonly contentTypes: readonly string[];
  readonly fresh: boolean;
  /** Bytes of a failed stream's end that are kept; 0 for none. */
  readonly tailBytes: number;
  /** Values that must not be shown. */
  readonly secrets: readonly string[];
  /** Absent where no token is refreshed. */
  readonly tokens?: Tokens;
}

type AsConfigured = Pick<
  Target,
  | 'name'
  | 'method'
  | 'prompts'
  | 'format'
  | 'terminal'
  | 'error'
  | 'maxEventBytes'
  | 'expect'
  | 'objective'
  | 'timeouts'
>;

interface Tokens {
  readonly source: FreshToken;
  /** The last few tokens, the current one first. They are among the secrets, too. */
  readonly known: readonly string[];
}

export interface TargetDeps extends RouteDeps {
  readonly version: string;
  /** Reads a token that is refreshed, or runs the program that prints it. */
  readonly fetchToken: (token: FreshToken) => Promise<string>;
}

/**
 * Makes a target ready for streams, without sending a request: the only way from what is configured to what is sent.
 * @param url of the target, or of the simulator in its place
 * @param admit called with whether the route ends on this machine, before any secret of the request is read; may refuse
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that does not resolve, an unusable TLS
 * file, a token that cannot be fetched), and what `admit` throws
 */
export async function readyTarget(
  target: Target,
  url: URL,
  allowlist: Allowlist,
  from: TargetDeps,
  admit: (local: boolean) => void = () => {},
): Promise<ReadyTarget> {
  const { name, auth, body } = target;
  const { route, headers, secrets, local } = await resolveRoute(target, url, allowlist, from);
  admit(local);
  const credential = auth && (await credentialOf(auth, name, from));
  return {
    ...unroutedTarget(target),
    route,
    headers: [
      ...requestHeaders(target, from),
      ...headers,
      ...(credential === undefined ? [] : ['authorization', credential.authorization]),
    ],
    secrets: [...new Set([...secretsOf(target, from), ...secrets, ...(credential?.secrets ?? [])])],
    tokens: credential?.refreshed,
    body: body && {
      pieces: from.resolveSecret(body.text, body.json ? 'json' : 'text').split('{{prompt}}'),
      json: body.json,
    },
  };
}

const NOWHERE = { origin: '', host: '', port: 0, path: '/', pinned: [] };

/** Returns a target that a run counts but does not load: without a route, and without anything secret. */
export function unroutedTarget(target: Target): ReadyTarget {
  const { name, method, prompts, format, terminal, error, maxEventBytes, expect, objective, timeouts } =
    target;
  return {
    name,
    method,
    prompts,
    format,
    terminal,
    error,
    maxEventBytes,
    expect,
    objective,
    timeouts,
    route: { ...NOWHERE, transport: target.transport ?? 'undici' },
    headers: [],
    contentTypes: expect.contentType === undefined ? formatNamed(format).contentTypes : [expect.contentType],
    fresh: target.connection === 'fresh',
    tailBytes: target.keepTailBytes ?? 0,
    secrets: [],
  };
}

/** Returns a target that soakd itself serves on loopback, which no configuration names. */
export function ownTarget(
  { port, path = '/', transport }: Pick<Route, 'port' | 'transport'> & { readonly path?: string },
  part: Pick<ReadyTarget, 'name' | 'format' | 'timeouts'> & Partial<ReadyTarget>,
): ReadyTarget {
  const host = '127.0.0.1';
  return {
    method: 'GET',
    prompts: [],
    terminal: formatNamed(part.format).terminals.usual,
    expect: { minChunks: 0, minBytes: 0, minCharacters: 0 },
    route: { origin: `http://${host}:${port}`, host, port, path, transport, pinned: [] },
    headers: [],
    contentTypes: [],
    fresh: false,
    tailBytes: 0,
    secrets: [],
    ...part,
  };
}

type Resolve = Pick<TargetDeps, 'resolveSecret'>;

/** Returns what a target is sent besides credentials: name, value, … */
function requestHeaders(target: Target, { version, resolveSecret }: TargetDeps): string[] {
  const headers = new Map<string, string>([
    ['accept', formatNamed(target.format).accept],
    // Measures the bytes as the target produced them.
    ['accept-encoding', 'identity'],
    ['user-agent', `soakd/${version}`],
  ]);
  if (target.body?.json) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(target.headers))
    headers.set(name.toLowerCase(), resolveSecret(value, 'text'));
  return [...headers].flat();
}

/** Returns the values of all references, plain and escaped for JSON. */
function secretsOf({ headers, body }: Target, { resolveSecret }: Resolve): string[] {
  const parts: SecretText = [...Object.values(headers), body?.text ?? []].flat();
  return parts
    .filter((part) => typeof part !== 'string')
    .flatMap((part) => [resolveSecret([part], 'text'), resolveSecret([part], 'json')]);
}
