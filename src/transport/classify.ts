import type { ClassifierResult } from '../core/outcome.ts';
import { DialError, isOwnFault } from './dial.ts';
import { foreignProtocol } from './foreign-protocol.ts';
import { BrokenProtocol } from './http2/shared-stream.ts';
import { FramingError } from './lean/framing-error.ts';
import { DESTROYED } from './lean/lean-connection.ts';

/**
 * @param cut the other side had closed, or the transport had broken, before the error: what undici finds wrong
 * with the framing then is only that
 * @returns the result of a stream whose connection failed with this error
 */
export function classify(error: Error & { code?: string }, cut: boolean): ClassifierResult {
  const { code = '', message } = error;
  if (error instanceof DialError) {
    return { outcome: error.outcome, detail: `${error.reason}: ${message}`.slice(0, 200) };
  }
  const data = isParserError(error) ? (error as { data?: string }).data : undefined;
  const text = (data === undefined ? undefined : foreignProtocol(Buffer.from(data))) ?? message;
  const detail = `${code || error.name}: ${text}`.replace(/\s+/g, ' ').slice(0, 200);
  if (isFraming(error)) {
    return cut
      ? { outcome: 'reset', detail: 'the connection ended inside the framing' }
      : { outcome: 'malformed', detail };
  }
  if (code === 'UND_ERR_SOCKET') return { outcome: 'reset', detail };
  // soakd closed the connection under a stream that was not cancelled.
  if (code === DESTROYED || code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return { outcome: 'cancelled', detail };
  // No target can make undici refuse a request or its code throw: errors of the transport have another code.
  if (code === '' || /^(UND_ERR|ERR_INVALID)/.test(code) || isOwnFault(code)) {
    return { outcome: 'generator_lost', detail };
  }
  return { outcome: 'reset', detail };
}

/**
 * Returns the result of a new connection without TLS that broke before any answer. Servers that speak TLS
 * close it so: Node's, Python's and OpenSSL's, while nginx's and Go's answer with status 400.
 */
export function unanswered(result: ClassifierResult): ClassifierResult {
  if (result.outcome !== 'reset') return result;
  const [code] = (result.detail ?? 'CLOSED').split(':', 1);
  return { ...result, detail: `${code}: ended before it answered; if the port speaks TLS, write https://` };
}

/**
 * Whether the response is not HTTP, or does not answer this request. undici gives errors of its parser no
 * code.
 */
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
      return error instanceof FramingError || error instanceof BrokenProtocol || isParserError(error);
  }
}

/** Whether undici's parser made an error. By its name: other transports do without the modules of undici. */
function isParserError(error: Error): boolean {
  return error.name === 'HTTPParserError';
}
