import type { RequestListener, Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import { nodeHttp } from '../core/node-http.ts';
import { BoundedConnections } from './bounded-connections.ts';
import { faultOfHead, originForm } from './message.ts';
import { endWithProblem, malformed, writeProblem } from './raw-problem.ts';
import type { RouteMethods } from './route-methods.ts';
import { FORMATS } from './schema/requests.ts';

/** Maximum of open sockets where descriptors are plenty: an idle socket costs memory and a descriptor. */
export const MAX_CONNECTIONS = 1000;
/** Maximum of open sockets of the listener for metrics and health: its clients are few, and a quarter each is enough. */
export const MAX_METRICS_CONNECTIONS = 32;
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
    // Node's own refusal is no problem document; `faultOfHead` checks the header.
    requireHostHeader: false,
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
} as const satisfies FastifyHttpOptions<Server>;

/**
 * Returns the factory of the servers of an app: `localhost` has two addresses with a server each.
 * @param most connections of all of them together, asked for each new one
 */
export function serverFactory(
  methods: RouteMethods,
  most: () => number,
): (handler: RequestListener, options: FastifyHttpOptions<Server>) => Server {
  const connections = new BoundedConnections(most);
  return (handler, options) => {
    // Fastify applies these options to the first server only.
    const server = nodeHttp.createServer(options.http ?? {}, (request, response) => {
      const fault = faultOfHead(request);
      if (fault !== undefined) return endWithProblem(response, malformed(400, fault));
      request.url = originForm(request.url!);
      return handler(request, response);
    });
    server.requestTimeout = options.requestTimeout ?? 0;
    server.timeout = options.connectionTimeout ?? 0;
    server.keepAliveTimeout = options.keepAliveTimeout ?? 0;
    server.maxRequestsPerSocket = options.maxRequestsPerSocket ?? 0;
    connections.watch(server);
    // Node drops the headers beyond a number, also those that say where the body ends; their size is bounded.
    server.maxHeadersCount = 0;
    server.on('checkExpectation', (_request, response) =>
      endWithProblem(response, malformed(417, 'found another Expect header than 100-continue; remove it')),
    );
    server.on('connect', (_request, socket) =>
      writeProblem(socket, malformed(405, 'CONNECT is not allowed: soakd is no proxy'), {
        allow: methods.all().join(', '),
      }),
    );
    return server;
  };
}
