import type { Socket } from 'node:net';
import { malformed, writeProblem } from './raw-problem.ts';
import type { RouteMethods } from './route-methods.ts';

/** Error of Node's HTTP parser or of its timers. */
interface ParserError extends Error {
  readonly code?: string | undefined;
  /** What was read last, a Buffer. */
  readonly rawPacket?: unknown;
}

const AMBIGUOUS =
  'the length of the body is not clear; send one Content-Length or Transfer-Encoding: chunked';

const REASONS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request is not complete within its timeout'],
  HPE_HEADER_OVERFLOW: [431, 'the headers are larger than 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too large'],
  HPE_INVALID_VERSION: [400, 'found another version of HTTP, expected HTTP/1.1'],
  HPE_INVALID_METHOD: [400, 'found a method that HTTP does not have'],
  HPE_INVALID_TRANSFER_ENCODING: [400, AMBIGUOUS],
  HPE_INVALID_CONTENT_LENGTH: [400, AMBIGUOUS],
  HPE_UNEXPECTED_CONTENT_LENGTH: [400, AMBIGUOUS],
};

/** Request line with a method that Node does not know: it refuses the request before there is one. */
const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]{1,40}) (\/[^\s?]*)(?:\?\S*)? HTTP\/1\.[01]\r?\n/;

/** Returns the handler of malformed and incomplete requests, which reach no route. */
export function refuseBytes(methods: RouteMethods): (error: ParserError, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const line =
      error.code === 'HPE_INVALID_METHOD' ? REQUEST_LINE.exec(String(error.rawPacket ?? '')) : null;
    const known = line === null ? undefined : methods.of(line[2]!);
    if (known !== undefined) {
      const detail = `${line![1]} ${line![2]!.slice(0, 200)} is not allowed; use ${known.join(', ')}`;
      writeProblem(socket, malformed(405, detail), { allow: known.join(', ') });
      return;
    }
    const [status, detail] = REASONS[error.code ?? ''] ?? [400, 'the request is not HTTP'];
    writeProblem(socket, malformed(status, detail));
  };
}
