import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRORS, type ErrorCode, SoakError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import { buildApp } from '../../src/http/app.ts';
import type { AppService } from '../../src/http/app-service.ts';
import type { Status } from '../../src/http/status.ts';
import type { Progress } from '../../src/sink/progress.ts';
import { summaryOf } from '../report/samples.ts';

const FACTS = {
  id: 'run-1',
  scenario: 'demo',
  startedAt: 0,
  plannedEndAt: 60_000,
  startMs: 0,
  durationMs: 60_000,
  stages: 3,
};
const RUN: Run = { ...FACTS, state: 'running', stage: 1 };
const DRAINING: Run = { ...FACTS, state: 'draining', stage: 1, why: 'stopped' };
const PROGRESS: Progress = {
  state: 'running',
  stage: 1,
  stages: 3,
  elapsedMs: 20_000,
  leftMs: 40_000,
  done: 1 / 3,
  active: 1234,
  desired: 1250,
  ttfbP50Ms: 812,
  ttfbP95Ms: 1234,
  success: 0.99996,
  failed: 2,
  chunksPerSecond: 350,
};
const IDLE: Status = {
  version: '1.2.3',
  state: 'idle',
  run: null,
  last: null,
  scenarios: ['demo', 'night'],
  targets: [{ name: 'a', url: 'http://127.0.0.1:8000/?…', format: 'sse' }],
};
const BUSY: Status = { ...IDLE, state: 'running', run: { ...RUN, progress: PROGRESS } };

function app(overrides: Partial<AppService> = {}) {
  const started: string[] = [];
  const errors: { facts: object; text: string }[] = [];
  const built = buildApp({
    status: () => IDLE,
    ready: () => true,
    scrape: async () => ({ text: 'soak_up 1\n', contentType: 'text/plain; version=0.0.4; charset=utf-8' }),
    startRun: async (scenario) => {
      started.push(scenario);
      return { ...RUN, scenario };
    },
    stopRun: () => DRAINING,
    openStreams: async () => [],
    failures: () => [],
    log: { error: (facts, text) => errors.push({ facts, text }) },
    ...overrides,
  });
  return { inject: built.inject.bind(built), started, errors };
}

