import type { FastifySchema } from 'fastify';
import type { Role } from '../core/access.ts';
import type { ErrorCode } from '../core/errors.ts';
import { FREE, type Requirement } from './gate.ts';
import { ref, type Schema } from './schema/build.ts';
import { problemResponse, problemResponses } from './schema/problem.ts';
import { MAX_URL } from './server.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Authorization that the route requires. */
    requirement?: Requirement;
  }
  interface FastifyRequest {
    /** Caller: the name of a token, or `local`. */
    by: string;
    /** Whether the token or the session of the request is still valid: a stream can outlive it. */
    isValid: () => boolean;
    /** Role of the caller; `operate` where no tokens are configured. */
    role: Role;
  }
}

type Tag = 'login' | 'runs' | 'history' | 'status' | 'service' | 'documentation';

export interface Operation {
  /** Name for generated clients. */
  readonly id: string;
  readonly tag: Tag;
  readonly requirement: Requirement;
  readonly summary: string;
  readonly description?: string;
  readonly body?: Schema;
  /** Content types of the body; default JSON. */
  readonly consumes?: readonly string[];
  readonly query?: Schema;
  /** Parameters in the path. */
  readonly params?: Schema;
  /**
   * Successful response: `schema` for JSON, `type` for another content type, `media` for several of them, `none` for no body.
   */
  readonly answer: {
    readonly status?: number;
    readonly description: string;
    readonly schema?: string | Schema;
    readonly type?: string;
    readonly media?: Readonly<Record<string, string | Schema>>;
    readonly none?: true;
    readonly headers?: Readonly<Record<string, Schema>>;
  };
  /** Errors besides those of every operation. */
  readonly errors?: readonly ErrorCode[];
  readonly others?: Readonly<Record<string, Schema>>;
}

/** Refusals of requests that reach no route. */
const ANY_REQUEST = {
  408: problemResponse('`USAGE`: the request is not complete within its timeout'),
  414: problemResponse(`\`USAGE\`: the URL is longer than ${MAX_URL} characters`),
  417: problemResponse('`USAGE`: the Expect header is not 100-continue'),
  431: problemResponse('`USAGE`: the headers are larger than 16 KiB'),
};

const REQUESTS_WITH_BODY = {
  413: problemResponse('`USAGE`: the body is larger than 64 KiB'),
  415: problemResponse('`USAGE`: the content type is not application/json, or the body is compressed'),
};

/** Returns the route options of an operation: the same schemas validate its requests and document it. */
export function operation(of: Operation): { config: { requirement: Requirement }; schema: FastifySchema } {
  const { answer, requirement } = of;
  const { schema } = answer;
  const schemaOf = (one: string | Schema): Schema => (typeof one === 'string' ? ref(one) : one);
  const media =
    answer.media !== undefined
      ? Object.fromEntries(
          Object.entries(answer.media).map(([type, one]) => [type, { schema: schemaOf(one) }]),
        )
      : schema === undefined
        ? { [answer.type ?? 'text/plain']: { schema: { type: 'string' } } }
        : { 'application/json': { schema: schemaOf(schema) } };
  const errors: ErrorCode[] = [
    'USAGE',
    'OTHER_SITE',
    ...(FREE.has(requirement) ? [] : (['UNAUTHORIZED'] as const)),
    ...(requirement === 'operate' ? (['FORBIDDEN'] as const) : []),
    'TOO_MANY_REQUESTS',
    'INTERNAL',
    ...(of.errors ?? []),
  ];
  const documented = {
    operationId: of.id,
    tags: [of.tag],
    summary: of.summary,
    description: of.description,
    security: securityOf(requirement),
    // Fastify warns of a key that is there without a schema.
    ...(of.body && { body: of.body }),
    ...(of.consumes && { consumes: of.consumes }),
    ...(of.query && { querystring: of.query }),
    ...(of.params && { params: of.params }),
    response: {
      [answer.status ?? 200]: {
        description: answer.description,
        headers: answer.headers,
        ...(answer.none === true ? { type: 'null' } : { content: media }),
      },
      ...problemResponses(errors),
      ...ANY_REQUEST,
      // Routes that change something read a body even where they need none.
      ...(requirement === 'operate' || of.consumes !== undefined ? REQUESTS_WITH_BODY : {}),
      ...of.others,
    },
  };
  return { config: { requirement }, schema: documented };
}

/** Returns the required roles in the form of OpenAPI 3.1. Basic is for browsers and allowed on read-only routes only. */
function securityOf(requirement: Requirement): Record<string, string[]>[] {
  if (FREE.has(requirement)) return [];
  if (requirement === 'metrics') return [{ bearer: ['metrics'] }, { basic: ['metrics'] }];
  if (requirement === 'operate') return [{ bearer: ['operate'] }, { session: ['operate'] }];
  return [{ bearer: ['read'] }, { basic: ['read'] }, { session: ['read'] }];
}
