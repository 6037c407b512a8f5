import { DialError } from './dial.ts';
import type { Finding } from './judge.ts';

/**
 * What the head of a response says about the stream.
 * @param contentTypes accepted media types, lower case; empty accepts any
 * @returns `undefined` where the response is accepted
 */
export function headerFault(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  contentTypes: readonly string[],
): Finding | undefined {
  if (status >= 300) {
    return { outcome: 'http_error', detail: status < 400 ? `status ${status}, redirects are not followed` : `status ${status}` };
  }
  const encoding = one(headers['content-encoding'])?.toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return { outcome: 'wrong_content_type', detail: `content-encoding ${encoding.slice(0, 40)}, though none was asked for` };
  }
  if (contentTypes.length === 0) return undefined;
  const type = one(headers['content-type'])?.split(';')[0]!.trim().toLowerCase();
  if (type !== undefined && contentTypes.includes(type)) return undefined;
  const found = type === undefined ? 'no content-type' : `content-type ${type.slice(0, 60)}`;
  return { outcome: 'wrong_content_type', detail: `${found} where ${contentTypes.join(' or ')} is needed` };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** @returns what an error of the transport means for its stream */
export function classify(error: Error & { code?: string }): Finding {
  if (error instanceof DialError) return { outcome: error.outcome, detail: `${error.reason}: ${error.message}` };
  const code = error.code ?? '';
  const detail = `${code || error.name}: ${error.message}`.slice(0, 200);
  // llhttp at the end of the input: the connection closed inside the framing.
  if (code === 'HPE_INVALID_EOF_STATE') return { outcome: 'reset', detail: 'the connection ended inside the framing' };
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') return { outcome: 'malformed', detail };
  if (code === 'UND_ERR_SOCKET' && /^bad (response|upgrade)$/.test(error.message)) return { outcome: 'malformed', detail };
  if (code.startsWith('UND_ERR_INVALID') || code === 'UND_ERR_NOT_SUPPORTED') return { outcome: 'generator_lost', detail };
  return { outcome: 'reset', detail };
}
