import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Access } from '../../src/core/access.ts';
import {
  BODIES,
  BUSY,
  GUARDED,
  OPEN_ACCESS,
  type Route,
  routesOf,
  stubApp,
  TOKENS,
  urlOf,
} from '../../support/http/stub.ts';

/** Statuses without tokens in the configuration; then with them: none sent, a wrong one, one to read, one to operate. */
type Statuses = readonly [open: number, none: number, wrong: number, read: number, operate: number];

const LOOK: Statuses = [200, 401, 401, 200, 200];
const CHANGE: Statuses = [200, 401, 401, 403, 200];
const FREE: Statuses = [200, 200, 200, 200, 200];

const TABLE: Readonly<Record<string, Statuses>> = {
  'GET /': LOOK,
  'GET /metrics': LOOK,
  'GET /-/healthy': FREE,
  'GET /assets/{build}/{folder}/{file}': FREE,
  'GET /-/ready': FREE,
  'POST /-/reload': CHANGE,
  'GET /docs': [302, 401, 401, 302, 302],
  'GET /api/v1/docs': LOOK,
  'GET /api/v1/openapi.json': LOOK,
  'GET /api/v1/status': LOOK,
  'GET /api/v1/session': LOOK,
  'GET /api/v1/events': LOOK,
  'GET /api/v1/streams': LOOK,
  'GET /api/v1/thresholds': LOOK,
  'GET /api/v1/configuration': LOOK,
  'POST /api/v1/configuration/check': CHANGE,
  'GET /api/v1/failures': LOOK,
  'POST /api/v1/runs': [201, 401, 401, 403, 201],
  'GET /api/v1/runs': LOOK,
  'GET /api/v1/runs/{id}': LOOK,
  'GET /api/v1/runs/{id}/summary': LOOK,
  'GET /api/v1/runs/{id}/windows': LOOK,
  'GET /api/v1/runs/{id}/report': LOOK,
  'GET /api/v1/runs/{id}/comparison': LOOK,
  'PATCH /api/v1/runs/{id}': CHANGE,
  'DELETE /api/v1/runs/{id}': [204, 401, 401, 403, 204],
  'GET /api/v1/runs/current': LOOK,
  'PATCH /api/v1/runs/current': CHANGE,
  'POST /api/v1/runs/current/pause': CHANGE,
  'POST /api/v1/runs/current/resume': CHANGE,
  'POST /api/v1/runs/current/skip': CHANGE,
  'POST /api/v1/runs/current/extend': CHANGE,
  'POST /api/v1/runs/current/stop': [202, 401, 401, 403, 202],
  // What is not there is told only to those who may know what is.
  'GET /nowhere': [404, 401, 401, 404, 404],
  'DELETE /api/v1/runs': [405, 401, 401, 405, 405],
};

const BASIC = (token: string): string => `Basic ${Buffer.from(`anybody:${token}`).toString('base64')}`;

const SHOWN: readonly [what: string, access: Access, authorization: string | undefined][] = [
  ['no token configured', OPEN_ACCESS, undefined],
  ['no token sent', GUARDED, undefined],
  ['a wrong token', GUARDED, 'Bearer planted-wrong-0123456789'],
  ['a token to read', GUARDED, `Bearer ${TOKENS.read}`],
  ['a token to operate', GUARDED, `Bearer ${TOKENS.operate}`],
];

const APPS = SHOWN.map(([, access]) => stubApp({ access: () => access, status: () => BUSY }));

/** Those to log in and out are for everybody: login.test.ts has them. */
const routes = (await routesOf(stubApp().app))
  .map(({ method, url }) => `${method} ${url}`)
  .filter((route) => !/\/log(in|out)$/.test(route));

