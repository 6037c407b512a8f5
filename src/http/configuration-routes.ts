import type { FastifyInstance } from 'fastify';
import type { AppService } from './app-service.ts';
import { Bounded } from './bounded.ts';
import { operation } from './operation.ts';
import { CHECK, CHECKED, type CheckBody, CONFIGURATION, THRESHOLDS_NOW } from './schema/live.ts';
import { viewOf } from './views.ts';

/** Checks at a time, of all clients, and those that wait: each has a thread of its own. */
const MAX_CHECKS = 1;
const MAX_WAITING = 5;

/** Adds the routes that show thresholds and the configuration, and the one that checks a text. */
export function addConfigurationRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'thresholds' | 'configuration' | 'checkConfiguration'>,
): void {
  const turns = new Bounded(MAX_CHECKS, MAX_WAITING, 'configurations are being checked');
  app.get(
    '/api/v1/thresholds',
    operation({
      id: 'thresholds',
      tag: 'status',
      requirement: 'read',
      summary: 'Returns the state of all thresholds, and the verdict so far',
      description: 'soakd evaluates thresholds every five seconds, over the windows of the alert rules.',
      answer: { description: 'The thresholds.', schema: THRESHOLDS_NOW },
    }),
    () => viewOf(service.thresholds()),
  );
  app.get(
    '/api/v1/configuration',
    operation({
      id: 'configuration',
      tag: 'service',
      requirement: 'read',
      summary: 'Returns the configuration that was read last, without secrets',
      answer: { description: 'The configuration.', schema: CONFIGURATION },
    }),
    () => viewOf(service.configuration()),
  );
  app.post<{ Body: CheckBody }>(
    '/api/v1/configuration/check',
    operation({
      id: 'checkConfiguration',
      tag: 'service',
      requirement: 'operate',
      summary: 'Checks the text of a configuration, and changes nothing',
      description:
        'Secrets and files that the text names are not read. soakd checks one text at a time; further requests wait, and more than ' +
        `${MAX_WAITING} of them are 429.`,
      body: CHECK,
      answer: { description: 'The issues, each with its line.', schema: CHECKED },
    }),
    (request) => turns.run(() => service.checkConfiguration(request.body.text)),
  );
}
