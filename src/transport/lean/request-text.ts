import type { HttpRequest } from '../connection.ts';

/** Methods whose request has a length even where it has no body (RFC 9110, 8.6). */
const WITH_LENGTH: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
/** Fields that belong to the connection, not to the request. */
const OWN: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade']);

/** Whatever could end a line or a request before its end. */
const NO_TARGET = /[^\x21-\x7e]/;
const NO_TOKEN = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]|^$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * @param host of the target, with its port where that is not the usual one
 * @returns the head of a request, each character a byte
 * @throws TypeError with code ERR_INVALID_HTTP_REQUEST for what would not be one line of one request
 */
export function requestHead({ method, path, headers, body, last }: HttpRequest, host: string): string {
  if (NO_TOKEN.test(method) || NO_TARGET.test(path)) throw invalid('method or path');
  let fields = '';
  let hasHost = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const value = headers[i + 1]!;
    const lower = name.toLowerCase();
    if (NO_TOKEN.test(name) || NO_VALUE.test(value) || OWN.has(lower)) throw invalid(`header ${lower}`);
    hasHost ||= lower === 'host';
    fields += `${name}: ${value}\r\n`;
  }
  const bytes = body === undefined ? 0 : Buffer.byteLength(body);
  const length = bytes > 0 || WITH_LENGTH.has(method) ? `content-length: ${bytes}\r\n` : '';
  const first = hasHost ? '' : `host: ${host}\r\n`;
  const connection = last ? 'close' : 'keep-alive';
  return `${method} ${path} HTTP/1.1\r\n${first}connection: ${connection}\r\n${fields}${length}\r\n`;
}

function invalid(what: string): TypeError {
  const error = new TypeError(`the ${what} cannot be sent as it is`);
  return Object.assign(error, { code: 'ERR_INVALID_HTTP_REQUEST' });
}