describe('who may what', () => {
  it('is written down for every route, and HEAD is as GET', () => {
    const missing = routes.filter((route) => !(route.replace(/^HEAD/, 'GET') in TABLE));
    assert.deepEqual(missing, [], 'write down who may use these');
    const unknown = Object.keys(TABLE).filter((route) => !routes.includes(route));
    assert.deepEqual(unknown, ['GET /nowhere', 'DELETE /api/v1/runs']);
  });

  for (const [route, statuses] of Object.entries(TABLE)) {
    for (const [i, [what, access, authorization]] of SHOWN.entries()) {
      it(`${route} with ${what}: ${statuses[i]}`, async () => {
        const [method, url] = route.split(' ') as [Route['method'], string];
        const { inject, started, controls, reloads, infos } = APPS[i]!;
        const request = {
          method,
          url: urlOf(url),
          headers: authorization === undefined ? {} : { authorization },
          ...(BODIES[route] === undefined ? {} : { payload: BODIES[route] }),
        };
        const reply = await inject(request);
        assert.equal(reply.statusCode, statuses[i], reply.body);
        assert.doesNotMatch(JSON.stringify(reply.headers) + reply.body, /planted/);
        const done = [started, controls].flatMap((all) => all.splice(0).map((one) => one.by));
        done.push(...reloads.splice(0), ...infos.splice(0).map(({ facts }) => facts.by!));
        if (reply.statusCode === 401) {
          const safe = method === 'GET';
          const basic = /Basic realm="soakd"/;
          assert.match(String(reply.headers['www-authenticate']), /^Bearer realm="soakd"/);
          assert.equal(basic.test(String(reply.headers['www-authenticate'])), safe);
        }
        if (reply.statusCode >= 400) assert.deepEqual(done, [], 'something was done');
        else if (method !== 'GET' && !route.endsWith('/check'))
          assert.deepEqual(done, [access === OPEN_ACCESS ? 'local' : 'deploy']);
        if (method !== 'GET') return;
        const head = await inject({ ...request, method: 'HEAD' });
        assert.deepEqual([head.statusCode, head.body], [reply.statusCode, '']);
      });
    }
  }
});

describe('a token', () => {
  const status = async (headers: Record<string, string>, access: Access = GUARDED, url = '/api/v1/status') =>
    (await stubApp({ access: () => access }).inject({ url, headers })).statusCode;

  for (const [what, authorization] of [
    ['nothing after Bearer', 'Bearer'],
    ['a space after it', 'Bearer '],
    ['no scheme', TOKENS.read],
    ['another scheme', `Digest ${TOKENS.read}`],
    ['more behind it', `Bearer ${TOKENS.read} x`],
    ['less of it', `Bearer ${TOKENS.read.slice(0, -1)}`],
    ['more of it', `Bearer ${TOKENS.read}x`],
    ['other letters', `Bearer ${TOKENS.read.toUpperCase()}`],
    ['its name', 'Bearer prometheus'],
    ['Basic without a password', `Basic ${Buffer.from(TOKENS.read).toString('base64')}`],
    ['Basic with the token as the user', `Basic ${Buffer.from(`${TOKENS.read}:`).toString('base64')}`],
    ['Basic that is not base64', 'Basic ####'],
    ['two tokens', `Bearer ${TOKENS.read},${TOKENS.operate}`],
  ] as const) {
    it(`is none with ${what}`, async () => assert.equal(await status({ authorization }), 401));
  }

  it('is taken whatever the case of the scheme, and as the password of a browser', async () => {
    for (const authorization of [`bearer ${TOKENS.read}`, `BEARER  ${TOKENS.read}`, BASIC(TOKENS.read)])
      assert.equal(await status({ authorization }), 200, authorization);
  });

  it('that a browser sends by itself changes nothing', async () => {
    const { inject, started } = stubApp({ access: () => GUARDED });
    const reply = await inject({
      method: 'POST',
      url: '/api/v1/runs',
      headers: { authorization: BASIC(TOKENS.operate) },
      payload: { scenario: 'demo' },
    });
    assert.equal(reply.statusCode, 401);
    assert.equal(reply.headers['www-authenticate'], 'Bearer realm="soakd"');
    assert.deepEqual(started, []);
  });

  it('in the address is none, and is not repeated', async () => {
    const { inject } = stubApp({ access: () => GUARDED });
    for (const url of [`/api/v1/status?token=${TOKENS.read}`, `/nowhere?access_token=${TOKENS.read}`]) {
      const reply = await inject({ url });
      assert.equal(reply.statusCode, 401);
      assert.doesNotMatch(reply.body, /planted/);
    }
  });

  it('is not needed for metrics that are open, and only for those', async () => {
    const access: Access = { ...GUARDED, metrics: 'open' };
    assert.equal(await status({}, access, '/metrics'), 200);
    assert.equal(await status({}, access), 401);
  });

  it('holds as long as the configuration has it', async () => {
    let access: Access = GUARDED;
    const { inject } = stubApp({ access: () => access });
    const get = async (token: string) =>
      (await inject({ url: '/api/v1/status', headers: { authorization: `Bearer ${token}` } })).statusCode;
    assert.equal(await get(TOKENS.read), 200);
    access = { tokens: [{ name: 'new', role: 'read', value: 'planted-new-0123456789' }], metrics: 'token' };
    assert.equal(await get(TOKENS.read), 401);
    assert.equal(await get('planted-new-0123456789'), 200);
  });

  it('of any name is told by its name, never by its value: not in answers and not in the log', async () => {
    const failing = stubApp({
      access: () => GUARDED,
      startRun: () => Promise.reject(new Error('broken')),
      scrape: () => Promise.reject(new Error('broken')),
    });
    const headers = { authorization: `Bearer ${TOKENS.operate}` };
    const replies = [
      await failing.inject({ method: 'POST', url: '/api/v1/runs', headers, payload: { scenario: 'demo' } }),
      await failing.inject({ url: `/metrics?token=${TOKENS.operate}`, headers }),
      await failing.inject({ url: `/nowhere?token=${TOKENS.operate}`, headers }),
      await failing.inject({ method: 'DELETE', url: `/metrics?token=${TOKENS.operate}`, headers }),
      await failing.inject({ url: '/%zz', headers }),
      await failing.inject({ method: 'POST', url: '/api/v1/runs', headers, payload: { scenario: 5 } }),
      await failing.inject({
        method: 'POST',
        url: '/api/v1/runs',
        headers: { authorization: `Bearer ${TOKENS.read}` },
        payload: { scenario: 'demo' },
      }),
    ];
    assert.deepEqual(
      replies.map((r) => r.statusCode),
      [500, 500, 404, 405, 400, 400, 403],
    );
    const told =
      replies.map((r) => JSON.stringify(r.headers) + r.body).join() + JSON.stringify(failing.errors);
    assert.doesNotMatch(told, /planted/);
    assert.match(replies[6]!.body, /the token prometheus has the role read/);
  });
});

