import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Control } from '../../src/core/control.ts';
import { ERRORS, type ErrorCode, SoakError } from '../../src/core/errors.ts';
import type { Overrides } from '../../src/core/overrides.ts';
import type { Run } from '../../src/core/run.ts';
import { START } from '../../src/http/schema/requests.ts';
import type { Status } from '../../src/http/status.ts';
import { statusView, viewOf } from '../../src/http/views.ts';
import { BUSY, RUN, stubApp } from '../../support/http/stub.ts';
import { summaryOf } from '../../support/report/samples.ts';

/** Of requests that are to change nothing: what it writes down stays empty. */
const IDLE_APP = stubApp();

type Reply = Awaited<ReturnType<ReturnType<typeof stubApp>['inject']>>;

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'PROPFIND' | 'TRACE';

const CURRENT = '/api/v1/runs/current';
const JSON_TYPE = { 'content-type': 'application/json' };

/** A start of a run, as a client would ask for it. */
const start = (payload: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: '/api/v1/runs',
  headers: { ...JSON_TYPE, ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
});

function assertProblem(reply: Reply, status: number, code: ErrorCode): Record<string, unknown> {
  assert.equal(reply.statusCode, status, reply.body);
  assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
  const problem = reply.json<Record<string, unknown>>();
  const { type, title, detail } = problem;
  assert.deepEqual(
    { type, status: problem.status, code: problem.code },
    { type: 'about:blank', status, code },
  );
  assert.ok(typeof title === 'string' && title !== '' && typeof detail === 'string' && detail !== '');
  assert.doesNotMatch(reply.body, /node:|node_modules|\.ts:\d|at \w+ \(/, 'a stack trace');
  return problem;
}

/** Without keys that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('routes', () => {
  const table: readonly [url: string, type: RegExp, body: RegExp][] = [
    ['/', /^text\/html; charset=utf-8$/, /<h1>soakd/],
    ['/metrics', /^text\/plain; version=0\.0\.4; charset=utf-8$/, /^soak_up 1\n$/],
    ['/-/healthy', /^text\/plain/, /healthy/],
    ['/-/ready', /^text\/plain/, /ready/],
    ['/api/v1/status', /^application\/json/, /"state":"idle"/],
    ['/api/v1/streams', /^application\/json/, /^\{"streams":\[\]\}$/],
    ['/api/v1/failures', /^application\/json/, /^\{"failures":\[\]\}$/],
  ];
  for (const [url, type, body] of table) {
    it(`GET ${url} answers, HEAD without a body`, async () => {
      const { inject } = IDLE_APP;
      const reply = await inject({ url });
      assert.equal(reply.statusCode, 200);
      assert.match(String(reply.headers['content-type']), type);
      assert.match(reply.body, body);
      const head = await inject({ method: 'HEAD', url });
      assert.deepEqual([head.statusCode, head.body], [200, '']);
    });
  }

  it('GET /api/v1/status is the status, its times as strings', async () => {
    const status: Status = { ...BUSY, last: summaryOf() };
    const reply = await stubApp({ status: () => status }).inject({ url: '/api/v1/status' });
    assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(statusView(status))));
    assert.equal(reply.json().run.startedAt, '1970-01-01T00:00:00.000Z');
  });

  it('GET /-/ready is 503 while it shuts down; it stays healthy', async () => {
    const { inject } = stubApp({ ready: () => false });
    assert.equal((await inject({ url: '/-/ready' })).statusCode, 503);
    assert.equal((await inject({ url: '/-/healthy' })).statusCode, 200);
  });

  it('POST /api/v1/runs starts a run and says where to look', async () => {
    const { inject, started } = stubApp();
    const reply = await inject(start({ scenario: 'demo' }));
    assert.equal(reply.statusCode, 201);
    assert.equal(reply.headers.location, CURRENT);
    assert.deepEqual(reply.json(), viewOf({ ...RUN, scenario: 'demo' }));
    assert.deepEqual(plain(started), [{ scenario: 'demo', by: 'local', overrides: {} }]);
  });

  const overridden: readonly [body: object, overrides: Overrides][] = [
    [{ users: 50 }, { users: 50 }],
    [{ rate: 0.5 }, { rate: 0.5 }],
    [{ for: '1m' }, { forMs: 60_000 }],
    // Longer than a timer of Node: limits.maxDuration is what bounds a run.
    [{ for: '30d' }, { forMs: 30 * 86_400_000 }],
    [{ ramp: '10s' }, { rampMs: 10_000 }],
    [{ warmUp: '10s' }, { warmUpMs: 10_000 }],
    [{ warmUp: '0s' }, { warmUpMs: 0 }],
    [{ seed: 0 }, { seed: 0 }],
    [{ maxStreams: 1000 }, { maxStreams: 1000 }],
    [
      { users: 50, for: '1m', warmUp: '10s', seed: 7, maxStreams: 1000 },
      { users: 50, forMs: 60_000, warmUpMs: 10_000, seed: 7, maxStreams: 1000 },
    ],
  ];
  for (const [body, overrides] of overridden) {
    it(`POST /api/v1/runs with ${JSON.stringify(body)} changes the scenario for this run`, async () => {
      const { inject, started } = stubApp();
      const reply = await inject(start({ scenario: 'demo', ...body }));
      assert.equal(reply.statusCode, 201, reply.body);
      assert.deepEqual(plain(started), [{ scenario: 'demo', by: 'local', overrides }]);
    });
  }

  it(`GET ${CURRENT} is the run with its progress, or 404`, async () => {
    const reply = await stubApp({ status: () => BUSY }).inject({ url: CURRENT });
    assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(viewOf(BUSY.run))));
    assert.equal('startMs' in reply.json(), false, 'a monotonic time');
    assert.equal(reply.json().plannedEndAt, '1970-01-01T00:01:00.000Z');
    assertProblem(await IDLE_APP.inject({ url: CURRENT }), 404, 'NO_RUN');
  });

  const controls: readonly [
    method: 'PATCH' | 'POST',
    path: string,
    body: object | undefined,
    control: Control,
  ][] = [
    ['PATCH', '', { users: 5 }, { action: 'set', users: 5 }],
    ['PATCH', '', { users: 0 }, { action: 'set', users: 0 }],
    ['PATCH', '', { users: 5, grace: '1m30s' }, { action: 'set', users: 5, graceMs: 90_000 }],
    ['PATCH', '', { users: 5, grace: '0s' }, { action: 'set', users: 5, graceMs: 0 }],
    ['PATCH', '', { rate: 0.5 }, { action: 'set', rate: 0.5 }],
    ['POST', '/pause', undefined, { action: 'pause' }],
    ['POST', '/resume', undefined, { action: 'resume' }],
    ['POST', '/skip', undefined, { action: 'skip' }],
    ['POST', '/skip', {}, { action: 'skip' }],
    ['POST', '/extend', { by: '10m' }, { action: 'extend', byMs: 600_000 }],
    ['POST', '/extend', { by: '24d' }, { action: 'extend', byMs: 24 * 86_400_000 }],
    ['POST', '/stop', undefined, { action: 'stop' }],
    ['POST', '/stop', {}, { action: 'stop' }],
    ['POST', '/stop', { grace: '8s' }, { action: 'stop', graceMs: 8000 }],
    ['POST', '/stop', { grace: '0ms' }, { action: 'stop', graceMs: 0 }],
  ];
  for (const [method, path, body, control] of controls) {
    it(`${method} …/current${path} ${JSON.stringify(body) ?? ''} asks for ${JSON.stringify(control)}`, async () => {
      const { inject, controls: asked } = stubApp();
      const reply = await inject({
        method,
        url: CURRENT + path,
        ...(body === undefined ? {} : { payload: body }),
      });
      assert.equal(reply.statusCode, control.action === 'stop' ? 202 : 200, reply.body);
      assert.deepEqual(asked, [{ control, by: 'local' }]);
      assert.equal(reply.json<Run>().state, control.action === 'stop' ? 'draining' : 'running');
    });
  }

  it('takes the type of a body that is not there for nothing', async () => {
    const { inject, controls: asked } = stubApp();
    for (const headers of [JSON_TYPE, { 'content-length': '0' }, { ...JSON_TYPE, 'content-length': '0' }]) {
      const reply = await inject({ method: 'POST', url: `${CURRENT}/pause`, headers });
      assert.equal(reply.statusCode, 200, reply.body);
    }
    assert.equal(asked.length, 3);
  });

  it('POST /-/reload answers what the configuration came to', async () => {
    const { inject, reloads } = stubApp();
    const reply = await inject({ method: 'POST', url: '/-/reload' });
    assert.equal(reply.statusCode, 200);
    assert.deepEqual(reply.json(), { applied: ['scenarios: night added'], waiting: [], restart: [] });
    assert.deepEqual(reloads, ['local']);
  });

  it('GET /docs leads to the page of the API', async () => {
    const reply = await IDLE_APP.inject({ url: '/docs' });
    assert.deepEqual([reply.statusCode, reply.headers.location], [302, '/api/v1/docs']);
  });

  const missing: readonly [method: Method, url: string, allow?: string][] = [
    ['GET', '/nothing'],
    ['POST', '/nothing'],
    ['GET', '/metrics/'],
    ['GET', '//metrics'],
    ['GET', '/API/v1/status'],
    ['GET', `/${'long/'.repeat(300)}`],
    ['GET', '/..%2f..%2fetc%2fpasswd'],
    ['POST', '/', 'GET, HEAD'],
    ['POST', '/metrics?a=b', 'GET, HEAD'],
    ['PUT', '/api/v1/runs', 'POST, GET, HEAD'],
    ['PUT', '/api/v1/runs/run-0', 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/api/v1/runs/run-0/windows', 'GET, HEAD'],
    ['DELETE', CURRENT, 'GET, HEAD, PATCH'],
    ['OPTIONS', '/api/v1/runs', 'POST, GET, HEAD'],
    ['PROPFIND', '/api/v1/status', 'GET, HEAD'],
    ['TRACE', '/api/v1/status', 'GET, HEAD'],
  ];
  for (const [method, url, allow] of missing) {
    it(`${method} ${url.slice(0, 40)} is ${allow === undefined ? '404' : `405: ${allow}`}`, async () => {
      const reply = await IDLE_APP.inject({ method: method as 'GET', url });
      assert.equal(reply.headers.allow, allow);
      if (method === 'HEAD') return assert.equal(reply.statusCode, 405);
      const { detail } = assertProblem(reply, allow === undefined ? 404 : 405, 'USAGE');
      assert.ok(String(detail).length < 300);
    });
  }

  it('an address that cannot be read is 400, one that is too long 414', async () => {
    assertProblem(await IDLE_APP.inject({ url: '/%zz' }), 400, 'USAGE');
    assertProblem(await IDLE_APP.inject({ url: `/metrics?${'x'.repeat(2048)}` }), 414, 'USAGE');
  });
});

describe('refusals', () => {
  const codes: readonly [code: ErrorCode, status: number][] = [
    ['SCENARIO_UNKNOWN', 404],
    ['RUN_ACTIVE', 409],
    ['NO_RUN', 409],
    ['NOT_RUNNING', 409],
    ['TARGET_NOT_ALLOWED', 403],
    ['SECRET_MISSING', 422],
    ['LIMIT_EXCEEDED', 422],
    ['CANNOT_START', 503],
  ];
  for (const [code, status] of codes) {
    it(`${code} is ${status}, with what is wrong and how to mend it`, async () => {
      const { inject } = stubApp({
        startRun: async () => {
          throw new SoakError(code, 'what is wrong', ['mend this', 'and that']);
        },
      });
      const problem = assertProblem(await inject(start({ scenario: 'demo' })), status, code);
      assert.equal(problem.title, ERRORS[code].message);
      assert.equal(problem.detail, 'what is wrong');
      assert.deepEqual(problem.errors, ['mend this', 'and that']);
    });
  }

  it('a change of no run, and a new configuration that is wrong, too', async () => {
    const { inject } = stubApp({
      control: () => {
        throw new SoakError('NO_RUN', 'no run is active');
      },
      reload: async () => {
        throw new SoakError('CONFIG_INVALID', 'line 1', ['line 1', 'line 2']);
      },
    });
    const problem = assertProblem(await inject({ method: 'POST', url: `${CURRENT}/stop` }), 409, 'NO_RUN');
    assert.ok(!('errors' in problem));
    const reload = assertProblem(await inject({ method: 'POST', url: '/-/reload' }), 422, 'CONFIG_INVALID');
    assert.deepEqual(reload.errors, ['line 1', 'line 2']);
  });

  const SCENARIO = 'the name of a scenario, as a string of 1 to 200 characters';
  const USERS = 'a whole number of virtual users of at least 0, for scenarios of the closed model';
  const RATE = 'a number of streams per second above 0, for scenarios of the open model';
  const EITHER =
    'an object with users (and optionally grace, which cancels excess open streams), or with rate alone';
  const GRACE =
    'a duration such as "8s", at most 24d: time for open streams to end before soakd cancels them';
  const BY = 'a duration above 0, such as "10m" or "1h30m", at most 24d';

  const properties = START.properties as Readonly<Record<string, { readonly description: string }>>;
  const described = (key: string): string => properties[key]!.description;

  /** Bodies by the last step of their address, and all that must be said of them. */
  const bodies: readonly [path: string, payload: unknown, told: readonly string[]][] = [
    ['', {}, [`body.scenario: found nothing, expected ${SCENARIO}`]],
    [
      '',
      { scenaro: 'demo' },
      [
        `body.scenario: found nothing, expected ${SCENARIO}`,
        'body: found an unknown key "scenaro", expected one of scenario, users, rate, for, ramp, warmUp, seed, maxStreams',
      ],
    ],
    ['', { scenario: 5 }, [`body.scenario: found 5 (a number), expected ${SCENARIO}`]],
    ['', { scenario: null }, [`body.scenario: found nothing, expected ${SCENARIO}`]],
    ['', { scenario: '' }, [`body.scenario: found "" (a string), expected ${SCENARIO}`]],
    [
      '',
      { scenario: 'x'.repeat(201) },
      [`body.scenario: found "${'x'.repeat(60)}…" (a string), expected ${SCENARIO}`],
    ],
    [
      '',
      { scenario: { a: 1 }, b: 1, 'c\u001b[2J\n': 2 },
      [
        'body: found an unknown key "b", expected one of scenario, users, rate, for, ramp, warmUp, seed, maxStreams',
        'body: found an unknown key "c\\u001b[2J\\n", expected one of scenario, users, rate, for, ramp, warmUp, seed, maxStreams',
        `body.scenario: found an object, expected ${SCENARIO}`,
      ],
    ],
    [
      '',
      [1, 2],
      [
        'body: found a list of 2, expected an object with the name of a scenario and optional overrides for this run',
      ],
    ],
    [
      '',
      '"demo"',
      [
        'body: found "demo" (a string), expected an object with the name of a scenario and optional overrides for this run',
      ],
    ],
    [
      '',
      '',
      [
        'body: found nothing, expected an object with the name of a scenario and optional overrides for this run',
      ],
    ],
    [
      '',
      {
        scenario: 'demo',
        users: 0,
        rate: -1,
        for: '0s',
        ramp: '0s',
        warmUp: '5',
        seed: 2 ** 32,
        maxStreams: 0.5,
      },
      [
        `body.users: found 0 (a number), expected ${described('users')}`,
        `body.rate: found -1 (a number), expected ${described('rate')}`,
        `body.for: found "0s" (a string), expected ${described('for')}`,
        `body.ramp: found "0s" (a string), expected ${described('ramp')}`,
        `body.warmUp: found "5" (a string), expected ${described('warmUp')}`,
        `body.seed: found 4294967296 (a number), expected ${described('seed')}`,
        `body.maxStreams: found 0.5 (a number), expected ${described('maxStreams')}`,
      ],
    ],
    ['', '{"scenario":"demo","rate":1e999}', []],
    [
      '',
      { scenario: 'demo', users: null, for: 60 },
      [
        `body.users: found nothing, expected ${described('users')}`,
        `body.for: found 60 (a number), expected ${described('for')}`,
      ],
    ],
    ['/current', {}, [`body: found no key, expected ${EITHER}`]],
    ['/current', '', [`body: found nothing, expected ${EITHER}`]],
    ['/current', { grace: '8s' }, [`body: found "grace", expected ${EITHER}`]],
    ['/current', { users: 1, rate: 1 }, [`body: found "users" and "rate", expected ${EITHER}`]],
    ['/current', { rate: 1, grace: '8s' }, [`body: found "rate" and "grace", expected ${EITHER}`]],
    ['/current', { users: '5' }, [`body.users: found "5" (a string), expected ${USERS}`]],
    ['/current', { users: -1 }, [`body.users: found -1 (a number), expected ${USERS}`]],
    ['/current', { users: true }, [`body.users: found true (a boolean), expected ${USERS}`]],
    ['/current', { rate: 0 }, [`body.rate: found 0 (a number), expected ${RATE}`]],
    ['/current', { rate: '1/s' }, [`body.rate: found "1/s" (a string), expected ${RATE}`]],
    ['/current', '{"rate":1e999}', []],
    ['/current', '{"users":NaN}', []],
    [
      '/current',
      { users: 1.5, grace: 8 },
      [
        `body.users: found 1.5 (a number), expected ${USERS}`,
        `body.grace: found 8 (a number), expected ${GRACE}`,
      ],
    ],
    ['/current', { users: 1, grace: '25d' }, [`body.grace: found "25d" (a string), expected ${GRACE}`]],
    ['/current/pause', { users: 5 }, ['body: found an unknown key "users", expected none']],
    ['/current/skip', [], ['body: found a list of 0, expected no body']],
    ['/current/stop', { grace: 8 }, [`body.grace: found 8 (a number), expected ${GRACE}`]],
    ['/current/stop', { grace: '8' }, [`body.grace: found "8" (a string), expected ${GRACE}`]],
    ['/current/extend', '', ['body: found nothing, expected an object with a duration']],
    ['/current/extend', {}, [`body.by: found nothing, expected ${BY}`]],
    ['/current/extend', { by: '0s' }, [`body.by: found "0s" (a string), expected ${BY}`]],
    ['/current/extend', { by: '10 minutes' }, [`body.by: found "10 minutes" (a string), expected ${BY}`]],
    ['/current/extend', { by: '1e9d' }, [`body.by: found "1e9d" (a string), expected ${BY}`]],
  ];
  for (const [path, payload, told] of bodies) {
    it(`…/runs${path} ${JSON.stringify(payload).slice(0, 60)} is 400 and says all that is wrong`, async () => {
      const { inject, started, controls } = IDLE_APP;
      const method = path === '/current' ? 'PATCH' : 'POST';
      const problem = assertProblem(
        await inject({ ...start(payload), method, url: `/api/v1/runs${path}` }),
        400,
        'USAGE',
      );
      if (told.length > 0) {
        assert.deepEqual(problem.errors, told);
        assert.equal(problem.detail, told[0]);
      }
      assert.deepEqual([started, controls], [[], []]);
    });
  }

  for (const [what, payload] of [
    ['what is no JSON', '{"scenario": demo}'],
    ['half of it', '{"scenario": "de'],
    ['two of it', '{"scenario":"demo"}{}'],
    ['a prototype', '{"scenario":"demo","__proto__":{"a":1}}'],
    ['a constructor', '{"scenario":"demo","constructor":{"prototype":{"a":1}}}'],
    ['great depth', '['.repeat(30_000) + ']'.repeat(30_000)],
  ] as const) {
    it(`a body with ${what} is 400`, async () => {
      const { inject, started } = IDLE_APP;
      assertProblem(await inject(start(payload)), 400, 'USAGE');
      assert.deepEqual(started, []);
    });
  }

  it('of very many mistakes the first are told', async () => {
    const keys = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i]));
    const { errors } = assertProblem(await IDLE_APP.inject(start(keys)), 400, 'USAGE');
    assert.equal((errors as string[]).length, 21);
    assert.equal((errors as string[]).at(-1), '… and 2981 more');
  });

  it('a body of null is 400', async () => {
    const { inject } = stubApp();
    assertProblem(
      await inject({
        method: 'POST',
        url: '/api/v1/runs/current/stop',
        payload: ' null ',
        headers: { 'content-type': 'application/json' },
      }),
      400,
      'USAGE',
    );
  });

  it('a body above 64 KiB is 413', async () => {
    const { inject, started } = stubApp();
    assertProblem(await inject(start({ scenario: 'x'.repeat(70_000) })), 413, 'USAGE');
    assert.deepEqual(started, []);
  });

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'nonsense',
  ]) {
    it(`a body of type ${type}, which a form of another site could send, is 415`, async () => {
      const { inject, started } = IDLE_APP;
      assertProblem(await inject(start({ scenario: 'demo' }, { 'content-type': type })), 415, 'USAGE');
      assert.deepEqual(started, []);
    });
  }

  const queries: readonly [url: string, told: string][] = [
    [
      '/api/v1/streams?state=odd',
      'query.state: found "odd" (a string), expected open (all), or stalled (stalled only)',
    ],
    [
      '/api/v1/streams?limit=0',
      'query.limit: found "0" (a string), expected a whole number from 1 to 1000: maximum number of results; default 50',
    ],
    ['/api/v1/failures?what=1', 'query: found an unknown key "what", expected one of target, outcome, limit'],
    [
      '/api/v1/failures?target=a&target=b',
      'query.target: found a list of 2, expected the name of a target: returns only its streams',
    ],
  ];
  for (const [url, told] of queries) {
    it(`${url} is 400 and says what is wrong`, async () => {
      const { errors } = assertProblem(await IDLE_APP.inject({ url }), 400, 'USAGE');
      assert.deepEqual(errors, [told]);
    });
  }
});

