import { type Allowlist, buildAllowlist, normalizeHost } from './allow.ts';
import type { ConnectOptions, Http2, Names, Transport } from './connect-options.ts';
import { basicCredential, basicOf, type Credential } from './credentials.ts';
import { SoakError } from './errors.ts';
import { checkHost, type Lookup } from './host-check.ts';
import { type Environment, proxyFromEnvironment } from './proxy-environment.ts';
import type { SecretText } from './secret-text.ts';
import { readTlsMaterial, type TlsMaterial } from './tls-material.ts';

/** The proxy that a connection goes through. */
export interface ProxyHop {
  readonly host: string;
  readonly port: number;
  /** Value of `proxy-authorization`. */
  readonly authorization?: string;
}

/** A complete route to a target: no file to read, nothing left to decide. */
export interface Route {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Path and query; the whole URL for a request to a proxy. */
  readonly path: string;
  /** Addresses of the dialled host (the target or its proxy) when the run was checked. */
  readonly pinned: readonly string[];
  readonly tlsMaterial?: TlsMaterial;
  readonly serverName?: string;
  readonly socketPath?: string;
  readonly proxy?: ProxyHop;
  readonly names?: Names;
  /** Only with TLS. */
  readonly http2?: Http2;
  readonly transport: Transport;
}

export interface RouteDeps {
  readonly lookup: Lookup;
  /** Text of a file. Throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** Fills in secrets. @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text' | 'json') => string;
  /** Environment variables that may name a proxy. */
  readonly env: Environment;
}

export interface ResolvedRoute {
  readonly route: Route;
  /** Headers that the route needs: name, value, … */
  readonly headers: readonly string[];
  /** Secrets to redact. */
  readonly secrets: readonly string[];
  /** Whether it ends on this machine. */
  readonly local: boolean;
}

const LOOPBACK = buildAllowlist([]);

/**
 * Resolves the route to a target and checks every host on it. Sends nothing but DNS queries.
 * @param name of the target, for messages
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that cannot be looked up, a bad file)
 */
export async function resolveRoute(
  url: URL,
  name: string,
  connectOptions: ConnectOptions,
  allowlist: Allowlist,
  from: RouteDeps,
): Promise<ResolvedRoute> {
  const host = normalizeHost(url.hostname);
  const tls = url.protocol === 'https:';
  const direct = {
    origin: url.origin,
    host,
    port: portOf(url),
    tls,
    path: url.pathname + url.search,
    ...(connectOptions.names === undefined ? {} : { names: connectOptions.names }),
    ...(tls && connectOptions.tls !== undefined
      ? { tlsMaterial: readTlsMaterial(connectOptions.tls, name, from) }
      : {}),
    ...(tls && connectOptions.http2 !== undefined ? { http2: connectOptions.http2 } : {}),
    ...(connectOptions.tls?.serverName === undefined ? {} : { serverName: connectOptions.tls.serverName }),
  };
  const { socketPath } = connectOptions;
  if (socketPath !== undefined) {
    const transport = transportFor(tls, undefined, name, connectOptions);
    return { route: { ...direct, socketPath, pinned: [], transport }, headers: [], secrets: [], local: true };
  }
  const lookup: Lookup = (asked) => from.lookup(asked, connectOptions.names);
  const proxy = proxyOf(url, name, connectOptions, from);
  const transport = transportFor(tls, proxy, name, connectOptions);
  if (proxy === undefined) {
    const pinned = await checkHost(host, allowlist, lookup);
    const local = pinned.every((a) => LOOPBACK.coversAddress(a));
    return { route: { ...direct, pinned, transport }, headers: [], secrets: [], local };
  }
  const pinned = await classifyProxied(host, name, proxy, allowlist, lookup);
  const { credential } = proxy;
  const hop: ProxyHop = {
    host: proxy.host,
    port: proxy.port,
    ...(credential === undefined ? {} : { authorization: credential.authorization }),
  };
  const route = { ...direct, pinned, proxy: hop, transport };
  return {
    // Without a tunnel it is the proxy that reads the request, and has to know where to.
    route: tls ? route : { ...route, path: url.origin + direct.path },
    headers: tls || credential === undefined ? [] : ['proxy-authorization', credential.authorization],
    secrets: credential?.secrets ?? [],
    local: LOOPBACK.classifyHost(host) === 'yes',
  };
}

