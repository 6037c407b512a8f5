import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Access } from '../../src/core/access.ts';
import { RATES } from '../../src/http/gate.ts';
import { safePath } from '../../src/http/login/browser.ts';
import { MAX_AGE_MS, MAX_IDLE_MS, MAX_SESSIONS, Sessions } from '../../src/http/login/sessions.ts';
import { GUARDED, OPEN_ACCESS, RUN, stubApp, TOKENS } from '../../support/http/stub.ts';

const HOST = '127.0.0.1:9876';
const ORIGIN = `http://${HOST}`;
const FORM = 'application/x-www-form-urlencoded';
/** A browser without TLS, which sends no `Sec-Fetch-Mode`. */
const PAGE = { host: HOST, accept: 'text/html,application/xhtml+xml' } as const;

function browser(access: () => Access = () => GUARDED, nowMs = { now: 0 }) {
  const stub = stubApp(
    { access },
    { nowMs: () => nowMs.now, rates: { ...RATES, read: PLENTY, allApi: PLENTY } },
  );
  const login = (token: string, more: Record<string, string> = {}, next?: string) =>
    stub.inject({
      method: 'POST',
      url: '/login',
      headers: { host: HOST, origin: ORIGIN, 'content-type': FORM, ...more },
      payload: new URLSearchParams({ token, ...(next === undefined ? {} : { next }) }).toString(),
    });
  /** Logs in. @returns the cookie as a browser sends it */
  const cookieOf = async (token: string): Promise<string> => {
    const reply = await login(token);
    assert.equal(reply.statusCode, 303, reply.body);
    return String(reply.headers['set-cookie']).split(';')[0]!;
  };
  const get = async (cookie: string, url = '/api/v1/status') =>
    (await stub.inject({ url, headers: { host: HOST, cookie } })).statusCode;
  return { ...stub, login, cookieOf, get, time: nowMs };
}
const PLENTY = { perSecond: 1e6, burst: 1e6 };

