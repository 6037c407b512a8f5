import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { report } from '../schema/report.ts';
import { summary } from '../schema/summary.ts';
import { documentationPage, type OpenApi } from './documentation-page.ts';
import { operation } from './operation.ts';
import { namedIn, type Schema } from './schema/build.ts';
import { COMPARISON_SCHEMAS } from './schema/comparison.ts';
import { HISTORY_SCHEMAS } from './schema/history.ts';
import { PROBLEM } from './schema/problem.ts';
import { RUN_SCHEMAS } from './schema/run.ts';
import { STATUS_SCHEMAS } from './schema/status.ts';
import { STREAM_SCHEMAS } from './schema/streams.ts';

const INFO = {
  title: 'soakd',
  summary: 'HTTP API: watch and control soak tests.',
  description:
    'If the configuration has tokens (`serve.tokens`), send one with each request. Without tokens, soakd listens on ' +
    'loopback only and needs no authorization. A token with the role `metrics` opens /metrics alone; a token with the role ' +
    '`read` can read; a token with the role `operate` can also start, change and stop runs. Errors are problem details (RFC 9457) that list every mistake of a request.',
  // Version of this document and of the routes below /api/v1, not of soakd.
  version: '1',
} as const;

const TAGS = [
  { name: 'login', description: 'Sessions of browsers' },
  { name: 'runs', description: 'Runs: start, inspect and control' },
  { name: 'history', description: 'Runs that are kept: list, inspect, pin and delete' },
  { name: 'status', description: 'Status of runs and streams' },
  { name: 'service', description: 'Metrics, health checks and reload' },
  { name: 'documentation', description: 'API documentation' },
];

/** Documents every route that is added after this call, from the schemas that validate its requests. */
export function documentRoutes(app: FastifyInstance): void {
  for (const schema of [
    PROBLEM,
    ...RUN_SCHEMAS,
    ...namedIn(summary),
    ...HISTORY_SCHEMAS,
    ...namedIn(report),
    ...COMPARISON_SCHEMAS,
    ...STATUS_SCHEMAS,
    ...STREAM_SCHEMAS,
  ])
    app.addSchema(schema);
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      tags: TAGS,
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'a token of serve.tokens' },
          basic: {
            type: 'http',
            scheme: 'basic',
            description: 'any user name, the token as the password; read-only routes only',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'soakd',
            description:
              'set by POST /login; requests that change something need the header X-Soakd-CSRF: 1 and an Origin or ' +
              'Sec-Fetch-Site header of this soakd. The name ends in -PORT if the Host header has a port',
          },
        },
      },
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema${i}`) },
    transformObject: (document) => {
      const openapi = 'openapiObject' in document ? document.openapiObject : document.swaggerObject;
      for (const path of Object.values(openapi.paths ?? {})) {
        for (const { requestBody } of Object.values(path as Record<string, { requestBody?: RequestBody }>)) {
          if (requestBody !== undefined) markOptional(requestBody);
        }
      }
      return openapi;
    },
  });
}

interface RequestBody {
  required?: boolean;
  readonly content: Readonly<Record<string, { schema: Schema }>>;
}

/** Marks an optional body as OpenAPI does. The request schemas accept null for it. */
function markOptional(body: RequestBody): void {
  for (const media of Object.values(body.content)) {
    const { type } = media.schema;
    if (!Array.isArray(type)) continue;
    body.required = false;
    media.schema = { ...media.schema, type: 'object' };
  }
}

/** Adds the routes of the OpenAPI document and of its page. */
export function addDocumentation(app: FastifyInstance): void {
  let json: string | undefined;
  let page: string | undefined;
  app.get(
    '/api/v1/openapi.json',
    operation({
      id: 'openapi',
      tag: 'documentation',
      requirement: 'read',
      summary: 'Returns the OpenAPI 3.1 document of this API',
      answer: { description: 'The document.', schema: { type: 'object', description: 'OpenAPI 3.1' } },
    }),
    (_request, reply) => {
      json ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(json);
    },
  );
  app.get(
    '/api/v1/docs',
    operation({
      id: 'docs',
      tag: 'documentation',
      requirement: 'read',
      summary: 'Shows this API as a page',
      answer: { description: 'A page without scripts.', type: 'text/html' },
    }),
    (_request, reply) => {
      page ??= documentationPage(app.swagger() as unknown as OpenApi);
      return reply.type('text/html; charset=utf-8').send(page);
    },
  );
  app.get(
    '/docs',
    operation({
      id: 'docsElsewhere',
      tag: 'documentation',
      requirement: 'read',
      summary: 'Redirects to the API page',
      answer: {
        status: 302,
        none: true,
        description: 'A redirect to /api/v1/docs.',
        headers: { location: { type: 'string' } },
      },
    }),
    (_request, reply) => reply.redirect('/api/v1/docs'),
  );
}
