import type { FastifyInstance } from 'fastify';
import type { AppService } from './app-service.ts';
import { operation } from './operation.ts';
import { list, object, ref } from './schema/build.ts';
import { FAILURE_QUERY, type FailureKinds, OPEN_QUERY, type OpenQuery } from './schema/requests.ts';
import { viewOf } from './views.ts';

const LIMIT = 50;

/** Adds the routes that list open streams and failed streams. */
export function addStreamRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'openStreams' | 'failures'>,
): void {
  app.get<{ Querystring: OpenQuery }>(
    '/api/v1/streams',
    operation({
      id: 'openStreams',
      tag: 'status',
      requirement: 'read',
      summary: 'Lists open streams, longest silence first',
      query: OPEN_QUERY,
      answer: {
        description: 'The streams, without their content.',
        schema: object('Open streams.', { streams: list(ref('OpenStream'), 'longest silence first') }),
      },
    }),
    async (request) => {
      const { state, target, limit } = request.query;
      const streams = await service.openStreams({
        stalledOnly: state === 'stalled',
        target,
        limit: Number(limit ?? LIMIT),
      });
      return { streams };
    },
  );
  app.get<{ Querystring: FailureKinds }>(
    '/api/v1/failures',
    operation({
      id: 'failedStreams',
      tag: 'status',
      requirement: 'read',
      summary: 'Lists the latest failed streams, newest first',
      description: 'soakd keeps the latest 20 of each target and outcome.',
      query: FAILURE_QUERY,
      answer: {
        description: 'The streams.',
        schema: object('Failed streams.', { failures: list(ref('StreamResult'), 'newest first') }),
      },
    }),
    (request) => {
      const { target, outcome, limit } = request.query;
      const failures = service.failures({
        target,
        outcome,
        limit: Number(limit ?? LIMIT),
      });
      return viewOf({ failures });
    },
  );
}
