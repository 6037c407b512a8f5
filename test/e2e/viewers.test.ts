import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { LiveViewer, type Message } from '../../support/http/viewing.ts';
import { poll } from '../../support/poll.ts';
import { Restartable } from '../../support/restartable.ts';
import { type Served, serve } from '../../support/service.ts';

/** Windows of a run by number, each in its last form. */
function windowsIn(messages: readonly Message[]): Map<number, unknown> {
  const windows = new Map<number, unknown>();
  for (const { name, data } of messages) if (name === 'window') windows.set(data.window.n, data.window);
  return windows;
}

describe('a viewer', () => {
  let soak: Restartable;
  before(async () => {
    soak = await Restartable.create(`
targets: [{ name: one, simulator: { preset: quick } }, { name: two, simulator: { preset: quick } }]
scenarios: { demo: { targets: [{ name: two }, { name: one }], stages: [{ users: 4, for: 24s }] } }
`);
    await soak.start();
  });
  after(() => soak.stop());

  it('sees a whole run as the history keeps it, though soakd is killed in the middle', async () => {
    const first = await LiveViewer.open(soak.port);
    assert.equal(first.headers['content-type'], 'text/event-stream');
    assert.equal(first.headers['x-content-type-options'], 'nosniff');
    assert.equal((await soak.send('POST', '/api/v1/runs', { scenario: 'demo' })).status, 201);
    await poll('the second window', () => windowsIn(first.messages).has(1) || undefined, {
      timeoutMs: 60_000,
    });
    await soak.send('PATCH', '/api/v1/runs/current', { users: 5 });
    await poll('the change', () => first.text.includes('"action":"set"') || undefined);
    await soak.kill();
    await first.ended;
    const lastId = first.messages.at(-1)!.id;
    await soak.start();
    const second = await LiveViewer.open(soak.port, { 'last-event-id': lastId });
    await soak.finished(120_000);
    await poll(
      'the idle state',
      () =>
        second.messages.some(({ name, data }) => name === 'state' && data.state === 'idle' && data.last) ||
        undefined,
    );
    second.close();
    const messages = [...first.messages, ...second.messages];
    assert.ok(!messages.some(({ name }) => name === 'reset'));
    const url = `http://127.0.0.1:${soak.port}/api/v1/runs/last`;
    const { windows } = (await (await fetch(`${url}/windows?limit=100`)).json()) as {
      windows: { n: number }[];
    };
    assert.ok(windows.length >= 3, `only ${windows.length} windows`);
    const seen = windowsIn(messages);
    for (const window of windows) assert.deepEqual(seen.get(window.n), window, `window ${window.n}`);
    assert.equal(seen.size, windows.length);
    const { events } = (await (await fetch(url)).json()) as { events: object[] };
    const seenEvents = messages.flatMap(({ name, data }) => (name === 'event' ? [data.event] : []));
    assert.deepEqual(seenEvents, events);
    assert.ok(events.length >= 3, 'start, set and gap');
  });

  it('checks a configuration, and sees the one in use without its secrets', async () => {
    const answer = await soak.send('POST', '/api/v1/configuration/check', {
      text: 'targets:\n  - { name: a, simulator: { preset: quick } }\nscenarios: {}\n',
    });
    const { valid, issues } = (await answer.json()) as { valid: boolean; issues: { line: number }[] };
    assert.deepEqual([answer.status, valid, issues.map(({ line }) => line)], [200, false, [3]]);
    const shown = await fetch(`http://127.0.0.1:${soak.port}/api/v1/configuration`);
    const { scenarios } = (await shown.json()) as { scenarios: object[] };
    const facts = { name: 'demo', model: 'closed', targets: ['two', 'one'], sequence: false, peak: 4 };
    assert.deepEqual(scenarios, [{ ...facts, durationMs: 24_000, warmUpMs: 0, budget: null }]);
    const thresholds = await fetch(`http://127.0.0.1:${soak.port}/api/v1/thresholds`);
    const now = (await thresholds.json()) as { run: null; verdict: null; thresholds: { text: string }[] };
    assert.deepEqual([now.run, now.verdict], [null, null]);
    assert.ok(now.thresholds.some(({ text: line }) => line.startsWith('TTFB p95 is above ')));
  });

  it('under another name for this machine sees nothing', async () => {
    for (const path of ['/', '/login', '/api/v1/events', '/api/v1/session', '/api/v1/configuration']) {
      const sent = request({ port: soak.port, host: '127.0.0.1', path, headers: { host: 'evil.test' } });
      const [status, body] = await new Promise<[number, string]>((done, fail) => {
        sent.on('response', async (answer) => done([answer.statusCode!, await text(answer)]));
        sent.on('error', fail);
        sent.end();
      });
      assert.equal(status, 403, path);
      assert.match(body, /OTHER_SITE/);
    }
  });

  it('does not keep soakd from its end', async () => {
    const viewers = await Promise.all(Array.from({ length: 5 }, () => LiveViewer.open(soak.port)));
    soak.program.kill('SIGTERM');
    await Promise.all(viewers.map(({ ended }) => ended));
    assert.equal((await soak.program.ended()).code, 143);
  });
});

