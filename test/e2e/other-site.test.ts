import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { type Running, start } from '../../support/process.ts';
import { type Served, serve } from '../../support/service.ts';

/** What a page tries, with a real browser's rules, and what it could see of the answer. */
interface Seen {
  readonly attack: string;
  /** `error`, `opaque`, `loaded`, or what could be read. */
  readonly saw: string;
}

/**
 * Runs in the page. Each attack is made against each victim; forms answer into frames.
 * Written as a function so that it is checked; it must not use anything from outside.
 */
function attackPage(victims: readonly string[], paths: readonly string[], next: string): void {
  // biome-ignore lint/suspicious/noExplicitAny: the browser's names are not those of Node.
  const page = globalThis as any;
  const { document } = page;
  const seen: Seen[] = [];
  const note = (attack: string, saw: string): void => void seen.push({ attack, saw });

  const fetched = async (attack: string, url: string, init: object): Promise<void> => {
    try {
      const answer = await fetch(url, init);
      if ((answer as { type: string }).type === 'opaque') note(attack, 'opaque');
      else note(attack, `${answer.status} ${await answer.text()}`);
    } catch {
      note(attack, 'error');
    }
  };
  const loaded = (attack: string, tag: string, attributes: object): Promise<void> =>
    new Promise((done) => {
      const element = Object.assign(document.createElement(tag), attributes);
      element.onload = () => done(note(attack, 'loaded'));
      element.onerror = () => done(note(attack, 'error'));
      document.body.append(element);
    });
  const posted = (attack: string, url: string, enctype: string): Promise<void> =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement('iframe'), { name: attack });
      document.body.append(frame);
      const form = Object.assign(document.createElement('form'), {
        method: 'POST',
        action: url,
        enctype,
        target: attack,
      });
      const field = Object.assign(document.createElement('input'), {
        name: '{"scenario":"demo","a":"',
        value: '"}',
      });
      form.append(field);
      document.body.append(form);
      frame.onload = () => {
        let saw = 'loaded';
        try {
          if (frame.contentDocument !== null && frame.contentWindow.location.href !== 'about:blank') {
            saw = frame.contentDocument.body.textContent;
          }
        } catch {
          // Another origin: the frame cannot be looked into.
        }
        if (frame.contentWindow.length >= 0) done(note(attack, saw));
      };
      form.submit();
    });

  const run = async (): Promise<void> => {
    const json = { 'content-type': 'application/json' };
    const body = '{"scenario":"demo"}';
    const attacks: Promise<void>[] = [];
    for (const [v, base] of victims.entries()) {
      for (const path of paths) {
        const at = `${v} ${path}`;
        const url = base + path;
        const form = new URLSearchParams({ body });
        attacks.push(
          fetched(`${at} no-cors`, url, { method: 'POST', mode: 'no-cors' }),
          fetched(`${at} no-cors text`, url, { method: 'POST', mode: 'no-cors', body }),
          fetched(`${at} with credentials`, url, {
            method: 'POST',
            mode: 'no-cors',
            credentials: 'include',
            body,
          }),
          fetched(`${at} beyond the page`, url, {
            method: 'POST',
            mode: 'no-cors',
            keepalive: true,
            body: form,
          }),
          fetched(`${at} cors`, url, { method: 'POST', body }),
          fetched(`${at} json`, url, { method: 'POST', headers: json, body }),
          fetched(`${at} patch`, url, { method: 'PATCH', headers: json, body: '{"users":0}' }),
          fetched(`${at} delete`, url, { method: 'DELETE' }),
          ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'].map((enctype) =>
            posted(`${at} form ${enctype}`, url, enctype),
          ),
        );
      }
      for (const path of ['/', '/api/v1/status', '/metrics']) {
        const at = `${v} GET ${path}`;
        attacks.push(
          fetched(`${at} cors`, base + path, {}),
          fetched(`${at} no-cors`, base + path, { mode: 'no-cors' }),
          loaded(`${at} img`, 'img', { src: base + path }),
          loaded(`${at} script`, 'script', { src: base + path }),
          loaded(`${at} style`, 'link', { rel: 'stylesheet', href: base + path }),
        );
      }
    }
    await Promise.all(attacks);
    await fetch('/report', { method: 'POST', body: JSON.stringify(seen) });
    if (next !== '') page.location = next;
  };
  void run();
}

const YAML = `
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios:
  demo: { target: simulator, stages: [{ users: 2, for: 10m }] }
`;

