import type { FastifyInstance } from 'fastify';
import { OUTCOMES } from '../core/outcome.ts';
import type { AppService } from './app-service.ts';

const LIMIT = 50;
const NAME = { type: 'string', minLength: 1, maxLength: 100 } as const;
/** Of a query every value is text. */
const COUNT = { type: 'string', pattern: '^([1-9]\\d{0,2}|1000)$' } as const;

const OPEN_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { state: { enum: ['open', 'stalled'] }, target: NAME, limit: COUNT },
} as const;

const FAILURE_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { target: NAME, outcome: { enum: OUTCOMES }, limit: COUNT },
} as const;

interface Query {
  readonly state?: 'open' | 'stalled';
  readonly target?: string;
  readonly outcome?: string;
  readonly limit?: string;
}

/** Single streams: those that are open, and those that failed. */
export function addStreamRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'openStreams' | 'failures'>,
): void {
  app.get<{ Querystring: Query }>(
    '/api/v1/streams',
    { schema: { querystring: OPEN_QUERY } },
    async (request) => {
      const { state, target, limit } = request.query;
      const streams = await service.openStreams({
        stalledOnly: state === 'stalled',
        ...(target === undefined ? {} : { target }),
        limit: Number(limit ?? LIMIT),
      });
      return { streams };
    },
  );
  app.get<{ Querystring: Query }>(
    '/api/v1/failures',
    { schema: { querystring: FAILURE_QUERY } },
    (request) => {
      const { target, outcome, limit } = request.query;
      const failures = service.failures({
        ...(target === undefined ? {} : { target }),
        ...(outcome === undefined ? {} : { outcome }),
        limit: Number(limit ?? LIMIT),
      });
      return { failures };
    },
  );
}
