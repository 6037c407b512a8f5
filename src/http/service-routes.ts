import type { FastifyInstance } from 'fastify';
import { prefersGzip } from './accept-encoding.ts';
import type { AppService } from './app-service.ts';
import { Compressed } from './compressed.ts';
import { operation } from './operation.ts';
import { statusPage } from './page.ts';
import { NOTHING } from './schema/requests.ts';
import type { Scraped, Scrapes } from './scrapes.ts';
import { statusView } from './views.ts';

/** Adds the routes for status, metrics, health checks and reload. */
export function addServiceRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'status' | 'ready' | 'reload'>,
  scrapes: Pick<Scrapes, 'get'>,
): void {
  const compressed = new Compressed<Scraped>();
  app.get(
    '/',
    operation({
      id: 'page',
      tag: 'status',
      requirement: 'read',
      summary: 'Shows the status as a page',
      answer: { description: 'A page without scripts that refreshes itself.', type: 'text/html' },
    }),
    (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(statusPage(statusView(service.status()))),
  );
  app.get(
    '/api/v1/status',
    operation({
      id: 'status',
      tag: 'status',
      requirement: 'read',
      summary: 'Returns the state, the current run and the summary of the previous run',
      answer: { description: 'The status.', schema: 'Status' },
    }),
    () => statusView(service.status()),
  );
  app.get(
    '/metrics',
    operation({
      id: 'metrics',
      tag: 'service',
      requirement: 'metrics',
      summary: 'Returns metrics for Prometheus',
      description: 'Needs no token with `serve.metrics: open`.',
      answer: { description: 'Metrics in the Prometheus text format.' },
    }),
    async (request, reply) => {
      const scraped = await scrapes.get();
      reply.type(scraped.contentType).header('vary', 'Accept-Encoding');
      if (!prefersGzip(request.headers['accept-encoding'])) return reply.send(scraped.text);
      return reply.header('content-encoding', 'gzip').send(await compressed.of(scraped));
    },
  );
  app.get(
    '/-/healthy',
    operation({
      id: 'healthy',
      tag: 'service',
      requirement: 'open',
      summary: 'Liveness check',
      answer: { description: 'soakd is alive.' },
    }),
    (_request, reply) => reply.type('text/plain').send('soakd is healthy\n'),
  );
  app.get(
    '/-/ready',
    operation({
      id: 'ready',
      tag: 'service',
      requirement: 'open',
      summary: 'Readiness check',
      answer: { description: 'soakd can start runs.' },
      others: {
        503: {
          description: 'soakd is shutting down.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
      },
    }),
    (_request, reply) =>
      service.ready()
        ? reply.type('text/plain').send('soakd is ready\n')
        : reply.status(503).type('text/plain').send('soakd is shutting down\n'),
  );
  app.post(
    '/-/reload',
    operation({
      id: 'reload',
      tag: 'service',
      requirement: 'operate',
      summary: 'Reloads the configuration',
      description:
        'Same as SIGHUP. An invalid configuration changes nothing; the response lists every issue.',
      body: NOTHING,
      answer: { description: 'The changes of the reload.', schema: 'Reload' },
      errors: ['CONFIG_INVALID', 'CONFIG_UNREADABLE', 'SECRET_MISSING', 'TARGET_NOT_ALLOWED'],
    }),
    (request) => service.reload(request.by),
  );
}
