import { normalizeHost } from '../../core/allow.ts';
import {
  type Auth,
  type Http2,
  type Names,
  type ProxyChoice,
  type Reach,
  type TlsFiles,
  TRANSPORTS,
  type Transport,
} from '../../core/reach.ts';
import { list as enumerate, quote } from '../describe.ts';
import { auth } from './auth.ts';
import { type Complaint, complain } from './combinators.ts';
import { http2 } from './http2.ts';
import { dns, resolve } from './names.ts';
import { proxy } from './proxy.ts';
import { oneOf, text } from './scalars.ts';
import { tls } from './tls.ts';

/** Keys of a target that say how it is reached. */
export const REACH_KEYS = {
  tls: tls.optional(),
  proxy: proxy.optional(),
  auth: auth.optional(),
  resolve: resolve.optional(),
  dns: dns.optional(),
  socket: text('the path of a Unix socket').optional(),
  http2: http2.optional(),
  transport: oneOf(TRANSPORTS).optional(),
};

interface Given {
  readonly tls?: TlsFiles | undefined;
  readonly proxy?: ProxyChoice | undefined;
  readonly auth?: Auth | undefined;
  readonly resolve?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly dns?: { readonly servers: readonly string[] } | undefined;
  readonly socket?: string | undefined;
  readonly http2?: Http2 | undefined;
  readonly transport?: Transport | undefined;
}

/**
 * What the keys mean together, and with the rest of the target. Paths stay as written.
 * @param url absent for a simulator, or where it is wrong
 */
export function reachOf(
  given: Given,
  around: {
    readonly url: string | undefined;
    readonly simulated: boolean;
    readonly ownAuthorization: boolean;
  },
  ctx: unknown,
): Reach {
  for (const complaint of complaintsAbout(given, around)) complain(ctx, { at: 'key', ...complaint });
  const { tls: files, proxy: choice, auth: who, socket } = given;
  const names: Names | undefined =
    given.resolve === undefined && given.dns === undefined
      ? undefined
      : { fixed: given.resolve ?? {}, servers: given.dns?.servers ?? [] };
  return {
    ...(files === undefined ? {} : { tls: files }),
    ...(choice === undefined ? {} : { proxy: choice }),
    ...(who === undefined ? {} : { auth: who }),
    ...(names === undefined ? {} : { names }),
    ...(socket === undefined ? {} : { socketPath: socket }),
    ...(given.http2 === undefined ? {} : { http2: given.http2 }),
    ...(given.transport === undefined ? {} : { transport: given.transport }),
  };
}

function complaintsAbout(
  given: Given,
  { url, simulated, ownAuthorization }: Parameters<typeof reachOf>[1],
): Complaint[] {
  const out: Complaint[] = [];
  const beside = (key: keyof Given, what: string, expected: string, advice: string): void => {
    if (given[key] !== undefined) out.push({ path: [key], found: `${key} beside ${what}`, expected, advice });
  };
  if (simulated) {
    for (const key of ['tls', 'proxy', 'resolve', 'dns', 'socket', 'http2'] as const)
      beside(key, 'simulator', 'none, since the simulator is on this machine', 'remove it');
    return out;
  }
  if (url?.startsWith('http:')) {
    beside('tls', 'a URL of http://', 'a URL of https://', 'write https://, or remove tls:');
    beside('http2', 'a URL of http://', 'a URL of https://', 'write https://, or remove http2:');
  }
  if (given.transport === 'lean') {
    const stray =
      url?.startsWith('https:') === true
        ? 'a URL of https://'
        : typeof given.proxy === 'object'
          ? 'a proxy'
          : undefined;
    if (stray !== undefined)
      out.push({
        path: ['transport'],
        found: `lean beside ${stray}`,
        expected: 'undici, since the lean one speaks plain HTTP to the target itself',
        advice: 'remove it',
      });
  }
  if (given.socket !== undefined) {
    if (given.proxy !== 'none') beside('proxy', 'socket', 'one of them', 'remove one of them');
    for (const key of ['resolve', 'dns'] as const)
      beside(key, 'socket', 'one of them, since no name is looked up', 'remove it');
  }
  if (ownAuthorization) {
    beside('auth', 'a header authorization', 'one of them', 'remove the header');
  }
  return url === undefined ? out : out.concat(strayNames(given, url));
}

/** A name that nobody asks for is a slip of the pen. */
function strayNames(given: Given, url: string): Complaint[] {
  const { proxy: choice, resolve: fixed = {} } = given;
  const dialled = typeof choice === 'object' ? choice.url : url;
  const host = normalizeHost(new URL(dialled).hostname);
  const whose = dialled === url ? 'the host of url' : 'the host of proxy, which looks up that of url itself';
  return Object.keys(fixed)
    .filter((name) => name !== host)
    .map((name) => ({
      path: ['resolve'],
      found: `the name ${quote(name)}`,
      expected: `only ${enumerate([host])}, ${whose}`,
      advice: 'mend it, or remove it',
    }));
}
