import type { FastifyInstance } from 'fastify';
import { prefersGzip } from './accept-encoding.ts';
import type { AppService } from './app-service.ts';
import { Compressed } from './compressed.ts';
import { operation } from './operation.ts';
import { statusPage } from './page.ts';
import { NOTHING } from './schema/requests.ts';
import type { Scraped, Scrapes } from './scrapes.ts';
import { statusView } from './views.ts';

/** How soakd is, for people, for Prometheus, for whoever keeps it running. */
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
      summary: 'The status as a page',
      answer: { description: 'A page without scripts that draws itself anew.', type: 'text/html' },
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
      summary: 'State, the present run, the summary of the last one',
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
      summary: 'Metrics, for Prometheus',
      description: 'With `serve.metrics: open` it needs no token.',
      answer: { description: 'The text format of Prometheus.' },
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
      summary: 'Whether it is alive',
      answer: { description: 'It is.' },
    }),
    (_request, reply) => reply.type('text/plain').send('soakd is healthy\n'),
  );
  app.get(
    '/-/ready',
    operation({
      id: 'ready',
      tag: 'service',
      requirement: 'open',
      summary: 'Whether it can start runs',
      answer: { description: 'It can.' },
      others: {
        503: {
          description: 'It is shutting down.',
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
      summary: 'Reads the configuration again',
      description: 'As SIGHUP does. Of a bad one every mistake is told, and nothing changes.',
      body: NOTHING,
      answer: { description: 'What it came to.', schema: 'Reload' },
      errors: ['CONFIG_INVALID', 'CONFIG_UNREADABLE', 'SECRET_MISSING', 'TARGET_NOT_ALLOWED'],
    }),
    (request) => service.reload(request.by),
  );
}
