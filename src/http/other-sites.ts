import type { IncomingHttpHeaders } from 'node:http';
import { SoakError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import { CSRF_HEADER } from './login/browser.ts';

/**
 * Refuses cross-site requests: they must neither start load nor read responses. Links from other sites work. Relies on
 * `Origin` and `Sec-Fetch-Site`, which browsers send; other clients need not send them.
 * @throws SoakError OTHER_SITE
 */
export function refuseOtherSites(safe: boolean, headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const other = site === 'cross-site' || site === 'same-site';
  if (safe) {
    if (!other || headers['sec-fetch-mode'] === 'navigate') return;
    throw new SoakError(
      'OTHER_SITE',
      'cross-site request refused: the Sec-Fetch-Site header names another site; open the URL in the browser, or use a ' +
        'client such as curl',
    );
  }
  if (other || (origin !== undefined && hostOf(origin) !== host)) {
    throw new SoakError(
      'OTHER_SITE',
      'cross-site request refused: the Origin or Sec-Fetch-Site header names another site; use a client such as curl',
    );
  }
}

/**
 * Refuses names that are not loopback while no tokens are configured and soakd trusts every local client. Prevents DNS
 * rebinding: for a browser on this machine, a page whose name resolves to loopback would be same-site.
 * @param host value of the Host header
 * @throws SoakError OTHER_SITE
 */
export function requireLoopbackName(host: string | undefined): void {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host ?? '')?.[1] ?? '';
  if (isLoopback(name)) return;
  throw new SoakError(
    'OTHER_SITE',
    'without tokens soakd answers only under the loopback names 127.0.0.1, [::1] and localhost; ' +
      'to use another name, add serve.tokens to the configuration',
  );
}

/** Returns whether a request is proved to come from a script of a page of this soakd, and not only not from elsewhere. */
export function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  const isSameOrigin =
    origin === undefined ? headers['sec-fetch-site'] === 'same-origin' : hostOf(origin) === host;
  return isSameOrigin && headers[CSRF_HEADER] === '1';
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