/**
 * @throws SoakError CANNOT_START where the lean transport is configured for a route that it does not support
 */
function transportFor(
  tls: boolean,
  proxy: Proxy | undefined,
  name: string,
  { transport }: ConnectOptions,
): Transport {
  if (transport !== 'lean') return transport ?? (tls || proxy !== undefined ? 'undici' : 'lean');
  if (!tls && proxy === undefined) return 'lean';
  throw new SoakError(
    'CANNOT_START',
    `the lean transport of ${name} speaks plain HTTP to the target itself, and here is ${tls ? 'TLS' : `a proxy (from ${proxy!.source})`}`,
    ['set transport: undici, or leave it out'],
  );
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

interface Proxy {
  readonly host: string;
  readonly port: number;
  /** Where it is set, for messages. */
  readonly source: string;
  readonly credential: Credential | undefined;
}

function proxyOf(url: URL, name: string, connectOptions: ConnectOptions, from: RouteDeps): Proxy | undefined {
  const { proxy: choice, names } = connectOptions;
  if (choice === 'none') return undefined;
  if (choice !== undefined) {
    const at = new URL(choice.url);
    return {
      host: normalizeHost(at.hostname),
      port: portOf(at),
      source: 'proxy:',
      credential:
        choice.auth === undefined ? undefined : basicCredential(choice.auth, `the proxy: of ${name}`, from),
    };
  }
  // A configured name resolution means a direct connection, and a target on this machine needs no proxy.
  if (names !== undefined || LOOPBACK.classifyHost(normalizeHost(url.hostname)) === 'yes') return undefined;
  const found = proxyFromEnvironment(url, from.env);
  return found === undefined ? undefined : fromVariable(found.variable, found.value, name);
}

/** The value is never shown: a password may be in it. */
function fromVariable(variable: string, value: string, name: string): Proxy {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || url.hostname === '') {
    const kind = url === undefined ? 'no URL' : `a ${url.protocol}// URL`;
    throw new SoakError(
      'CANNOT_START',
      `${variable} of the environment holds ${kind}, and ${name} would go through that; soakd speaks to http:// proxies`,
      [`unset ${variable}, put the host into no_proxy, or set proxy: none (--proxy none)`],
    );
  }
  const { username, password } = url;
  return {
    host: normalizeHost(url.hostname),
    port: portOf(url),
    source: `${variable} of the environment`,
    credential: username === '' ? undefined : basicOf(decoded(username), decoded(password)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Checks the proxy like any host, and the target behind it by its name alone, since the proxy looks the name
 * up.
 * @returns addresses of the proxy
 */
async function classifyProxied(
  host: string,
  name: string,
  proxy: Proxy,
  allowlist: Allowlist,
  lookup: Lookup,
): Promise<string[]> {
  const behind = (why: string, advice: string): SoakError =>
    new SoakError(
      'TARGET_NOT_ALLOWED',
      `${host} is refused: ${why} (the proxy of ${name}, ${proxy.host}, is from ${proxy.source}); nothing was sent`,
      [advice],
    );
  const classified = allowlist.classifyHost(host);
  if (classified !== 'yes') {
    throw behind(
      classified === 'no'
        ? 'it is not on the allowlist'
        : 'its proxy looks its name up, so a range of the allowlist says nothing of it',
      `add ${host} itself to allow: (--allow), if you may load it, or set proxy: none (--proxy none) to go there directly`,
    );
  }
  const near = LOOPBACK.classifyHost(proxy.host) === 'yes';
  if (!near && LOOPBACK.classifyHost(host) === 'yes') {
    throw behind("seen from its proxy it is the proxy's own machine", 'set proxy: none (--proxy none)');
  }
  if (allowlist.classifyHost(proxy.host) === 'no') {
    throw new SoakError(
      'TARGET_NOT_ALLOWED',
      `${proxy.host}, the proxy of ${name} (from ${proxy.source}), is refused: it is not on the allowlist; nothing was sent`,
      [
        `add ${proxy.host} to allow: (--allow), if you may send this load through it, or set proxy: none (--proxy none) to go there directly`,
      ],
    );
  }
  return checkHost(proxy.host, allowlist, lookup);
}
