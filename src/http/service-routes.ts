import type { FastifyInstance } from 'fastify';
import type { AppService } from './app-service.ts';
import { operation } from './operation.ts';
import { statusPage } from './page.ts';
import { NOTHING } from './schema/requests.ts';
import { PAGE_HEADERS } from './security-headers.ts';
import { statusView } from './views.ts';

/** Adds the routes for status and reload. */
export function addServiceRoutes(app: FastifyInstance, service: Pick<AppService, 'status' | 'reload'>): void {
  app.get(
    '/',
    operation({
      id: 'page',
      tag: 'status',
      requirement: 'read',
      summary: 'Shows the status as a page',
      answer: {
        description: 'A page that follows the run; without scripts it refreshes itself.',
        type: 'text/html',
      },
    }),
    (_request, reply) =>
      reply
        .headers(PAGE_HEADERS)
        .type('text/html; charset=utf-8')
        .send(statusPage(statusView(service.status()))),
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
