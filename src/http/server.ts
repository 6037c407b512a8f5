import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions } from 'fastify';
import { PROBLEM_TYPE, type Problem } from './problem.ts';
import { FORMATS } from './schema/requests.ts';

/** Maximum of open sockets; more are closed at once, since an idle socket costs memory and a descriptor. */
export const MAX_CONNECTIONS = 1000;
/** Maximum length of a URL, characters. */
export const MAX_URL = 2048;

/** Bounds every resource that a slow or idle client can hold. */
export const SERVER_OPTIONS = {
  bodyLimit: 65_536,
  /** Time for a complete request, ms; `headersTimeout` bounds its headers. */
  requestTimeout: 15_000,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1000,
    // Browsers send the cookies of all services on localhost: a much smaller limit would refuse such requests.
    maxHeaderSize: 16_384,
  },
  /** Idle timeout of a socket, ms. */
  connectionTimeout: 60_000,
  /** Time between two requests, ms: longer than the usual scrape interval. */
  keepAliveTimeout: 65_000,
  maxRequestsPerSocket: 1000,
  // Shutdown must not wait for a browser that keeps its connection open.
  forceCloseConnections: true,
  ajv: {
    customOptions: {
      // By default ajv coerces wrong types and silently drops unknown keys.
      coerceTypes: false,
      removeAdditional: false,
      useDefaults: false,
      allErrors: true,
      // Errors then hold the value found and its schema.
      verbose: true,
      allowUnionTypes: true,
      formats: FORMATS,
    },
  },
  clientErrorHandler: refuseBytes,
  // `localhost` has two addresses with a server each; fastify applies these options to the first only.
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
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request is not complete within its timeout'],
  HPE_HEADER_OVERFLOW: [431, 'the headers are larger than 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too large'],
};

/** Answers malformed and incomplete requests, which reach no route. */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = REASONS[error.code ?? ''] ?? [400, 'the request is not HTTP'];
  const problem: Problem = {
    type: 'about:blank',
    title: 'malformed request',
    status,
    detail,
    code: 'USAGE',
  };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    // A client that keeps sending must not keep the socket open.
    () => socket.destroy(),
  );
}
