import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRORS, type ErrorCode, SoakError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import type { Status } from '../../src/http/status.ts';
import { summaryOf } from '../report/samples.ts';
import { BUSY, RUN, stubApp } from './stub.ts';

type Reply = Awaited<ReturnType<ReturnType<typeof stubApp>['inject']>>;

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
      const { inject } = stubApp();
      const reply = await inject({ url });
      assert.equal(reply.statusCode, 200);
      assert.match(String(reply.headers['content-type']), type);
      assert.match(reply.body, body);
      const head = await inject({ method: 'HEAD', url });
      assert.deepEqual([head.statusCode, head.body], [200, '']);
    });
  }

  it('GET /api/v1/status is the status, as it is', async () => {
    const status: Status = { ...BUSY, last: summaryOf() };
    const reply = await stubApp({ status: () => status }).inject({ url: '/api/v1/status' });
    assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(status)));
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
    assert.equal(reply.headers.location, '/api/v1/status');
    assert.deepEqual(reply.json(), { ...RUN, scenario: 'demo' });
    assert.deepEqual(started, ['demo']);
  });

  it('POST /api/v1/runs/current/stop stops it, with no body or with one', async () => {
    const { inject } = stubApp();
    const url = '/api/v1/runs/current/stop';
    for (const reply of [
      await inject({ method: 'POST', url }),
      await inject({ method: 'POST', url, headers: JSON_TYPE, payload: '{}' }),
    ]) {
      assert.equal(reply.statusCode, 202);
      assert.equal(reply.json<Run>().state, 'draining');
    }
  });

  const missing: readonly [method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS', url: string][] = [
    ['GET', '/nothing'],
    ['GET', '/api/v1/runs'],
    ['GET', '/metrics/'],
    ['POST', '/'],
    ['POST', '/metrics'],
    ['PUT', '/api/v1/runs'],
    ['DELETE', '/api/v1/runs/current'],
    ['OPTIONS', '/api/v1/runs'],
    ['GET', `/${'long/'.repeat(300)}`],
    ['GET', '/..%2f..%2fetc%2fpasswd'],
  ];
  for (const [method, url] of missing) {
    it(`${method} ${url.slice(0, 40)} is 404`, async () => {
      const reply = await stubApp().inject({ method, url });
      const { detail } = assertProblem(reply, 404, 'USAGE');
      assert.ok(String(detail).length < 300);
    });
  }

  it('an address that cannot be read is 400', async () => {
    assertProblem(await stubApp().inject({ url: '/%zz' }), 400, 'USAGE');
  });
});

describe('refusals', () => {
  const codes: readonly [code: ErrorCode, status: number][] = [
    ['SCENARIO_UNKNOWN', 404],
    ['RUN_ACTIVE', 409],
    ['NO_RUN', 409],
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

  it('a stop without a run is 409', async () => {
    const { inject } = stubApp({
      stopRun: () => {
        throw new SoakError('NO_RUN', 'no run is active');
      },
    });
    const problem = assertProblem(
      await inject({ method: 'POST', url: '/api/v1/runs/current/stop' }),
      409,
      'NO_RUN',
    );
    assert.ok(!('errors' in problem));
  });

  const bodies: readonly [what: string, payload: unknown, told: readonly RegExp[]][] = [
    ['no scenario', {}, [/required property 'scenario'/]],
    [
      'a misspelt one',
      { scenaro: 'demo' },
      [/required property 'scenario'/, /must NOT have additional properties/],
    ],
    ['a key too many', { scenario: 'demo', users: 1e9 }, [/additional properties/]],
    ['a number', { scenario: 5 }, [/scenario must be string/]],
    ['null', { scenario: null }, [/scenario must be string/]],
    ['an empty name', { scenario: '' }, [/fewer than 1 characters/]],
    ['a name without end', { scenario: 'x'.repeat(201) }, [/more than 200 characters/]],
    [
      'several at once',
      { scenario: 5, a: 1, b: 2 },
      [/must be string/, /additional properties.*additional properties/],
    ],
    ['a list', [], [/must be object/]],
    ['text', '"demo"', [/must be object/]],
    ['what is no JSON', '{"scenario": demo}', [/not valid JSON/]],
    ['nothing', '', [/cannot be empty/]],
    ['a prototype', '{"scenario":"demo","__proto__":{"a":1}}', [/not valid JSON/]],
  ];
  for (const [what, payload, told] of bodies) {
    it(`a body with ${what} is 400 and says all that is wrong`, async () => {
      const { inject, started } = stubApp();
      const { detail } = assertProblem(await inject(start(payload)), 400, 'USAGE');
      for (const pattern of told) assert.match(String(detail), pattern);
      assert.deepEqual(started, []);
    });
  }

  it('a body that is missing is 400', async () => {
    assertProblem(await stubApp().inject({ method: 'POST', url: '/api/v1/runs' }), 400, 'USAGE');
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
      const { inject, started } = stubApp();
      assertProblem(await inject(start({ scenario: 'demo' }, { 'content-type': type })), 415, 'USAGE');
      assert.deepEqual(started, []);
    });
  }

  it('queries are checked like bodies', async () => {
    const { inject } = stubApp();
    for (const url of [
      '/api/v1/streams?state=odd',
      '/api/v1/streams?limit=0',
      '/api/v1/failures?what=1',
      '/api/v1/failures?limit=1e9',
    ]) {
      assertProblem(await inject({ url }), 400, 'USAGE');
    }
  });
});

describe('pages of other sites', () => {
  const refused: readonly [what: string, headers: Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.test' }],
    ['another port of this machine', { origin: 'http://localhost:3000' }],
    ['an origin that is kept secret', { origin: 'null' }],
    ['an origin that is none', { origin: 'evil' }],
    ['what the browser calls another site', { 'sec-fetch-site': 'cross-site' }],
    ['what the browser calls a sister site', { 'sec-fetch-site': 'same-site' }],
    [
      'another site, though it says it is this origin',
      { origin: 'http://localhost:80', 'sec-fetch-site': 'cross-site' },
    ],
  ];
  for (const [what, headers] of refused) {
    it(`may not start or stop a run: ${what}`, async () => {
      const { inject, started } = stubApp({ stopRun: () => assert.fail('was stopped') });
      assertProblem(await inject(start({ scenario: 'demo' }, headers)), 400, 'USAGE');
      assertProblem(
        await inject({ method: 'POST', url: '/api/v1/runs/current/stop', headers }),
        400,
        'USAGE',
      );
      assert.deepEqual(started, []);
    });
  }

  it('may be linked from: reading stays as it is', async () => {
    const reply = await stubApp().inject({ url: '/', headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(reply.statusCode, 200);
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
  });

  it('are told apart from this one and from clients that are no browsers', async () => {
    const { inject, started } = stubApp();
    const host = 'localhost:9876';
    for (const headers of [
      {},
      { host, origin: `http://${host}` },
      { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ]) {
      assert.equal(
        (await inject(start({ scenario: 'demo' }, headers as Record<string, string>))).statusCode,
        201,
      );
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
      assert.match(String(headers['content-security-policy']), /default-src 'none'/);
      assert.doesNotMatch(String(headers['content-security-policy']), /script-src/);
      assert.equal(headers['referrer-policy'], 'no-referrer');
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
