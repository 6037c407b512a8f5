import type { IncomingMessage } from 'node:http';

/** Part of a request that its head consists of. */
export type Head = Pick<IncomingMessage, 'httpVersion' | 'method' | 'rawHeaders' | 'url'>;

/**
 * Returns what is wrong with the head of a request, where Node's parser is more tolerant than HTTP/1.1: a proxy in front of
 * soakd may read such a request as another one.
 */
export function faultOfHead(head: Head): string | undefined {
  return faultOfVersion(head) ?? faultOfFraming(head) ?? faultOfHost(head) ?? faultOfTarget(head);
}

/**
 * Returns the target of a request without scheme and authority: routes are paths (RFC 9112, 3.2.2).
 * @param target a path, or an absolute URL that {@link faultOfHead} accepts
 */
export function originForm(target: string): string {
  const path = target.replace(ABSOLUTE, '');
  return path.startsWith('/') || path === '*' ? path : `/${path}`;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

function faultOfVersion({ httpVersion }: Head): string | undefined {
  if (httpVersion === '1.1' || httpVersion === '1.0') return undefined;
  return `found HTTP/${httpVersion}, expected HTTP/1.1`;
}

/** RFC 9112, 6.1: a length that two readers may understand differently ends the connection. */
function faultOfFraming({ httpVersion, rawHeaders }: Head): string | undefined {
  const codings = valuesOf(rawHeaders, 'transfer-encoding');
  if (codings.length === 0) return undefined;
  if (codings.length > 1) return 'found more than one Transfer-Encoding header, expected one at most';
  if (codings[0]!.trim().toLowerCase() !== 'chunked')
    return 'found another Transfer-Encoding than chunked; send the body as it is';
  if (httpVersion === '1.0') return 'found Transfer-Encoding in HTTP/1.0, expected Content-Length';
  const lengths = valuesOf(rawHeaders, 'content-length');
  return lengths.length > 0 ? 'found both Transfer-Encoding and Content-Length, expected one' : undefined;
}

/** RFC 9112, 3.2. */
function faultOfHost({ httpVersion, rawHeaders }: Head): string | undefined {
  const hosts = valuesOf(rawHeaders, 'host');
  if (hosts.length > 1) return 'found more than one Host header, expected one';
  if (hosts.length === 0 && httpVersion === '1.1') return 'found no Host header, expected one';
  return undefined;
}

function faultOfTarget({ method, rawHeaders, url = '' }: Head): string | undefined {
  if (url.includes('#')) return 'found "#" in the URL, which is no part of a request; encode it as %23';
  if (url.startsWith('/') || (url === '*' && method === 'OPTIONS')) return undefined;
  const authority = ABSOLUTE.exec(url)?.[1];
  if (authority === undefined) return 'found a URL that does not start with /, expected a path';
  const [host] = valuesOf(rawHeaders, 'host');
  return host === undefined || host.trim().toLowerCase() === authority.toLowerCase()
    ? undefined
    : 'found a URL with another host than the Host header has, expected the same';
}

/** @param rawHeaders names and values in turn */
function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name);
}
