import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { SoakError } from '../core/errors.ts';
import type { AppService } from './app-service.ts';
import { statusPage } from './page.ts';
import { PROBLEM_TYPE, type Problem, problemOf } from './problem.ts';
import { addStreamRoutes } from './streams.ts';

const BODY_LIMIT = 65_536;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const RUN_REQUEST = {
  type: 'object',
  required: ['scenario'],
  additionalProperties: false,
  properties: { scenario: { type: 'string', minLength: 1, maxLength: 200 } },
} as const;

/** The routes, apart from listening. */
export function buildApp(service: AppService): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    // Closing must not wait for a browser that keeps its connection.
    forceCloseConnections: true,
    // By default a wrong type is made to fit and an unknown key is dropped in silence.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true } },
    // An address that cannot be read comes to no hook and no handler of the app.
    frameworkErrors: (error, _request, reply) => refuse(reply.headers(SECURITY_HEADERS), problemOf(error)),
  });
  // A form on another site can send this type without asking first; JSON it cannot.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseOtherSites(request.headers);
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      service.log.error({ url: request.url, error: text }, 'a request failed');
    }
    return refuse(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    refuse(reply, {
      type: 'about:blank',
      title: 'there is no such page',
      status: 404,
      detail: `${request.method} ${request.url.slice(0, 200)} is not served; / links to what is`,
      code: 'USAGE',
    }),
  );

  app.get('/', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(statusPage(service.status())),
  );
  app.get('/metrics', async (_request, reply) => {
    const { text, contentType } = await service.scrape();
    return reply.type(contentType).send(text);
  });
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain').send('soakd is healthy\n'));
  app.get('/-/ready', (_request, reply) =>
    service.ready()
      ? reply.type('text/plain').send('soakd is ready\n')
      : reply.status(503).type('text/plain').send('soakd is shutting down\n'),
  );
  app.get('/api/v1/status', () => service.status());
  addStreamRoutes(app, service);
  app.post<{ Body: { scenario: string } }>(
    '/api/v1/runs',
    { schema: { body: RUN_REQUEST } },
    async (request, reply) => {
      const run = await service.startRun(request.body.scenario, 'local');
      return reply.status(201).header('location', '/api/v1/status').send(run);
    },
  );
  app.post('/api/v1/runs/current/stop', (_request, reply) => reply.status(202).send(service.control({ action: 'stop' }, 'local')));
  return app;
}

function refuse(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.status(problem.status).type(PROBLEM_TYPE).send(problem);
}

/** A page of another site must not start load. Browsers say where a request comes from; other clients need not. */
function refuseOtherSites(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const foreign = typeof origin === 'string' && hostOf(origin) !== host;
  if (foreign || site === 'cross-site' || site === 'same-site') {
    throw new SoakError('USAGE', 'a page of another site may not change what soakd does');
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
