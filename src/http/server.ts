import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions } from 'fastify';
import { PROBLEM_TYPE, type Problem } from './problem.ts';
import { FORMATS } from './schema/requests.ts';

/** Sockets beyond this are closed at once: one left open by a client costs memory and a descriptor. */
export const MAX_CONNECTIONS = 1000;
/** Characters of an address. */
export const MAX_URL = 2048;

/** Nothing that a client does or leaves undone may hold anything for long. */
export const SERVER_OPTIONS = {
  bodyLimit: 65_536,
  /** A whole request must have come by then, ms; and its headers by `headersTimeout`. */
  requestTimeout: 15_000,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1000,
    // Cookies of other services of this machine come along to localhost: much less would turn their users away.
    maxHeaderSize: 16_384,
  },
  /** A socket on which nothing happens, ms. */
  connectionTimeout: 60_000,
  /** Between two requests, ms: longer than the usual interval of scrapes. */
  keepAliveTimeout: 65_000,
  maxRequestsPerSocket: 1000,
  // Closing must not wait for a browser that keeps its connection.
  forceCloseConnections: true,
  ajv: {
    customOptions: {
      // By default a wrong type is made to fit and an unknown key is dropped in silence.
      coerceTypes: false,
      removeAdditional: false,
      useDefaults: false,
      allErrors: true,
      // With it an error has what was found and what its schema says of it.
      verbose: true,
      allowUnionTypes: true,
      formats: FORMATS,
    },
  },
  clientErrorHandler: refuseBytes,
  // `localhost` is two addresses with a server each: fastify itself would let all of this hold for the first only.
  serverFactory: (handler, options: FastifyHttpOptions<Server>) => {
    const server = createServer(options.http ?? {}, handler);
    server.requestTimeout = options.requestTimeout ?? 0;
    server.timeout = options.connectionTimeout ?? 0;
    server.keepAliveTimeout = options.keepAliveTimeout ?? 0;
    server.maxRequestsPerSocket = options.maxRequestsPerSocket ?? 0;
    server.maxConnections = MAX_CONNECTIONS;
    return server;
  },
} as const satisfies FastifyHttpOptions<Server>;

const REASONS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not come to its end in time'],
  HPE_HEADER_OVERFLOW: [431, 'the headers are larger than 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the extensions of chunks are too large'],
};

/** Answers what is no HTTP request, or not the whole of one, before any route sees it. */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = REASONS[error.code ?? ''] ?? [400, 'the request is not HTTP'];
  const problem: Problem = {
    type: 'about:blank',
    title: 'the request cannot be read',
    status,
    detail,
    code: 'USAGE',
  };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    // A client that goes on sending must not keep it open.
    () => socket.destroy(),
  );
}
