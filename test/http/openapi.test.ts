import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ERRORS, type ErrorCode, SoakError } from '../../src/core/errors.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import type { AppService } from '../../src/http/app-service.ts';
import { FORMATS } from '../../src/http/schema/requests.ts';
import { viewOf } from '../../src/http/views.ts';
import {
  BODIES,
  BUSY,
  DRAINING,
  FAILED,
  GUARDED,
  IDLE,
  KEPT,
  keptHistory,
  OPEN,
  type Route,
  RUN,
  routesOf,
  stubApp,
  TOKENS,
  urlOf,
} from '../../support/http/stub.ts';
import { DRIFT, summaryOf } from '../../support/report/samples.ts';
import { finishedRun } from '../../support/run/samples.ts';

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content; readonly headers?: object }>
  >;
}
type Content = Readonly<
  Record<
    string,
    {
      readonly schema: object;
      readonly example?: unknown;
      readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
    }
  >
>;
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
  };
}

const DOCUMENT = (await stubApp().inject({ url: '/api/v1/openapi.json' })).json<Document>();
const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([url, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${url}`,
    method: method.toUpperCase() as Route['method'],
    url,
    operation,
  })),
);

/**
 * Checks values against schemas of the document, more strictly than it says: a key that it does not name is wrong. A
 * client may meet new keys; a key that soakd has must be in its own document.
 */
class Shapes {
  readonly #ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, ...FORMATS },
  });
  readonly #known = new Map<object, ValidateFunction>();

  constructor(document: Document) {
    this.#ajv.addVocabulary(['example', 'components']);
    this.#ajv.addSchema(closed({ $id: 'document', components: document.components }) as object);
  }

  /** @returns what is wrong with a value */
  faults(schema: object, value: unknown): string[] {
    let validate = this.#known.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(closed(schema) as object);
      this.#known.set(schema, validate);
    }
    validate(value);
    return (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  }
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] =>
    key === '$ref' ? [key, `document${String(value)}`] : [key, closed(value)],
  );
  const copy = Object.fromEntries(entries);
  const isObject = 'properties' in copy && copy.type === 'object';
  return isObject ? { additionalProperties: false, ...copy } : copy;
}

const SHAPES = new Shapes(DOCUMENT);

describe('the document', () => {
  it('is OpenAPI 3.1, as a validator sees it', async () => {
    assert.equal(DOCUMENT.openapi, '3.1.0');
    const { valid, errors } = await new Validator().validate(structuredClone(DOCUMENT) as never);
    assert.ok(valid, JSON.stringify(errors, undefined, 2));
  });

  it('would not be, with a slip in it', async () => {
    const broken = structuredClone(DOCUMENT) as unknown as {
      paths: Record<string, { get: { responses?: object } }>;
    };
    delete broken.paths['/api/v1/status']!.get.responses;
    broken.paths['/api/v1/status']!.get.responses = { ok: {} };
    assert.ok(!(await new Validator().validate(broken as never)).valid);
  });

  it('has every route of the app', async () => {
    const routes = (await routesOf(stubApp().app)).filter(({ method }) => method !== 'HEAD');
    assert.deepEqual(
      OPERATIONS.map(({ route }) => route).sort(),
      routes.map(({ method, url }) => `${method} ${url}`).sort(),
    );
  });

  it('names every operation once, and says of each who may', () => {
    const ids = OPERATIONS.map(({ operation }) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const { route, operation } of OPERATIONS) {
      const isLogin = /\/log(in|out)$/.test(route);
      const open =
        isLogin || route.includes('/assets/') || (route.includes('/-/') && route.startsWith('GET'));
      assert.equal(operation.security.length === 0, open, route);
      const isChange = !route.startsWith('GET') && !isLogin;
      assert.equal(JSON.stringify(operation.security).includes('operate'), isChange, route);
      const codes = Object.keys(operation.responses);
      for (const status of ['403', '429', '500']) assert.ok(codes.includes(status), `${route} ${status}`);
      assert.equal(codes.includes('401'), !open || route === 'POST /login', route);
    }
  });

  it('has examples that are right', () => {
    let count = 0;
    for (const [name, schema] of Object.entries(DOCUMENT.components.schemas)) {
      for (const example of schema.examples ?? []) {
        assert.deepEqual(SHAPES.faults(schema, example), [], name);
        count++;
      }
    }
    for (const { route, operation } of OPERATIONS) {
      const body = operation.requestBody?.content['application/json'];
      if (body === undefined) continue;
      const named = Object.values(body.examples ?? {}).map(({ value }) => value);
      const all = body.example === undefined ? named : [body.example, ...named];
      for (const example of all) assert.deepEqual(SHAPES.faults(body.schema, example), [], route);
      count += all.length;
      assert.equal(
        operation.requestBody!.required === true,
        route in BODIES,
        `${route}: whether it needs a body`,
      );
    }
    assert.ok(count >= 10, `only ${count} examples`);
  });

  it('has every calendar time as ISO 8601, and no monotonic one', () => {
    const times: string[] = [];
    const walk = (schema: unknown, where: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, inner] of Object.entries(schema)) {
        if (key === 'examples') continue;
        if (/^at$|At$/.test(key)) {
          times.push(where);
          assert.equal((inner as { format?: string }).format, 'date-time', `${where}.${key}`);
        }
        walk(inner, `${where}.${key}`);
      }
    };
    walk(DOCUMENT.components.schemas, 'schemas');
    assert.ok(times.length >= 9, `only ${times.length} times`);
    assert.doesNotMatch(JSON.stringify(DOCUMENT), /1970|startMs|monotonic/);
  });

  it('holds no secret and nothing of the configuration', async () => {
    const { inject } = stubApp({ access: () => GUARDED });
    const headers = { authorization: `Bearer ${TOKENS.read}` };
    for (const url of ['/api/v1/openapi.json', '/api/v1/docs'])
      assert.doesNotMatch((await inject({ url, headers })).body, /planted|prometheus"|demo-/);
  });
});

/** A run with all that can be in one. */
const VERDICT = {
  threshold: 'ttfb-p95',
  target: 'a',
  result: 'pass',
  observed: 812,
  limit: 2500,
  unit: 'ms',
  op: '>',
  count: 9,
  required: 1,
  crossed: [
    { fromAt: 1, toAt: 2, worst: 0.1 },
    { fromAt: 3, worst: 0.2 },
  ],
} as const;
const FINISHED = finishedRun({ verdicts: [VERDICT, { ...VERDICT, result: 'no-data' }] });
const SUMMARY = summaryOf({ verdicts: [VERDICT], events: RUN.events }, {}, {}, DRIFT);
const AT = '2026-01-01T00:00:00.000Z';
const FULL = {
  ...SUMMARY,
  usage: { ...SUMMARY.usage, cost: 1.5 },
  failures: [
    {
      target: 'a',
      outcome: 'truncated',
      count: 1,
      firstAt: AT,
      lastAt: null,
      examples: [{ ...FAILED, startedAt: AT }],
    },
  ],
} as const;

const ENDED = {
  ...KEPT,
  state: 'finished',
  verdict: 'pass',
  verdictReason: 'all hold',
  endReason: 'completed',
  endedAt: 1,
} as const;

const ACTIVE = keptHistory({ setup: SUMMARY.setup, summary: null });

const refusing = (code: ErrorCode, details: readonly string[] = []): Partial<AppService> => {
  const refuse = (): never => {
    throw new SoakError(code, 'what is wrong', details);
  };
  const history = {
    list: async () => refuse(),
    resolve: async () => refuse(),
    show: async () => refuse(),
    windows: async () => refuse(),
    change: async () => refuse(),
  };
  return {
    startRun: async () => refuse(),
    control: refuse,
    reload: async () => refuse(),
    checkConfiguration: async () => refuse(),
    history: () => history,
  };
};

const SERVICES: readonly [what: string, service: Partial<AppService>][] = [
  ['idle', {}],
  ['with a finished run', { history: () => keptHistory({ setup: SUMMARY.setup, summary: FULL }, ENDED) }],
  ['without a history', { history: () => undefined }],
  [
    'busy',
    { status: () => ({ ...BUSY, last: FULL }), openStreams: async () => [OPEN], failures: () => [FAILED] },
  ],
  [
    'draining',
    { status: () => ({ ...IDLE, state: 'draining', run: { ...DRAINING, progress: BUSY.run!.progress } }) },
  ],
  ['finished', { startRun: async () => FINISHED, control: () => FINISHED }],
  ['shutting down', { ready: () => false }],
  ['broken', { scrape: () => Promise.reject(new Error('broken')) }],
  ...(Object.keys(ERRORS) as ErrorCode[])
    .filter((code) => !['UNAUTHORIZED', 'FORBIDDEN', 'TOO_MANY_REQUESTS', 'OTHER_SITE'].includes(code))
    .map((code): [string, Partial<AppService>] => [code, refusing(code, ['one', 'two'])]),
];

/** Sent to each operation. */
const REQUESTS: readonly [
  what: string,
  headers: Record<string, string>,
  change: (body?: object) => object | undefined,
][] = [
  ['a good request', {}, (body) => body],
  ['a bad body', {}, () => ({ nonsense: 1 })],
  ['an unchanged response', { 'if-none-match': '*' }, (body) => body],
  ['a request from another site', { 'sec-fetch-site': 'cross-site' }, (body) => body],
  ['a wrong token', { authorization: 'Bearer wrong' }, (body) => body],
  ['a token to read', { authorization: `Bearer ${TOKENS.read}` }, (body) => body],
];

/** Made once: an app compiles its schemas. */
const APPS = SERVICES.map(
  ([what, overrides]) => [what, { history: () => ACTIVE, ...overrides }] as const,
).map(
  ([what, service]) =>
    [what, { open: stubApp(service), guarded: stubApp({ ...service, access: () => GUARDED }) }] as const,
);

describe('answers have the documented shape', () => {
  const seen = new Set<string>();
  for (const { route, method, url, operation } of OPERATIONS) {
    it(route, async () => {
      for (const [state, { open, guarded }] of APPS) {
        for (const [what, headers, change] of REQUESTS) {
          const payload = change(BODIES[route]);
          const reply = await ('authorization' in headers ? guarded : open).inject({
            method,
            url: urlOf(url),
            headers,
            ...(payload === undefined || method === 'GET' ? {} : { payload }),
          });
          const at = `${route} ${reply.statusCode}: ${state}, ${what}`;
          const documented = operation.responses[reply.statusCode];
          const type = String(reply.headers['content-type'] ?? '').replace(/;.*/, '');
          if (documented === undefined) {
            // A code that this operation never throws.
            assert.ok(state in ERRORS, `${at} is not documented`);
            continue;
          }
          seen.add(`${route} ${reply.statusCode}`);
          for (const header of Object.keys(documented.headers ?? {})) assert.ok(header in reply.headers, at);
          if (documented.content === undefined) {
            assert.equal(reply.body, '', at);
            continue;
          }
          const media = documented.content[type];
          assert.ok(media !== undefined, `${at} is of type ${type}`);
          if (type.endsWith('json')) assert.deepEqual(SHAPES.faults(media.schema, reply.json()), [], at);
        }
      }
    });
  }

  it('but for those that need a flood or another id, every documented status was seen', () => {
    const documented = OPERATIONS.flatMap(({ route, operation }) =>
      Object.keys(operation.responses).map((status) => `${route} ${status}`),
    );
    const unseen = documented.filter(
      (response) =>
        !seen.has(response) &&
        !/ (405|408|413|414|415|417|429|431)$/.test(response) &&
        !/^GET .* (400|500)$/.test(response) &&
        // assets.test.ts, events.test.ts and login.test.ts see these.
        !/^GET \/assets\/.* 404$/.test(response) &&
        !/^GET \/api\/v1\/events 503$/.test(response) &&
        !/^POST \/log(in|out) (400|401|500)$/.test(response),
    );
    assert.deepEqual(unseen, []);
  });

  it('every outcome that there is may be asked for', async () => {
    for (const outcome of OUTCOMES) {
      const reply = await stubApp().inject({ url: `/api/v1/failures?outcome=${outcome}` });
      assert.equal(reply.statusCode, 200);
    }
  });
});

describe('the check of shapes', () => {
  const shape = DOCUMENT.components.schemas.Run!;
  it('finds a key too many, one too few and one of the wrong type', () => {
    const run = viewOf(RUN);
    assert.deepEqual(SHAPES.faults(shape, run), []);
    assert.equal(SHAPES.faults(shape, { ...run, odd: 1 }).length, 1);
    assert.equal(SHAPES.faults(shape, { ...run, events: [{ ...run.events[0], odd: 1 }] }).length, 1);
    assert.equal(SHAPES.faults(shape, { ...run, id: undefined }).length, 1);
    assert.equal(SHAPES.faults(shape, { ...run, stages: '3' }).length, 1);
    assert.equal(SHAPES.faults(shape, { ...run, startedAt: 0 }).length, 1);
    assert.equal(SHAPES.faults(shape, { ...run, startedAt: 'today' }).length, 1);
  });
});

describe('the page of the document', () => {
  it('shows every operation and every object, and runs nothing', async () => {
    const html = (await stubApp().inject({ url: '/api/v1/docs' })).body;
    for (const { method, url, operation } of OPERATIONS) {
      assert.ok(html.includes(`<code>${method} ${url}</code>`), url);
      assert.ok(html.includes(`id="${operation.operationId}"`));
    }
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]!);
    assert.equal(new Set(ids).size, ids.length, 'an id twice');
    for (const [, name] of html.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(name!), name);
    for (const name of Object.keys(DOCUMENT.components.schemas)) assert.ok(ids.includes(name), name);
    assert.doesNotMatch(html, /<script|<img|<link|src=|https?:|undefined|\[object/);
  });
});
