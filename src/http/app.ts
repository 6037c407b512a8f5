import type { Server } from 'node:http';
import Fastify, {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { messageOf, SoakError } from '../core/errors.ts';
import type { AppService } from './app-service.ts';
import { addAssetRoutes } from './assets.ts';
import { addConfigurationRoutes } from './configuration-routes.ts';
import { addDocumentation, documentRoutes } from './documentation.ts';
import { addEventRoutes } from './event-routes.ts';
import { Gate, RATES, type Rates } from './gate.ts';
import { addHistoryRoutes } from './history-routes.ts';
import { isNavigation, safePath } from './login/browser.ts';
import { loginNeededPage } from './login/page.ts';
import { addLoginRoutes } from './login/routes.ts';
import { addMonitoringRoutes } from './monitoring-routes.ts';
import { refuseOtherSites, requireLoopbackName } from './other-sites.ts';
import { type Problem, problemOf } from './problem.ts';
import { RefusalLog } from './refusal-log.ts';
import { refuse } from './refuse.ts';
import { refuseBytes } from './refuse-bytes.ts';
import { addReportRoutes } from './report-route.ts';
import { RouteMethods } from './route-methods.ts';
import { addRunRoutes } from './run-routes.ts';
import { Scrapes } from './scrapes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { MAX_CONNECTIONS, MAX_URL, SERVER_OPTIONS, serverFactory } from './server.ts';
import { addServiceRoutes } from './service-routes.ts';
import { addStreamRoutes } from './stream-routes.ts';
import { requestError, type SchemaError } from './validation.ts';

export interface AppOptions {
  /** Monotonic, ms. */
  readonly nowMs?: () => number;
  readonly rates?: Rates;
  /** Connections at most, asked for each new one; default `MAX_CONNECTIONS`. */
  readonly connections?: () => number;
  /** Overrides of `SERVER_OPTIONS`. */
  readonly server?: Partial<FastifyHttpOptions<Server>>;
  /** Whether it has only the routes of a listener for metrics and health. */
  readonly monitoringOnly?: boolean;
}

/** Builds an app with its routes; does not listen. */
export function buildApp(
  service: AppService,
  {
    nowMs = () => performance.now(),
    rates = RATES,
    connections = () => MAX_CONNECTIONS,
    server = {},
    monitoringOnly = false,
  }: AppOptions = {},
): FastifyInstance {
  const methods = new RouteMethods();
  const app = Fastify({
    ...SERVER_OPTIONS,
    ...server,
    serverFactory: serverFactory(methods, connections),
    clientErrorHandler: refuseBytes(methods),
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
  const refusals = new RefusalLog(service.log, nowMs);
  app.decorateRequest('by', '');
  app.decorateRequest('isValid', () => false);
  app.decorateRequest('role', 'operate');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.url.length > MAX_URL) return refuse(reply, urlTooLong());
    const safe = request.method === 'GET' || request.method === 'HEAD';
    refuseOtherSites(safe, request.headers);
    const { requirement = 'read' } = request.routeOptions.config;
    if (requirement !== 'open' && requirement !== 'assets' && gate.open)
      requireLoopbackName(request.headers.host);
    const admission = gate.admit({
      requirement,
      safe,
      address: request.socket.remoteAddress ?? '',
      headers: request.headers,
    });
    request.by = admission.by ?? '';
    request.isValid = gate.validity(admission);
    if ('holder' in admission && admission.holder !== undefined) request.role = admission.holder.role;
    if ('refusal' in admission) {
      reply.headers(admission.headers);
      throw admission.refusal;
    }
    // Before its body is read: of a request that no route takes, the body matters to nobody.
    if (request.is404) return refuseUnknown(request, reply);
    if (!safe) requireNoEncoding(request.headers['content-encoding']);
    return undefined;
  });

  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.requirement === undefined) throw new TypeError(`route ${url} has no requirement`);
    methods.add(url, [method].flat());
  });
  const logRefusal = (request: FastifyRequest, problem: Problem): void => {
    const { method, by, socket } = request;
    refusals.refused({ method, path: pathOf(request), by, address: socket.remoteAddress ?? '' }, problem);
  };
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const stack = error instanceof Error ? { stack: error.stack } : {};
      const facts = { method: request.method, path: pathOf(request), err: messageOf(error), ...stack };
      service.log.error(facts, 'request failed');
    }
    logRefusal(request, problem);
    const { method, headers } = request;
    const isLogin =
      problem.code === 'UNAUTHORIZED' && method === 'GET' && headers.authorization === undefined;
    if (!isLogin || !isNavigation(headers)) return refuse(reply, problem);
    return reply
      .status(401)
      .type('text/html; charset=utf-8')
      .send(loginNeededPage(safePath(request.url)));
  });
  const refuseUnknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const known = methods.of(pathOf(request));
    if (known !== undefined) reply.header('allow', known.join(', '));
    return refuse(reply, notServed(request, known, monitoringOnly));
  };
  app.setNotFoundHandler(refuseUnknown);

  const scrapes = new Scrapes(() => service.scrape(), nowMs, rates.scrapes);
  if (monitoringOnly) {
    addMonitoringRoutes(app, service, scrapes);
    return app;
  }
  documentRoutes(app);
  app.register(async (routes) => {
    addServiceRoutes(routes, service);
    addAssetRoutes(routes);
    addMonitoringRoutes(routes, service, scrapes);
    addRunRoutes(routes, service);
    addHistoryRoutes(routes, service);
    addReportRoutes(routes, service);
    addStreamRoutes(routes, service);
    addConfigurationRoutes(routes, service);
    addEventRoutes(routes, service, connections);
    addDocumentation(routes);
  });
  // In a scope of its own: no other route takes forms, which other sites can send.
  app.register(async (routes) => {
    addLoginRoutes(routes, {
      gate,
      log: service.log,
      refused: (request, error) => logRefusal(request, problemOf(error)),
    });
  });
  return app;
}

/** Returns the URL without its query, since a client may have put a token there. */
function pathOf(request: FastifyRequest): string {
  return request.url.replace(/\?.*$/s, '');
}

function urlTooLong(): Problem {
  const error = new SoakError('USAGE', `the URL is longer than ${MAX_URL} characters`);
  return { ...problemOf(error), status: 414 };
}

/** Requires a body that is not compressed. @throws an error with the status 415 */
function requireNoEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return;
  throw Object.assign(new Error('send the body without the header content-encoding, and not compressed'), {
    statusCode: 415,
  });
}

function notServed(
  request: FastifyRequest,
  known: readonly string[] | undefined,
  monitoringOnly: boolean,
): Problem {
  const place = `${request.method} ${pathOf(request).slice(0, 200)}`;
  const problem = { type: 'about:blank', code: 'USAGE' } as const;
  return known === undefined
    ? {
        ...problem,
        title: 'not found',
        status: 404,
        detail: monitoringOnly
          ? `${place} is not on this listener, which has /metrics, /-/healthy and /-/ready; use serve.port`
          : `${place} does not exist; GET /api/v1/docs lists all routes`,
      }
    : {
        ...problem,
        title: 'method not allowed',
        status: 405,
        detail: `${place} is not allowed; use ${known.join(', ')}`,
      };
}
