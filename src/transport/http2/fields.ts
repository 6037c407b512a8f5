import type { OutgoingHttpHeaders } from 'node:http2';
import type { HttpRequest } from '../connection.ts';

/** Methods with which a server expects a body, even an empty one. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** @returns the fields of a request's head, as RFC 9113 (8.3.1) has them; the authority is the session's where none is set */
export function fieldsFor({ method, path, headers, body }: HttpRequest): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = { ':method': method, ':path': path };
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i]!, headers[i + 1]!];
    if (name === 'host') fields[':authority'] = value;
    else add(fields, name, value);
  }
  if (body !== undefined) fields['content-length'] = String(Buffer.byteLength(body));
  else if (WITH_BODY.has(method)) fields['content-length'] = '0';
  return fields;
}

function add(fields: Record<string, string | string[]>, name: string, value: string): void {
  const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (known === undefined) fields[name] = value;
  else fields[name] = [known, value].flat();
}