const TOKENS = { read: 'planted-read-0123456789', operate: 'planted-operate-0123456789' };
const TOKENS_YAML = `
    - { name: looking, role: read, token: "$\{env:VIEW_READ}" }
    - { name: changing, role: operate, token: "$\{env:VIEW_OPERATE}" }`;

describe('a browser', () => {
  let soak: Served;
  before(async () => {
    soak = await serve(
      `
serve:
  tokens:${TOKENS_YAML}
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: 1, for: 1m }] } }
`,
      { VIEW_READ: TOKENS.read, VIEW_OPERATE: TOKENS.operate },
    );
  });
  after(() => soak.stop());

  const login = async (token: string): Promise<string> => {
    const answer = await fetch(`${soak.url}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: soak.url },
      body: new URLSearchParams({ token }),
    });
    assert.equal(answer.status, 303);
    return answer.headers.get('set-cookie')!.split(';')[0]!;
  };
  const start = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${soak.url}/api/v1/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"scenario":"demo"}',
    });

  it('that logged in may do what its token may, and another site in it may not', async () => {
    await fetch(`${soak.url}/login`, { method: 'POST', body: new URLSearchParams({ token: 'planted-x' }) });
    await soak.program.line(/"path":"\/login".*request refused/);
    const [looking, changing] = [await login(TOKENS.read), await login(TOKENS.operate)];
    const own = { origin: soak.url, 'x-soakd-csrf': '1' };
    const refused = [
      { cookie: looking, ...own },
      { cookie: changing },
      { cookie: changing, origin: soak.url },
      { cookie: changing, 'x-soakd-csrf': '1', origin: 'https://evil.test' },
      { ...own },
    ];
    for (const headers of refused) {
      const { status } = await start(headers as Record<string, string>);
      assert.ok(status === 401 || status === 403, `${JSON.stringify(Object.keys(headers))}: ${status}`);
    }
    assert.equal((await soak.send('POST', '/api/v1/runs/current/stop')).status, 401);
    assert.equal((await start({ cookie: changing, ...own })).status, 201);
    const run = await fetch(`${soak.url}/api/v1/runs/current`, { headers: { cookie: looking } });
    assert.match(await run.text(), /"by":"changing"/);
  });

  it('loses its stream with its token and with its log out', async () => {
    const [looking, changing] = [await login(TOKENS.read), await login(TOKENS.operate)];
    const callers: readonly Record<string, string>[] = [
      { cookie: looking },
      { authorization: `Bearer ${TOKENS.read}` },
      { cookie: changing },
    ];
    const viewers = await Promise.all(callers.map((headers) => LiveViewer.open(soak.port, headers)));
    const [removed, token, out] = viewers as [LiveViewer, LiveViewer, LiveViewer];
    await poll('their states', () => viewers.every(({ messages }) => messages.length > 1) || undefined);
    const yaml = await readFile(soak.file, 'utf8');
    await writeFile(soak.file, yaml.replace(/.*name: looking.*\n/, ''));
    const reloaded = await fetch(`${soak.url}/-/reload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKENS.operate}` },
    });
    assert.equal(reloaded.status, 200, await reloaded.text());
    await Promise.all([removed.ended, token.ended]);
    assert.equal((await LiveViewer.open(soak.port, { cookie: looking })).status, 401);
    await fetch(`${soak.url}/logout`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: changing, origin: soak.url },
    });
    await out.ended;
  });

  it('leaves its token nowhere, and one in a URL is none', async () => {
    for (const path of ['/', '/api/v1/events', '/login', '/api/v1/status', '/metrics'])
      for (const name of ['token', 'access_token', 'next']) {
        const answer = await fetch(`${soak.url}${path}?${name}=${TOKENS.operate}`, { redirect: 'manual' });
        assert.ok(answer.status === 401 || path === '/login', `${path} ${answer.status}`);
        assert.equal(answer.headers.get('set-cookie'), null);
        assert.doesNotMatch(await answer.text(), /planted/);
      }
    assert.match(soak.program.output, /"by":"changing".*logged in/);
    assert.doesNotMatch(soak.program.output, /planted|soakd-\d+=/);
  });
});