describe('pages of other sites, in a real browser', { skip: needs('chromium') }, () => {
  let folder: string;
  let soakd: Served;
  let browser: Running | undefined;
  /** Serves the attacking page under three names, and hears what it saw. */
  const reports: { readonly host: string; readonly seen: readonly Seen[] }[] = [];
  let order: readonly string[] = [];
  let paths: readonly string[] = [];
  const attacker = createServer(async (request, response) => {
    if (request.url === '/report') {
      reports.push({ host: request.headers.host!, seen: JSON.parse(await text(request)) as Seen[] });
      response.end();
      return;
    }
    const at = order.indexOf(request.headers.host!);
    const next = order[at + 1];
    const args = [[soakd.url, victimUrl], paths, next === undefined ? '' : `http://${next}/`];
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><body><script>(${attackPage})(...${JSON.stringify(args)})</script></body>`);
  });
  /** A service that looks at nothing: what arrives here would have arrived anywhere. */
  const received = new Set<string>();
  let victimUrl = '';
  const victim = createServer((request: IncomingMessage, response) => {
    received.add(`${request.method} ${request.headers['content-type']?.replace(/;.*/, '') ?? ''}`.trim());
    request.resume();
    response.end('{"open":"to all"}');
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-browser-'));
    soakd = await serve(YAML);
    for (const server of [attacker, victim]) await listening(server);
    victimUrl = `http://127.0.0.1:${portOf(victim)}`;
    // Another port of the same host is the same site to a browser, another name is another one.
    order = ['127.0.0.1', 'localhost', 'evil.invalid'].map((name) => `${name}:${portOf(attacker)}`);
  });
  after(async () => {
    browser?.killAll();
    await browser?.ended();
    await soakd?.stop();
    for (const server of [attacker, victim]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a page, and the others that it leads to. */
  async function browse(url: string, reportsWanted: number): Promise<void> {
    browser = start(
      'chromium',
      [
        ...[
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-sync',
        ],
        ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
        `--user-data-dir=${folder}`,
        '--host-resolver-rules=MAP evil.invalid 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
        '--remote-debugging-port=0',
        url,
      ],
      { group: true },
    );
    try {
      await poll('reports of the pages', () => reports.length >= reportsWanted || undefined, {
        timeoutMs: 60_000,
      });
    } catch (error) {
      throw new Error(`the browser made ${reports.length} reports\n${browser.output}`, { cause: error });
    } finally {
      browser.killAll();
      await browser.ended();
    }
  }

  for (const [state, wanted, tried] of [
    ['while nothing runs', 'idle', ['/api/v1/runs', '/-/reload']],
    [
      'while a run is active',
      'running',
      ['', '/pause', '/skip', '/stop'].map((step) => `/api/v1/runs/current${step}`),
    ],
  ] as const) {
    it(`start nothing, change nothing and see nothing ${state}`, async () => {
      if (wanted === 'running') assert.equal((await soakd.startRun('demo')).status, 201);
      paths = tried;
      reports.length = 0;
      received.clear();
      await browse(`http://${order[0]}/`, order.length);

      assert.deepEqual(
        reports.map((r) => r.host),
        order,
      );
      for (const { host, seen } of reports) {
        assert.ok(seen.length > 60, `${host} tried ${seen.length} things`);
        for (const { attack, saw } of seen) {
          if (attack.startsWith('0 ')) {
            assert.ok(['error', 'opaque', 'loaded'].includes(saw), `${host}: ${attack} saw ${saw}`);
            if (attack.includes('GET') && !attack.endsWith('cors'))
              assert.equal(saw, 'error', `${host}: ${attack}`);
          }
        }
      }
      const status = await soakd.status();
      assert.equal(status.state, wanted);
      assert.equal(status.last, null, 'a run was');
      const events = (status.run as { events?: { action: string }[] } | null)?.events ?? [];
      assert.deepEqual(
        events.map((e) => e.action),
        wanted === 'running' ? ['start'] : [],
      );
      assert.doesNotMatch(soakd.program.output, /config reloaded/);
      // What the browser held back by itself is not to our credit; what it sent is.
      for (const sent of [
        'POST',
        'POST text/plain',
        'POST application/x-www-form-urlencoded',
        'POST multipart/form-data',
      ])
        assert.ok(received.has(sent), `${sent} is not among ${[...received].join(', ')}`);
      assert.ok(
        received.has('OPTIONS') && !received.has('PATCH application/json'),
        'a PATCH is asked for first',
      );
    });
  }

  it('cannot come in under a name that was made to point here', async () => {
    const page = start(
      'chromium',
      [
        ...[
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-sync',
        ],
        ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
        `--user-data-dir=${folder}`,
        '--host-resolver-rules=MAP evil.invalid 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
        '--dump-dom',
        `http://evil.invalid:${soakd.port}/api/v1/status`,
      ],
      { group: true },
    );
    try {
      await page.ended(60_000);
      assert.match(page.stdout.text, /OTHER_SITE/);
      assert.doesNotMatch(page.stdout.text, /simulator|"scenarios"/);
    } finally {
      page.killAll();
    }
  });
});

async function listening(server: Server): Promise<void> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
