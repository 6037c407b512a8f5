import { errors } from 'undici';
import { DialError, isOwnFault } from './dial.ts';
import { BrokenProtocol } from './http2/shared-stream.ts';
import type { Finding } from './judge.ts';
import { FramingError } from './lean/framing-error.ts';
import { DESTROYED } from './lean/lean-connection.ts';

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
    return {
      outcome: 'http_error',
      detail: status < 400 ? `status ${status}, redirects are not followed` : `status ${status}`,
    };
  }
  const encoding = one(headers['content-encoding'])?.toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return {
      outcome: 'wrong_content_type',
      detail: `content-encoding ${encoding.slice(0, 40)}, though none was asked for`,
    };
  }
  if (contentTypes.length === 0) return undefined;
  const type = one(headers['content-type'])?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && contentTypes.includes(type)) return undefined;
  const found = type === undefined ? 'no content-type' : `content-type ${type.slice(0, 60)}`;
  return { outcome: 'wrong_content_type', detail: `${found} where ${contentTypes.join(' or ')} is needed` };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/**
 * @param cut the other side had closed, or the transport had broken, before the error: what undici finds wrong
 * with the framing then is only that
 * @returns what an error of a connection means for its stream
 */
export function classify(error: Error & { code?: string }, cut: boolean): Finding {
  const { code = '', message } = error;
  if (error instanceof DialError) {
    return { outcome: error.outcome, detail: `${error.reason}: ${message}`.slice(0, 200) };
  }
  const detail = `${code || error.name}: ${message}`.replace(/\s+/g, ' ').slice(0, 200);
  if (isFraming(error)) {
    return cut
      ? { outcome: 'reset', detail: 'the connection ended inside the framing' }
      : { outcome: 'malformed', detail };
  }
  if (code === 'UND_ERR_SOCKET') return { outcome: 'reset', detail };
  // The connection was closed from here, under a stream that nobody cancelled.
  if (code === DESTROYED || code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return { outcome: 'cancelled', detail };
  // No target can make undici refuse a request or its code throw: errors of the transport have another code.
  if (code === '' || /^(UND_ERR|ERR_INVALID)/.test(code) || isOwnFault(code)) {
    return { outcome: 'generator_lost', detail };
  }
  return { outcome: 'reset', detail };
}

/** Whether the response is not HTTP, or none to this request. undici gives errors of its parser no code. */
function isFraming(error: Error & { code?: string }): boolean {
  switch (error.code) {
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_HEADERS_OVERFLOW':
    // What undici's parser takes for granted: a status of at least 100, an upgrade only where one was asked for.
    case 'ERR_ASSERTION':
      return true;
    case 'UND_ERR_SOCKET':
      return /^bad (response|upgrade)$/.test(error.message);
    default:
      return (
        error instanceof FramingError ||
        error instanceof BrokenProtocol ||
        error instanceof errors.HTTPParserError
      );
  }
}