type Reply = Awaited<ReturnType<ReturnType<typeof app>['inject']>>;

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
      const { inject } = app();
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
    const reply = await app({ status: () => status }).inject({ url: '/api/v1/status' });
    assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(status)));
  });

  it('GET /-/ready is 503 while it shuts down; it stays healthy', async () => {
    const { inject } = app({ ready: () => false });
    assert.equal((await inject({ url: '/-/ready' })).statusCode, 503);
    assert.equal((await inject({ url: '/-/healthy' })).statusCode, 200);
  });

  it('POST /api/v1/runs starts a run and says where to look', async () => {
    const { inject, started } = app();
    const reply = await inject(start({ scenario: 'demo' }));
    assert.equal(reply.statusCode, 201);
    assert.equal(reply.headers.location, '/api/v1/status');
    assert.deepEqual(reply.json(), { ...RUN, scenario: 'demo' });
    assert.deepEqual(started, ['demo']);
  });

  it('POST /api/v1/runs/current/stop stops it, with no body or with one', async () => {
    const { inject } = app();
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
      const reply = await app().inject({ method, url });
      const { detail } = assertProblem(reply, 404, 'USAGE');
      assert.ok(String(detail).length < 300);
    });
  }

  it('an address that cannot be read is 400', async () => {
    assertProblem(await app().inject({ url: '/%zz' }), 400, 'USAGE');
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
      const { inject } = app({
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
    const { inject } = app({
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
      const { inject, started } = app();
      const { detail } = assertProblem(await inject(start(payload)), 400, 'USAGE');
      for (const pattern of told) assert.match(String(detail), pattern);
      assert.deepEqual(started, []);
    });
  }

  it('a body that is missing is 400', async () => {
    assertProblem(await app().inject({ method: 'POST', url: '/api/v1/runs' }), 400, 'USAGE');
  });

  it('a body above 64 KiB is 413', async () => {
    const { inject, started } = app();
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
      const { inject, started } = app();
      assertProblem(await inject(start({ scenario: 'demo' }, { 'content-type': type })), 415, 'USAGE');
      assert.deepEqual(started, []);
    });
  }

  it('queries are checked like bodies', async () => {
    const { inject } = app();
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
      const { inject, started } = app({ stopRun: () => assert.fail('was stopped') });
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
    const reply = await app().inject({ url: '/', headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(reply.statusCode, 200);
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
  });

  it('are told apart from this one and from clients that are no browsers', async () => {
    const { inject, started } = app();
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
    const { inject } = app({ scrape: () => Promise.reject(new Error('broken')) });
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
      const { inject, errors } = app({
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

describe('status page', () => {
  const page = async (status: Status): Promise<string> =>
    (await app({ status: () => status }).inject({ url: '/' })).body;

  it('links everything that is served', async () => {
    const { inject } = app();
    const html = (await inject({ url: '/' })).body;
    const links = [...html.matchAll(/href="([^"]+)"/g)].map((m) => m[1]!);
    for (const url of ['/metrics', '/api/v1/status', '/-/healthy', '/-/ready'])
      assert.ok(links.includes(url), url);
    for (const url of links) assert.equal((await inject({ url })).statusCode, 200, url);
  });

  it('says what there is when nothing runs', async () => {
    const html = await page(IDLE);
    for (const text of ['No run is active', 'demo, night', 'http://127.0.0.1:8000/?…', 'soakd: idle'])
      assert.ok(html.includes(text), text);
  });

  it('shows the present run and the last', async () => {
    const verdicts = [
      {
        threshold: 'success-rate',
        target: 'a',
        judgement: 'fail',
        observed: 0.5,
        limit: 0.99,
        unit: 'ratio',
        count: 2,
      },
    ] as const;
    const html = await page({
      ...BUSY,
      last: summaryOf({ verdict: 'fail', verdicts }, { started: 600, 'finished:complete': 500 }),
    });
    for (const text of [
      'run-1, scenario demo, stage 2 of 3',
      '20s, 40s left',
      'width:33.3%',
      '<b>1 234</b> / 1 250',
      'p50 <b>812ms</b> · p95 <b>1.23s</b>',
      '<b>99.99 %</b>, 2 failed',
      '<b class="fail">fail</b>',
      '1 200 started, 1 000 complete',
      'success-rate on a: fail',
    ]) {
      assert.ok(html.includes(text), `${text}\nis not in\n${html}`);
    }
  });

  it('shows no odd figures of a run that has only begun', async () => {
    const nothing = {
      ...PROGRESS,
      elapsedMs: 0,
      done: 0,
      active: 0,
      desired: 0,
      ttfbP50Ms: null,
      ttfbP95Ms: null,
      success: null,
      chunksPerSecond: 0,
    };
    const html = await page({ ...BUSY, run: { ...RUN, progress: nothing } });
    assert.doesNotMatch(html, /NaN|undefined|null|Infinity/);
  });

  it('lets no name become a part of the page', async () => {
    const hostile = `</td><script>alert(1)</script><img src=x onerror="alert('2')">&amp;`;
    const verdicts = [
      {
        threshold: hostile,
        target: hostile,
        judgement: 'pass',
        observed: 1,
        limit: 0.99,
        unit: 'ratio',
        count: 2,
      },
    ] as const;
    const html = await page({
      version: hostile,
      state: 'running',
      run: { ...RUN, id: hostile, scenario: hostile, progress: PROGRESS },
      last: summaryOf({ id: hostile, scenario: hostile, verdicts }),
      scenarios: [hostile, hostile],
      targets: [{ name: hostile, url: `http://127.0.0.1/${hostile}`, format: hostile }],
    });
    assert.doesNotMatch(html, /<script|<img|onerror="|alert\('/);
    assert.ok(html.includes('&#60;script&#62;alert(1)&#60;/script&#62;'));
    assert.ok(html.includes('&#38;amp;'));
    const tags = (text: string): string[] => [...text.matchAll(/<\/?(\w+)/g)].map((m) => m[0]);
    const harmless = await page({
      ...BUSY,
      scenarios: ['a', 'b'],
      last: summaryOf({ verdicts: [{ ...verdicts[0], threshold: 't', target: 'a' }] }),
    });
    assert.deepEqual(tags(html), tags(harmless));
  });
});
