import type { FastifyInstance } from 'fastify';
import type { AppService } from './app-service.ts';
import { Compressed, prefersGzip } from './compressed.ts';
import { operation } from './operation.ts';
import type { Scraped, Scrapes } from './scrapes.ts';

/** Adds the routes for metrics and health checks: those of the listener of `serve.metrics.port`, and of the main one. */
export function addMonitoringRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'ready'>,
  scrapes: Pick<Scrapes, 'get'>,
): void {
  const compressed = new Compressed<Scraped>();
  app.get(
    '/metrics',
    operation({
      id: 'metrics',
      tag: 'service',
      requirement: 'metrics',
      summary: 'Returns metrics for Prometheus',
      description:
        'Needs no token with `serve.metrics: open`. Also on the listener of `serve.metrics.port`, if there is one.',
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
}
