import type { IncomingHttpHeaders } from 'node:http';
import { MAX_AGE_MS } from './sessions.ts';

/** Returns the name of the cookie: with the port, since cookies of all ports of a host are shared. */
function cookieName(host: string | undefined): string {
  const port = /:(\d{1,5})$/.exec(host ?? '')?.[1];
  return port === undefined ? 'soakd' : `soakd-${port}`;
}

/** Returns the id of the session of a request; `undefined`: it has none. */
export function sessionOf({ cookie, host }: IncomingHttpHeaders): string | undefined {
  const name = cookieName(host);
  for (const part of (cookie ?? '').split(';')) {
    const [, key, value] = /^\s*([^=]+)=([\w-]{43})\s*$/.exec(part) ?? [];
    if (key === name) return value;
  }
  return undefined;
}

/** Returns the value of `Set-Cookie` for a session; without an id, one that removes it. */
export function sessionCookie(headers: IncomingHttpHeaders, id?: string): string {
  // A browser that came by TLS to a proxy says so with its origin, also where the proxy adds no header.
  const isTls = headers.origin?.startsWith('https:') === true || headers['x-forwarded-proto'] === 'https';
  return [
    `${cookieName(headers.host)}=${id ?? ''}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${id === undefined ? 0 : MAX_AGE_MS / 1000}`,
    ...(isTls ? ['Secure'] : []),
  ].join('; ');
}