describe('without tokens', () => {
  const names: readonly [host: string | undefined, served: boolean][] = [
    ['127.0.0.1:9876', true],
    ['127.0.0.1', true],
    ['127.8.8.8:1', true],
    ['localhost:9876', true],
    ['LocalHost.', true],
    ['[::1]:9876', true],
    ['evil.test', false],
    ['evil.test:9876', false],
    ['localhost.evil.test', false],
    ['127.0.0.1.evil.test', false],
    ['127.0.0.1@evil.test', false],
    ['0.0.0.0:9876', false],
    ['10.0.0.1', false],
    ['[::]', false],
    ['2130706433', false],
    ['127.0.0.1:9876:1', false],
  ];
  for (const [host, served] of names) {
    it(`the name ${JSON.stringify(host)} is ${served ? 'served' : 'refused: it may have been made to point here'}`, async () => {
      const { inject, started } = stubApp();
      const headers = { host };
      const statuses = [
        (await inject({ url: '/api/v1/status', headers })).statusCode,
        (await inject({ url: '/metrics', headers })).statusCode,
        (await inject({ method: 'POST', url: '/api/v1/runs', headers, payload: { scenario: 'demo' } }))
          .statusCode,
      ];
      assert.deepEqual(statuses, served ? [200, 200, 201] : [403, 403, 403]);
      assert.equal(started.length, served ? 1 : 0);
      assert.equal(
        (await inject({ url: '/-/healthy', headers })).statusCode,
        200,
        'probes use what they like',
      );
    });
  }

  it('with tokens any name will do', async () => {
    const headers = { host: 'soak.example.com', authorization: `Bearer ${TOKENS.read}` };
    const reply = await stubApp({ access: () => GUARDED }).inject({ url: '/api/v1/status', headers });
    assert.equal(reply.statusCode, 200);
  });
});
