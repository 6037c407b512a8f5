import { type Allowlist, buildAllowlist, normalizeHost } from '../core/allow.ts';
import { SoakError } from '../core/errors.ts';
import type { ConnectOptions, Http2, Names, Target, Transport } from '../core/target.ts';
import { checkHost, type Lookup } from './host-check.ts';
import { type ChosenProxy, classifyProxied, type ProxyDeps, portOf, proxyOf } from './proxy.ts';
import { readTls, type Tls } from './tls.ts';

/** The proxy that a connection goes through. */
export interface ProxyHop {
  readonly host: string;
  readonly port: number;
  /** Value of `proxy-authorization`. */
  readonly authorization?: string;
}

/** A complete route to a target: no file to read, nothing left to decide. It is passed on whole to where it is dialled. */
export interface Route {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: Tls;
  /** Path and query; the whole URL for a request to a proxy. */
  readonly path: string;
  /** Addresses of the dialled host (the target or its proxy) when the run was checked. */
  readonly pinned: readonly string[];
  readonly socketPath?: string;
  readonly proxy?: ProxyHop;
  readonly names?: Names;
  /** Only with TLS. */
  readonly http2?: Http2;
  readonly transport: Transport;
}

export interface RouteDeps extends ProxyDeps {
  readonly lookup: Lookup;
  /** Text of a file. Throws where it cannot be read. */
  readonly readFile: (path: string) => string;
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
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that cannot be looked up, a bad file)
 */
export async function resolveRoute(
  target: Pick<Target, 'name'> & ConnectOptions,
  url: URL,
  allowlist: Allowlist,
  from: RouteDeps,
): Promise<ResolvedRoute> {
  const { name, names, socketPath } = target;
  const host = normalizeHost(url.hostname);
  const isTls = url.protocol === 'https:';
  const direct = {
    origin: url.origin,
    host,
    port: portOf(url),
    path: url.pathname + url.search,
    names,
    tls: isTls ? readTls(target.tls ?? {}, name, from) : undefined,
    http2: isTls ? target.http2 : undefined,
  };
  if (socketPath !== undefined) {
    const transport = transportFor(target, isTls, undefined);
    return { route: { ...direct, socketPath, pinned: [], transport }, headers: [], secrets: [], local: true };
  }
  const lookup: Lookup = (asked) => from.lookup(asked, names);
  const proxy = proxyOf(target, url, from);
  const transport = transportFor(target, isTls, proxy);
  if (proxy === undefined) {
    const pinned = await checkHost(host, allowlist, lookup);
    const local = pinned.every((a) => LOOPBACK.coversAddress(a));
    return { route: { ...direct, pinned, transport }, headers: [], secrets: [], local };
  }
  const pinned = await classifyProxied(host, name, proxy, allowlist, lookup);
  const { credential } = proxy;
  const hop: ProxyHop = { host: proxy.host, port: proxy.port, authorization: credential?.authorization };
  const route = { ...direct, pinned, proxy: hop, transport };
  return {
    // Without a tunnel it is the proxy that reads the request, and has to know where to.
    route: isTls ? route : { ...route, path: url.origin + direct.path },
    headers: isTls || credential === undefined ? [] : ['proxy-authorization', credential.authorization],
    secrets: credential?.secrets ?? [],
    local: LOOPBACK.classifyHost(host) === 'yes',
  };
}

/**
 * @throws SoakError CANNOT_START where the lean transport is configured for a route that it does not support
 */
function transportFor(
  { name, transport }: Pick<Target, 'name' | 'transport'>,
  tls: boolean,
  proxy: ChosenProxy | undefined,
): Transport {
  if (transport !== 'lean') return transport ?? (tls || proxy !== undefined ? 'undici' : 'lean');
  if (!tls && proxy === undefined) return 'lean';
  throw new SoakError(
    'CANNOT_START',
    `the lean transport of ${name} speaks plain HTTP to the target itself, and here is ${tls ? 'TLS' : `a proxy (from ${proxy!.source})`}`,
    ['set transport: undici, or leave it out'],
  );
}
