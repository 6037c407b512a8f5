import type { Server } from 'node:http';
import Fastify, {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import { messageOf, SoakError } from '../core/errors.ts';
import type { AppService } from './app-service.ts';
import { addDocumentation, documentRoutes } from './documentation.ts';
import { Gate, RATES, type Rates } from './gate.ts';
import { addHistoryRoutes } from './history-routes.ts';
import { refuseOtherSites, requireLoopbackName } from './other-sites.ts';
import { type Problem, problemOf } from './problem.ts';
import { refuse } from './refuse.ts';
import { addRunRoutes } from './run-routes.ts';
import { Scrapes } from './scrapes.ts';
import { MAX_URL, SERVER_OPTIONS } from './server.ts';
import { addServiceRoutes } from './service-routes.ts';
import { addStreamRoutes } from './stream-routes.ts';
import { requestError, type SchemaError } from './validation.ts';

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

export interface AppOptions {
  /** Monotonic, ms. */
  readonly nowMs?: () => number;
  readonly rates?: Rates;
  /** Overrides of `SERVER_OPTIONS`. */
  readonly server?: Partial<FastifyHttpOptions<Server>>;
}

/** Builds the app with all routes; does not listen. */
export function buildApp(
  service: AppService,
  { nowMs = () => performance.now(), rates = RATES, server = {} }: AppOptions = {},
): FastifyInstance {
  const app = Fastify({
    ...SERVER_OPTIONS,
    ...server,
    // Fastify runs no hook and no handler for a URL that it cannot decode.
    frameworkErrors: (error, _request, reply) => refuse(reply.headers(SECURITY_HEADERS), problemOf(error)),
    schemaErrorFormatter: (errors, part) =>
      requestError(errors as readonly SchemaError[], part === 'querystring' ? 'query' : part),
  });
  // A cross-site form can send other content types without a CORS preflight, but not JSON.
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients send a content type without a body.
    if (body === '') done(null, null);
    // Unlike no body, it is of the wrong type, and validation takes both for none.
    else if (body.trim() === 'null')
      done(new SoakError('USAGE', 'found the body null, expected a JSON object'));
    else parseJson(request, body, done);
  });
  // Response schemas only document. As serializers they would silently drop keys that a schema lacks.
  app.setSerializerCompiler(() => JSON.stringify);

  const gate = new Gate(() => service.access(), nowMs, rates);
  app.decorateRequest('by', '');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.url.length > MAX_URL) return refuse(reply, urlTooLong());
    const safe = request.method === 'GET' || request.method === 'HEAD';
    refuseOtherSites(safe, request.headers);
    const { requirement = 'read' } = request.routeOptions.config;
    if (requirement !== 'open' && gate.open) requireLoopbackName(request.headers.host);
    const { authorization } = request.headers;
    const admission = gate.admit({
      requirement,
      safe,
      address: request.socket.remoteAddress ?? '',
      authorization,
    });
    if ('refusal' in admission) {
      reply.headers(admission.headers);
      throw admission.refusal;
    }
    request.by = admission.by;
    return undefined;
  });

  const methods = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.requirement === undefined) throw new TypeError(`route ${url} has no requirement`);
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const stack = error instanceof Error ? { stack: error.stack } : {};
      const facts = { method: request.method, path: pathOf(request), err: messageOf(error), ...stack };
      service.log.error(facts, 'request failed');
    }
    return refuse(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const known = methodsOf(methods, pathOf(request));
    if (known !== undefined) reply.header('allow', known.join(', '));
    return refuse(reply, notServed(request, known));
  });

  documentRoutes(app);
  app.register(async (routes) => {
    addServiceRoutes(routes, service, new Scrapes(() => service.scrape(), nowMs, rates.scrapes));
    addRunRoutes(routes, service);
    addHistoryRoutes(routes, service);
    addStreamRoutes(routes, service);
    addDocumentation(routes);
  });
  return app;
}

/** Returns the methods of a path; a fixed route goes before one with a parameter, as in the router. */
function methodsOf(
  routes: ReadonlyMap<string, readonly string[]>,
  path: string,
): readonly string[] | undefined {
  const steps = path.split('/');
  const matches = (url: string): boolean => {
    const own = url.split('/');
    return (
      own.length === steps.length && own.every((s, i) => s === steps[i] || (s[0] === ':' && steps[i] !== ''))
    );
  };
  return routes.get(path) ?? [...routes].find(([url]) => url.includes('/:') && matches(url))?.[1];
}

/** Returns the URL without its query, since a client may have put a token there. */
function pathOf(request: FastifyRequest): string {
  return request.url.replace(/\?.*$/s, '');
}

function urlTooLong(): Problem {
  const error = new SoakError('USAGE', `the URL is longer than ${MAX_URL} characters`);
  return { ...problemOf(error), status: 414 };
}

function notServed(request: FastifyRequest, known: readonly string[] | undefined): Problem {
  const place = `${request.method} ${pathOf(request).slice(0, 200)}`;
  const problem = { type: 'about:blank', code: 'USAGE' } as const;
  return known === undefined
    ? {
        ...problem,
        title: 'not found',
        status: 404,
        detail: `${place} does not exist; GET /api/v1/docs lists all routes`,
      }
    : {
        ...problem,
        title: 'method not allowed',
        status: 405,
        detail: `${place} is not allowed; use ${known.join(', ')}`,
      };
}
