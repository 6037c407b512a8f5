import type { IncomingHttpHeaders } from 'node:http';
import { SoakError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';

/**
 * A page of another site must not start load, and has nothing to fetch here; a link on it may lead here. Browsers say
 * where a request comes from, other clients need not.
 * @throws SoakError OTHER_SITE
 */
export function refuseOtherSites(safe: boolean, headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const other = site === 'cross-site' || site === 'same-site';
  if (safe) {
    if (!other || headers['sec-fetch-mode'] === 'navigate') return;
    throw new SoakError('OTHER_SITE', 'a page of another site may not read what soakd answers');
  }
  if (other || (origin !== undefined && hostOf(origin) !== host)) {
    throw new SoakError('OTHER_SITE', 'a page of another site may not change what soakd does');
  }
}

/**
 * Without tokens soakd trusts whoever is on this machine. A browser here is: a page whose name was made to point to
 * loopback would be this site to it, if the name were not looked at.
 * @param host the header
 * @throws SoakError OTHER_SITE
 */
export function requireLoopbackName(host: string | undefined): void {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host ?? '')?.[1] ?? '';
  if (isLoopback(name)) return;
  throw new SoakError(
    'OTHER_SITE',
    'without tokens soakd answers only under the names of loopback: 127.0.0.1, [::1] or localhost; ' +
      'to use another, add serve.tokens to the configuration',
  );
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
