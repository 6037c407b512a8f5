import type { IncomingHttpHeaders } from 'node:http';
import { sessionOf } from './cookie.ts';

/** Header that only scripts of the page itself can send: another site would need a CORS preflight. */
export const CSRF_HEADER = 'x-soakd-csrf';

/** Returns whether a browser opens a page with a request, and can show one. Plain HTTP has no `Sec-Fetch-Mode`. */
export function isNavigation({ 'sec-fetch-mode': mode, accept }: IncomingHttpHeaders): boolean {
  return mode === undefined ? accept?.includes('text/html') === true : mode === 'navigate';
}

/**
 * Returns whether a request comes from a browser or from the page in it. Such a request gets no Basic challenge: the browser
 * would ask for a password in a window of its own.
 */
export function isFromBrowser(headers: IncomingHttpHeaders): boolean {
  return (
    isNavigation(headers) ||
    headers['sec-fetch-mode'] !== undefined ||
    headers[CSRF_HEADER] !== undefined ||
    headers.accept?.includes('text/event-stream') === true ||
    sessionOf(headers) !== undefined
  );
}

/** Returns a path of this soakd to go to after the login; `/` for anything else. */
export function safePath(next: string | undefined): string {
  const isOwn = next !== undefined && next.length <= 1000 && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(next);
  return isOwn && !/^\/log(in|out)\b/.test(next) ? next : '/';
}