describe('pages of other sites', () => {
  const HOST = { host: 'localhost:9876' };
  const refused: readonly [what: string, headers: Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.test' }],
    ['another port of this machine', { origin: 'http://localhost:3000' }],
    ['another name of it', { origin: 'http://127.0.0.1:9876' }],
    ['an origin that is kept secret', { origin: 'null' }],
    ['an origin that is none', { origin: 'evil' }],
    ['an empty one', { origin: '' }],
    ['what the browser calls another site', { 'sec-fetch-site': 'cross-site' }],
    ['what the browser calls a sister site', { 'sec-fetch-site': 'same-site' }],
    [
      'another site, though it says it is this origin',
      { origin: 'http://localhost:9876', 'sec-fetch-site': 'cross-site' },
    ],
    [
      'a form that a page made the browser open',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ],
  ];
  for (const [what, headers] of refused) {
    it(`may not start or change anything: ${what}`, async () => {
      const { inject, started, controls, reloads } = IDLE_APP;
      const with_ = { ...HOST, ...headers };
      const requests = [
        start({ scenario: 'demo' }, with_),
        { method: 'PATCH' as const, url: CURRENT, headers: with_, payload: { users: 5 } },
        { method: 'POST' as const, url: `${CURRENT}/stop`, headers: with_ },
        { method: 'POST' as const, url: '/-/reload', headers: with_ },
        { method: 'OPTIONS' as const, url: CURRENT, headers: with_ },
      ];
      for (const request of requests) assertProblem(await inject(request), 403, 'OTHER_SITE');
      assert.deepEqual([started, controls, reloads], [[], [], []]);
    });
  }

  it('may lead here, but not fetch: for the first a person has to come along', async () => {
    const { inject } = IDLE_APP;
    for (const site of ['cross-site', 'same-site']) {
      for (const url of ['/', '/api/v1/status', '/metrics', '/-/healthy']) {
        const navigated = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
        assert.equal((await inject({ url, headers: navigated })).statusCode, 200);
        for (const mode of ['no-cors', 'cors', 'websocket']) {
          const fetched = { 'sec-fetch-site': site, 'sec-fetch-mode': mode };
          assertProblem(await inject({ url, headers: fetched }), 403, 'OTHER_SITE');
        }
      }
    }
    const { headers } = await inject({ url: '/', headers: { origin: 'https://evil.test' } });
    for (const header of Object.keys(headers)) assert.doesNotMatch(header, /^access-control-/);
  });

  it('are told apart from this one and from clients that are no browsers', async () => {
    const { inject, started } = stubApp();
    const origin = `http://${HOST.host}`;
    for (const headers of [
      {},
      { ...HOST, origin },
      { ...HOST, origin, 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ]) {
      const reply = await inject(start({ scenario: 'demo' }, headers as Record<string, string>));
      assert.equal(reply.statusCode, 201, reply.body);
    }
    assert.equal(started.length, 4);
  });
});

describe('answers', () => {
  it('carry their security headers, errors too', async () => {
    const { inject } = stubApp({ scrape: () => Promise.reject(new Error('broken')) });
    const requests = [
      { url: '/' },
      { url: '/api/v1/status' },
      { url: '/nothing' },
      { url: '/%zz' },
      { url: '/metrics' },
      start({}),
      start({ scenario: 'demo' }, { origin: 'https://evil.test' }),
    ];
    for (const request of requests) {
      const { headers } = await inject(request);
      assert.equal(headers['x-content-type-options'], 'nosniff', request.url);
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
      assert.doesNotMatch(String(headers['content-security-policy']), /script-src(?! 'self';)/);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['referrer-policy'], 'same-origin');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-powered-by'], undefined);
    }
  });

  const thrown: readonly [what: string, value: unknown][] = [
    ['an error', new TypeError('at /home/me/secret.ts:5 cannot read "password"')],
    ['an error of a library', Object.assign(new Error('pool is full of secret'), { statusCode: 502 })],
    ['a text', 'secret'],
    ['nothing', null],
  ];
  for (const [what, value] of thrown) {
    it(`of 500 tell nothing of ${what} that was thrown; the log has it`, async () => {
      const { inject, errors } = stubApp({
        scrape: () => Promise.reject(value),
        startRun: () => Promise.reject(value),
      });
      for (const request of [{ url: '/metrics' }, start({ scenario: 'demo' })]) {
        const reply = await inject(request);
        const problem = assertProblem(reply, 500, 'INTERNAL');
        assert.equal(problem.detail, 'see the log');
        assert.doesNotMatch(reply.body, /secret|password/);
      }
      assert.equal(errors.length, 2);
      if (value instanceof Error)
        assert.ok(JSON.stringify(errors[0]!.facts).includes(JSON.stringify(value.message).slice(1, -1)));
    });
  }
});
