import { type Allowlist, buildAllowlist, normalizeHost } from '../core/allow.ts';
import { SoakError } from '../core/errors.ts';
import type { SecretText } from '../core/secret-text.ts';
import type { Target } from '../core/target.ts';
import { basicCredential, basicOf, type Credential } from './credentials.ts';
import { checkHost, type Lookup } from './host-check.ts';
import { type Environment, proxyFromEnvironment } from './proxy-environment.ts';

export interface ProxyDeps {
  /** Fills in secrets. @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text' | 'json') => string;
  /** Environment variables that may name a proxy. */
  readonly env: Environment;
}

const LOOPBACK = buildAllowlist([]);

/** A proxy that a target is reached through. */
export interface ChosenProxy {
  readonly host: string;
  readonly port: number;
  /** Where it is set, for messages. */
  readonly source: string;
  readonly credential: Credential | undefined;
}

/**
 * Chooses the proxy of a target: its own, or that of the environment.
 * @throws SoakError SECRET_MISSING, CANNOT_START (a proxy that soakd cannot speak to)
 */
export function proxyOf(
  { name, proxy: choice, names }: Pick<Target, 'name' | 'proxy' | 'names'>,
  url: URL,
  from: ProxyDeps,
): ChosenProxy | undefined {
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
function fromVariable(variable: string, value: string, name: string): ChosenProxy {
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
export async function classifyProxied(
  host: string,
  name: string,
  proxy: ChosenProxy,
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
      `add ${host} itself to allow: (--allow), if you may send load to it, or set proxy: none (--proxy none) to go there directly`,
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

/** Returns the port of a URL, with the default of its scheme. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
