import type net from 'node:net';
import { DialError } from './dial-error.ts';

/** Maximum length of an answer to CONNECT, bytes; a longer one is refused. */
const MAX_ANSWER = 16_384;
const BEGINNING = 'HTTP/1.';
const END_OF_HEAD = '\r\n\r\n';

export interface TunnelOptions {
  /** Where it leads to. */
  readonly host: string;
  readonly port: number;
  /** Value of `proxy-authorization`. */
  readonly authorization: string | undefined;
}

/**
 * Asks a proxy for a tunnel on a socket that is connected to it. The caller handles timeouts, and a socket
 * that breaks or closes meanwhile.
 * @param done called at most once: with an error, or when the socket leads to the target
 */
export function openTunnel(
  socket: net.Socket,
  options: TunnelOptions,
  done: (error: DialError | null) => void,
): void {
  const { host, port, authorization } = options;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  let held = Buffer.alloc(0);
  const end = (error: DialError | null): void => {
    socket.off('readable', read);
    done(error);
  };
  const read = (): void => {
    for (let bytes: Buffer | null = socket.read(); bytes !== null; bytes = socket.read()) {
      held = Buffer.concat([held, bytes]);
    }
    const verdict = verdictOn(held.toString('latin1'));
    if (verdict !== undefined) end(verdict === 'open' ? null : verdict);
  };
  socket.on('readable', read);
  socket.write(
    [
      `CONNECT ${authority} HTTP/1.1`,
      `host: ${authority}`,
      ...(authorization === undefined ? [] : [`proxy-authorization: ${authorization}`]),
      '\r\n',
    ].join('\r\n'),
  );
}

/** @param text of the answer so far. @returns `undefined` while more of it is needed */
function verdictOn(text: string): 'open' | DialError | undefined {
  const start = text.slice(0, BEGINNING.length);
  if (!BEGINNING.startsWith(start))
    return wrongAnswer('the proxy answered CONNECT with something that is not HTTP');
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0 || end > MAX_ANSWER) {
    if (text.length <= MAX_ANSWER) return undefined;
    return wrongAnswer(`the proxy answered CONNECT with a head of more than ${MAX_ANSWER} bytes`);
  }
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?:[ \r])/.exec(text)?.[1];
  if (status === undefined) return wrongAnswer('the proxy answered CONNECT without a status');
  if (!status.startsWith('2')) {
    return new DialError(
      'connect_error',
      'PROXY_REFUSED',
      `the proxy answered CONNECT with status ${status}`,
    );
  }
  // A TLS server waits for its client, so bytes that arrive before the handshake are not from the target.
  if (text.length > end + END_OF_HEAD.length)
    return wrongAnswer('the proxy sent more than its answer to CONNECT');
  return 'open';
}

function wrongAnswer(message: string): DialError {
  return new DialError('connect_error', 'PROXY_ANSWER', message);
}