describe('a login', () => {
  it('gives a cookie that no script and no other site has, and that is not the token', async () => {
    const { login, infos } = browser();
    const reply = await login(TOKENS.read, {}, '/api/v1/docs');
    assert.equal(reply.statusCode, 303);
    assert.equal(reply.headers.location, '/api/v1/docs');
    const cookie = String(reply.headers['set-cookie']);
    assert.match(cookie, /^soakd-9876=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/);
    assert.doesNotMatch(JSON.stringify([reply.headers, reply.body, infos]), /planted/);
    assert.match(JSON.stringify(infos), /"by":"prometheus".*logged in/);
    const second = String((await login(TOKENS.read)).headers['set-cookie']);
    assert.notEqual(cookie.slice(0, 54), second.slice(0, 54), 'each is another');
  });

  it('marks the cookie as Secure behind a TLS proxy', async () => {
    const { login } = browser();
    const tls: readonly Record<string, string>[] = [
      { origin: 'https://soak.example', host: 'soak.example' },
      { 'x-forwarded-proto': 'https' },
    ];
    for (const headers of tls) {
      const reply = await login(TOKENS.read, headers);
      assert.match(String(reply.headers['set-cookie']), /; Secure$/, reply.body);
    }
    const proxied = await login(TOKENS.read, tls[0]);
    assert.match(String(proxied.headers['set-cookie']), /^soakd=/, 'a host without a port');
  });

  it('opens pages, the API and metrics, with the role of the token', async () => {
    const { cookieOf, inject } = browser();
    for (const [token, name, role] of [
      [TOKENS.read, 'prometheus', 'read'],
      [TOKENS.operate, 'deploy', 'operate'],
    ] as const) {
      const headers = { host: HOST, cookie: await cookieOf(token) };
      for (const url of ['/', '/metrics', '/api/v1/status', '/api/v1/events', '/api/v1/docs'])
        assert.equal((await inject({ url, headers })).statusCode, 200, url);
      const session = await inject({ url: '/api/v1/session', headers });
      assert.deepEqual(session.json(), { name, role, loginNeeded: true });
    }
  });

  it('is not needed where no tokens are configured', async () => {
    const { inject, login } = browser(() => OPEN_ACCESS);
    const session = await inject({ url: '/api/v1/session', headers: { host: HOST } });
    assert.deepEqual(session.json(), { name: 'local', role: 'operate', loginNeeded: false });
    assert.equal((await inject({ url: '/login', headers: PAGE })).headers.location, '/');
    const reply = await login('anything');
    assert.deepEqual([reply.statusCode, reply.headers['set-cookie']], [303, undefined]);
  });

  it('is refused with a wrong token: the form comes again, and neither it nor the log has the token', async () => {
    const { login, warnings } = browser();
    const reply = await login('planted-wrong-0123456789', {}, '/"><script>alert(1)</script>');
    assert.equal(reply.statusCode, 401);
    assert.equal(reply.headers['set-cookie'], undefined);
    assert.equal(reply.headers['www-authenticate'], 'Bearer realm="soakd"');
    assert.match(reply.body, /role="alert"[^>]*>unknown token/);
    assert.doesNotMatch(reply.body, /<script|planted/);
    assert.match(JSON.stringify(warnings), /\/login.*UNAUTHORIZED/);
    assert.doesNotMatch(JSON.stringify(warnings), /planted/);
  });

  it('is refused in ways that repeat no token', async () => {
    const { inject } = browser();
    const send = (payload: string, type = FORM, url = '/login') =>
      inject({ method: 'POST', url, headers: { host: HOST, origin: ORIGIN, 'content-type': type }, payload });
    const replies = await Promise.all([
      send('tokn=planted-0'),
      send('token=planted-0&more=planted-1'),
      send(`token=${'planted'.repeat(5000)}`),
      send('token=planted-0', 'text/plain'),
      send('token=planted-0', FORM, '/login?token=planted-0'),
      send('', FORM, '/login?token=planted-0'),
      send('{"token":["planted-0"]}', 'application/json'),
      inject({ url: '/login?token=planted-0', headers: PAGE }),
    ]);
    for (const reply of replies) {
      assert.ok(reply.statusCode >= 400 && reply.statusCode < 500, reply.body);
      assert.equal(reply.headers['set-cookie'], undefined);
      assert.doesNotMatch(reply.body, /planted/);
    }
  });

  it('cannot be tried without end, and never shuts out who has a session', async () => {
    const { login, cookieOf, get, time } = browser();
    const cookie = await cookieOf(TOKENS.operate);
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push((await login(`planted-${i}-0123456789`)).statusCode);
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
    assert.equal((await login(TOKENS.read)).statusCode, 429, 'a right one neither');
    assert.equal(await get(cookie), 200);
    time.now += 60_000;
    assert.equal((await login(TOKENS.read)).statusCode, 303);
  });

  it('from another site is refused', async () => {
    const { login } = browser();
    const elsewhere: readonly Record<string, string>[] = [
      { origin: 'https://evil.test' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of elsewhere) {
      const reply = await login(TOKENS.operate, headers);
      assert.equal(reply.statusCode, 403);
      assert.equal(reply.headers['set-cookie'], undefined);
    }
  });

  it('of a token for metrics is refused, and so is everything but metrics', async () => {
    const value = 'planted-metrics-0123456789';
    const access: Access = { tokens: [{ name: 'scraper', role: 'metrics', value }], metrics: 'token' };
    const { login, inject } = browser(() => access);
    const reply = await login(value);
    assert.deepEqual([reply.statusCode, reply.headers['set-cookie']], [403, undefined]);
    assert.match(reply.body, /has the role metrics/);
    const headers = { host: HOST, authorization: `Bearer ${value}` };
    assert.equal((await inject({ url: '/metrics', headers })).statusCode, 200);
    for (const url of ['/', '/api/v1/status', '/api/v1/events', '/api/v1/session', '/api/v1/openapi.json']) {
      const refused = await inject({ url, headers });
      assert.deepEqual([refused.statusCode, refused.json().code], [403, 'FORBIDDEN'], url);
    }
    const start = await inject({
      method: 'POST',
      url: '/api/v1/runs',
      headers,
      payload: { scenario: 'demo' },
    });
    assert.equal(start.statusCode, 403);
  });
});

describe('a session', () => {
  const start = (cookie: string, more: Record<string, string>) =>
    ({
      method: 'POST',
      url: '/api/v1/runs',
      headers: { host: HOST, cookie, ...more },
      payload: { scenario: 'demo' },
    }) as const;

  it('changes something only with the header of the page and from its origin', async () => {
    const { inject, cookieOf, started } = browser();
    const cookie = await cookieOf(TOKENS.operate);
    const csrf = { 'x-soakd-csrf': '1' };
    for (const headers of [
      {},
      csrf,
      { origin: ORIGIN },
      { 'sec-fetch-site': 'same-origin' },
      { ...csrf, origin: 'http://127.0.0.1:1' },
      { ...csrf, origin: 'null' },
      { ...csrf, 'sec-fetch-site': 'none' },
      { ...csrf, 'sec-fetch-site': 'cross-site', origin: ORIGIN },
      { 'x-soakd-csrf': '', origin: ORIGIN },
    ]) {
      const reply = await inject(start(cookie, headers as Record<string, string>));
      assert.deepEqual([reply.statusCode, reply.json().code], [403, 'OTHER_SITE'], JSON.stringify(headers));
    }
    assert.deepEqual(started, []);
    for (const proof of [{ origin: ORIGIN }, { 'sec-fetch-site': 'same-origin' }])
      assert.equal((await inject(start(cookie, { ...csrf, ...proof } as never))).json().id, RUN.id);
    assert.deepEqual(
      started.map(({ by }) => by),
      ['deploy', 'deploy'],
    );
  });

  it('with the role read changes nothing', async () => {
    const { inject, cookieOf, started } = browser();
    const cookie = await cookieOf(TOKENS.read);
    const reply = await inject(start(cookie, { origin: ORIGIN, 'x-soakd-csrf': '1' }));
    assert.deepEqual([reply.statusCode, reply.json().code], [403, 'FORBIDDEN']);
    assert.deepEqual(started, []);
  });

  it('ends with a log out, and only its own', async () => {
    const { inject, cookieOf, get, infos } = browser();
    const [one, other] = [await cookieOf(TOKENS.read), await cookieOf(TOKENS.read)];
    const away = await inject({
      method: 'POST',
      url: '/logout',
      headers: { host: HOST, cookie: one, origin: 'https://evil.test' },
    });
    assert.equal(away.statusCode, 403);
    assert.equal(await get(one), 200);
    const reply = await inject({
      method: 'POST',
      url: '/logout',
      headers: { host: HOST, cookie: one, origin: ORIGIN, 'content-type': FORM },
      payload: '',
    });
    assert.deepEqual([reply.statusCode, reply.headers.location], [303, '/login']);
    assert.match(String(reply.headers['set-cookie']), /^soakd-9876=; .*Max-Age=0$/);
    assert.deepEqual([await get(one), await get(other)], [401, 200]);
    assert.match(JSON.stringify(infos), /logged out/);
  });

  it('ends with its token, and follows its role', async () => {
    let access: Access = GUARDED;
    const { cookieOf, get, inject } = browser(() => access);
    const cookie = await cookieOf(TOKENS.operate);
    const token = { name: 'deploy', role: 'read', value: TOKENS.operate } as const;
    access = { ...GUARDED, tokens: [token] };
    const session = await inject({ url: '/api/v1/session', headers: { host: HOST, cookie } });
    assert.equal(session.json().role, 'read');
    // Another value under the name, and the value under another name.
    for (const change of [{ value: 'planted-other-0123456789' }, { name: 'other' }]) {
      access = { ...GUARDED, tokens: [{ ...token, ...change }] };
      assert.equal(await get(cookie), 401);
    }
    access = { ...GUARDED, tokens: [{ ...token, role: 'metrics' }] };
    assert.equal(await get(cookie), 403);
  });

  it('ends when it is unused, and at an age', () => {
    const time = { now: 0 };
    const sessions = new Sessions(() => time.now);
    const holder = { name: 'a', role: 'read', digest: Buffer.alloc(32) } as const;
    const [idle, used] = [sessions.open(holder), sessions.open(holder)];
    const step = MAX_IDLE_MS - 1;
    for (time.now = step; time.now < MAX_AGE_MS; time.now += step)
      assert.ok(sessions.use(used) !== undefined);
    time.now = MAX_AGE_MS;
    assert.equal(sessions.use(used), undefined);
    assert.equal(sessions.use(idle), undefined);
    assert.equal(sessions.size, 0);
  });

  it('is one of a bounded number for each token: the one that was not used for the longest ends', () => {
    const sessions = new Sessions(() => 0);
    const holder = (name: string) => ({ name, role: 'read', digest: Buffer.alloc(32) }) as const;
    const other = sessions.open(holder('other'));
    const ids = Array.from({ length: MAX_SESSIONS }, () => sessions.open(holder('a')));
    assert.ok(sessions.use(ids[0]!) !== undefined);
    for (let i = 0; i < 5; i++) sessions.open(holder('a'));
    assert.equal(sessions.size, MAX_SESSIONS + 1);
    assert.ok(sessions.use(ids[0]!) !== undefined);
    for (const id of ids.slice(1, 6)) assert.equal(sessions.use(id), undefined);
    assert.ok(sessions.use(other) !== undefined, 'those of other tokens stay');
  });

  it('cannot be made up, and a cookie of another port is none', async () => {
    const { cookieOf, get } = browser();
    const cookie = await cookieOf(TOKENS.read);
    const id = cookie.split('=')[1]!;
    for (const other of [
      `soakd-9876=${'A'.repeat(43)}`,
      `soakd-9876=${TOKENS.read}`,
      `soakd-9876=${id}x`,
      `soakd=${id}`,
      `soakd-1=${id}`,
      `x=${id}`,
      '',
    ])
      assert.equal(await get(other), 401, other);
    assert.equal(await get(`a=b; ${cookie}; c="d;`), 200);
  });
});

describe('a browser without a session', () => {
  it('is led to the login and back, and not asked for a password in a window of its own', async () => {
    const { inject } = browser();
    const url = '/api/v1/runs?scenario=%22%3E%3Cscript%3E&limit=5';
    for (const headers of [
      PAGE,
      { host: HOST, 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' },
    ]) {
      const reply = await inject({ url, headers });
      assert.equal(reply.statusCode, 401);
      assert.equal(reply.headers['www-authenticate'], 'Bearer realm="soakd"');
      assert.match(String(reply.headers['content-type']), /^text\/html/);
      const [, next] = /http-equiv="refresh" content="0; url=\/login\?next=([^"&]+)"/.exec(reply.body)!;
      assert.equal(decodeURIComponent(next!), url);
      const form = await inject({ url: `/login?next=${next}`, headers });
      assert.equal(form.statusCode, 200);
      assert.match(form.body, /name="next" value="\/api\/v1\/runs\?scenario=%22%3E%3Cscript%3E&#38;limit=5"/);
      assert.match(String(form.headers['content-security-policy']), /default-src 'none'.*form-action 'self'/);
      assert.match(String(form.headers['content-security-policy']), /frame-ancestors 'none'/);
    }
  });

  it('gets a problem without a challenge where a page asks', async () => {
    const { inject } = browser();
    for (const headers of [
      { 'sec-fetch-mode': 'cors' },
      { accept: 'text/event-stream' },
      { 'x-soakd-csrf': '1' },
      { cookie: `soakd-9876=${'A'.repeat(43)}` },
    ]) {
      const reply = await inject({ url: '/api/v1/status', headers: { host: HOST, ...headers } as never });
      assert.equal(reply.json().code, 'UNAUTHORIZED');
      assert.equal(reply.headers['www-authenticate'], 'Bearer realm="soakd"', JSON.stringify(headers));
    }
    const curl = await inject({ url: '/api/v1/status', headers: { host: HOST, accept: '*/*' } });
    assert.match(String(curl.headers['www-authenticate']), /Basic/);
  });

  it('that has one continues at once', async () => {
    const { inject, cookieOf } = browser();
    const headers = { ...PAGE, cookie: await cookieOf(TOKENS.read) };
    const reply = await inject({ url: '/login?next=%2Fapi%2Fv1%2Fdocs', headers });
    assert.deepEqual([reply.statusCode, reply.headers.location], [303, '/api/v1/docs']);
  });
});

describe('the path after a login', () => {
  for (const next of ['/', '/api/v1/docs', '/runs?a=b&c=%20#x'])
    it(`may be ${next}`, () => assert.equal(safePath(next), next));
  for (const next of [
    undefined,
    '',
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/a\\b',
    '/a b',
    '/a\r\nset-cookie: x',
    '/é',
    'javascript:alert(1)',
    '/login?next=/',
    '/logout',
    `/${'a'.repeat(1000)}`,
  ])
    it(`is not ${JSON.stringify(next)?.slice(0, 40)}`, () => assert.equal(safePath(next), '/'));
});
