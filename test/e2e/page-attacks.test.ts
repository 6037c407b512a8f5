import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { needs } from '../../support/needs.ts';
import { type Served, serve } from '../../support/service.ts';
import { startBrowser } from '../../support/web/browser.ts';
import { madePage } from '../../support/web/made-page.ts';

const TOKENS = { read: 'planted-page-read-0123456789', operate: 'planted-page-operate-0123456789' };
const MARKUP = `"'><img src=x onerror=alert(1)><script>alert(2)</script>`;

/** Keys of answers whose text is written by people or by targets. */
const TEXTS = new Set([
  ...['name', 'scenario', 'target', 'targets', 'scenarios', 'detail', 'by', 'reason', 'text', 'action'],
  ...['verdictReason', 'url', 'cron', 'outcome', 'phase', 'threshold', 'version', 'key', 'a', 'b', 'notes'],
  ...['format', 'failing', 'path', 'title', 'file'],
]);

/** Adds markup to every such text of a JSON value. */
function poisoned(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return TEXTS.has(key) ? `${value}${MARKUP}` : value;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, name)]));
}

describe('an attack on the page in Chromium', { skip: needs('chromium') }, () => {
  let browser: Browser;
  let soak: Served;
  let attacker: Server;
  /** What the attacker serves. */
  let attack = '';
  before(async () => {
    browser = await startBrowser();
    soak = await serve(
      `
serve:
  tokens:
    - { name: looking, role: read, token: "$\{env:PAGE_READ}" }
    - { name: changing, role: operate, token: "$\{env:PAGE_OPERATE}" }
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: 2, for: 10m }] } }
`,
      { PAGE_READ: TOKENS.read, PAGE_OPERATE: TOKENS.operate },
    );
    attacker = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(attack);
    });
    await new Promise<void>((done) => attacker.listen(0, '127.0.0.1', done));
  });
  after(async () => {
    await browser?.close();
    attacker?.closeAllConnections();
    attacker?.close();
    await soak?.stop();
  });

  /** Logs in by the form. @returns the page and all URLs that it asked for */
  async function login(context: BrowserContext, token: string): Promise<{ page: Page; urls: string[] }> {
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    const urls: string[] = [];
    page.on('request', (request) => void urls.push(request.url()));
    await page.goto(`${soak.url}/login`);
    await page.fill('input[type=password]', token);
    await page.click('button');
    await page.waitForSelector('main h1', { state: 'attached' });
    return { page, urls };
  }
  const state = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${TOKENS.read}` };
    const answer = await fetch(`${soak.url}/api/v1/status`, { headers });
    return ((await answer.json()) as { state: string }).state;
  };

  it('finds no text in which markup becomes an element', async () => {
    const made = await madePage({ state: 'bad' });
    const page = await browser.newPage();
    page.on('dialog', (dialog) => assert.fail(`a script ran: ${dialog.message()}`));
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) violations.push(message.text());
    });
    // Without events the page polls, so that all that it shows comes by here.
    await page.route('**/api/v1/events', (route) => route.fulfill({ status: 503, body: '' }));
    await page.route(/\/api\/v1\/(?!events|runs\/[^/]+\/report)/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: poisoned(await answer.json()) });
    });
    await page.goto(made.url);
    for (const view of [
      ...['now', 'control', 'runs', 'runs/kept-0', 'runs/kept-0/report', 'compare/kept-1/kept-0'],
      ...['configuration', encodeURIComponent(MARKUP), `runs/${MARKUP}`, `compare/${MARKUP}/${MARKUP}`],
    ]) {
      await page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`);
      await page.waitForSelector('main h1', { state: 'attached' });
      if (/kept-0$/.test(view)) await page.waitForSelector('table', { state: 'attached' });
      const elements = 'document.querySelectorAll("main img, #app script, main [onerror]").length';
      assert.equal(await page.evaluate(elements), 0, view);
    }
    await page.evaluate('location.hash = "#/now"');
    await page.waitForSelector('.failures');
    assert.ok((await page.innerText('main')).includes(MARKUP), 'markup is shown as it is');
    assert.deepEqual(violations, []);
    await page.close();
    await made.close();
  });

  it('finds no URL whose answer has its markup', async () => {
    const text = encodeURIComponent(MARKUP);
    for (const path of [
      ...[`/?a=${text}`, `/${text}`, `/login?next=${text}`, `/login?next=javascript:alert(1)`],
      ...[`/assets/${text}`, `/api/v1/runs/${text}`, `/api/v1/failures?target=${text}`],
    ]) {
      // A page of its own: without a login one leads on to another.
      const page = await browser.newPage();
      page.on('dialog', (dialog) => assert.fail(`a script ran: ${dialog.message()}`));
      await page.goto(`${soak.url}${path}`);
      assert.equal(await page.locator('img, script:not([src])').count(), 0, path);
      await page.close();
      const answer = await fetch(`${soak.url}${path}`, { headers: { accept: 'text/html' } });
      const isHtml = /html/.test(answer.headers.get('content-type') ?? '');
      if (isHtml) assert.doesNotMatch(await answer.text(), /<img|<script>/, path);
    }
  });

  it('with a token to read finds no control, and can operate nothing by its cookie', async () => {
    const context = await browser.newContext();
    const { page } = await login(context, TOKENS.read);
    await page.evaluate('location.hash = "#/control"');
    await page.waitForSelector('text=Your token has the role read');
    // A disabled fieldset disables what is in it.
    const usable = await page.evaluate(
      `[...document.querySelectorAll('main button, main input, main select')].filter((e) => !e.matches(':disabled')).length`,
    );
    assert.equal(usable, 0);
    for (const [method, path, body] of [
      ['POST', '/api/v1/runs', '{"scenario":"demo"}'],
      ['POST', '/api/v1/runs/current/stop', '{}'],
      ['PATCH', '/api/v1/runs/current', '{"users":5}'],
      ['DELETE', '/api/v1/runs/last', ''],
      ['POST', '/-/reload', '{}'],
      ['POST', '/api/v1/configuration/check', '{"text":"a"}'],
    ]) {
      const status = await page.evaluate(
        `fetch(${JSON.stringify(path)}, { method: ${JSON.stringify(method)}, headers: { 'x-soakd-csrf': '1', 'content-type': 'application/json' }, body: ${JSON.stringify(body)} }).then((r) => r.status)`,
      );
      assert.equal(status, 403, `${method} ${path}`);
    }
    assert.equal(await state(), 'idle');
    await context.close();
  });

  it('from another port of the same host starts nothing with the cookie of a session, and frames nothing', async () => {
    const context = await browser.newContext();
    const { page } = await login(context, TOKENS.operate);
    const { port } = attacker.address() as AddressInfo;
    // Ports belong to no site: the browser sends the cookie although it is SameSite=Strict.
    attack = `<!doctype html><title>attack</title>
<form id="f" method="post" enctype="text/plain" action="${soak.url}/api/v1/runs" target="g">
<input name='{"scenario":"demo","a":"' value='"}'></form><iframe name="g"></iframe>
${['/', '/#/control', '/login', '/api/v1/docs', '/api/v1/status', '/api/v1/runs/last/report']
  .map((path) => `<iframe class="victim" src="${soak.url}${path}"></iframe>`)
  .join('')}`;
    await page.goto(`http://127.0.0.1:${port}/`);
    const tried = await page.evaluate<string[]>(`(async () => {
      document.getElementById('f').submit();
      const saw = [];
      for (const init of [
        { mode: 'no-cors', body: '{"scenario":"demo"}' },
        { mode: 'cors', body: '{"scenario":"demo"}', headers: { 'content-type': 'application/json' } },
        { mode: 'cors', body: '{"scenario":"demo"}', headers: { 'content-type': 'application/json', 'x-soakd-csrf': '1' } },
      ])
        saw.push(await fetch('${soak.url}/api/v1/runs', { method: 'POST', credentials: 'include', ...init })
          .then((r) => r.type, () => 'error'));
      for (const path of ['/api/v1/status', '/api/v1/events', '/'])
        saw.push(await fetch('${soak.url}' + path, { credentials: 'include' }).then((r) => r.type, () => 'error'));
      return saw;
    })()`);
    assert.deepEqual(tried, ['error', 'error', 'error', 'error', 'error', 'error']);
    await page.waitForLoadState('load');
    const shown = page.frames().filter((frame) => frame.url().startsWith(soak.url));
    for (const frame of shown)
      assert.equal((await frame.content()).includes('soakd</h1>'), false, frame.url());
    assert.deepEqual(
      shown.map((frame) => frame.url()).filter((url) => !url.endsWith('/api/v1/runs')),
      [],
      'a page can be framed',
    );
    assert.equal(await state(), 'idle');
    // The same request from the page itself starts a run: what was refused was the other origin.
    await page.goto(soak.url);
    await page.waitForSelector('main h1', { state: 'attached' });
    const own = `fetch('/api/v1/runs', { method: 'POST', headers: { 'x-soakd-csrf': '1', 'content-type': 'application/json' }, body: '{"scenario":"demo"}' }).then((r) => r.status)`;
    assert.equal(await page.evaluate(own), 201);
    await context.close();
  });

  it('finds the token in no URL, no script, no storage and no log', async () => {
    const context = await browser.newContext();
    const { page, urls } = await login(context, TOKENS.operate);
    assert.ok(urls.length > 20);
    for (const url of [...urls, page.url()]) assert.doesNotMatch(url, /planted/);
    const kept = 'document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)';
    assert.equal(await page.evaluate(kept), '{}{}');
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
    assert.doesNotMatch(cookie!.value, /planted/);
    assert.doesNotMatch(await page.content(), /planted/);
    assert.doesNotMatch(soak.program.output, /planted/);
    assert.match(soak.program.output, /logged in/);
    await context.close();
  });
});
