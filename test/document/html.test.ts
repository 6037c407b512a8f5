import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeDocument } from '../../src/document/make.ts';
import { htmlReport } from '../../src/document/render/html.ts';
import { STYLE } from '../../src/document/render/html-style.ts';
import { inputOf, madeReportedRun } from '../../support/document/made.ts';
import { needs } from '../../support/needs.ts';
import { start } from '../../support/process.ts';
import { hostileRun, NAMES } from './hostile.ts';
import { attributesOf, elementsOf, headingsOf, parseErrors, textOf } from './html-tree.ts';

const PAGE = htmlReport(makeDocument(inputOf(madeReportedRun(), madeReportedRun({ targets: ['b', 'c'] }))));

describe('the report as a page', () => {
  it('has no error that an HTML parser finds', () => {
    assert.deepEqual(parseErrors(PAGE), []);
  });

  it('has a language, one heading of the first level, and no level left out', () => {
    assert.equal(elementsOf(PAGE)[0]!.attrs.find(({ name }) => name === 'lang')?.value, 'en');
    const levels = headingsOf(PAGE);
    assert.deepEqual([levels[0], levels.filter((level) => level === 1).length], [1, 1]);
    for (const [i, level] of levels.entries()) assert.ok(level <= (levels[i - 1] ?? 0) + 1, `heading ${i}`);
  });

  it('has contents that lead to every section, and ids that are there once', () => {
    const ids = attributesOf(PAGE).flatMap(([name, value]) => (name === 'id' ? [value] : []));
    assert.equal(new Set(ids).size, ids.length);
    const links = attributesOf(PAGE).flatMap(([name, value]) => (name === 'href' ? [value] : []));
    for (const link of links.filter((l) => l.startsWith('#'))) assert.ok(ids.includes(link.slice(1)), link);
    for (const [name, value] of attributesOf(PAGE))
      if (name === 'aria-labelledby') assert.ok(ids.includes(value), value);
  });

  it('has its summary before its contents, on paper too, and divides no short name', () => {
    const places = ['id="executive-summary"', '<nav ', '</nav>', '<section id='].map((part, i) =>
      PAGE.indexOf(part, i === 3 ? PAGE.indexOf('</nav>') : 0),
    );
    assert.ok(places.every((place) => place > 0));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.doesNotMatch(STYLE, /[;{]order:/);
    assert.match(PAGE, /<td class="word">a<\/td>/);
  });

  it('has a name and a text for every plot', () => {
    const figures = elementsOf(PAGE).filter(({ tagName }) => tagName === 'figure');
    assert.ok(figures.length >= 16, String(figures.length));
    for (const figure of figures) {
      const inside = figure.childNodes.filter((node) => 'tagName' in node);
      assert.deepEqual(
        inside.map(({ tagName }) => tagName),
        ['figcaption', 'div', 'p'],
      );
      assert.ok(textOf(inside[0]!).length > 5 && textOf(inside[2]!).length > 20);
    }
  });

  it('is the same bytes each time', () => {
    const again = htmlReport(
      makeDocument(inputOf(madeReportedRun(), madeReportedRun({ targets: ['b', 'c'] }))),
    );
    assert.equal(again, PAGE);
  });

  for (const [theme, block] of [
    ['light', /:root\{color-scheme:light dark;([^}]*)\}/],
    ['dark', /@media \(prefers-color-scheme:dark\)\{:root\{([^}]*)\}/],
  ] as const)
    it(`has enough contrast in the ${theme} theme`, () => {
      const colors = new Map(
        [...block.exec(STYLE)![1]!.matchAll(/--(\w+):(#[0-9a-f]+)/g)].map(([, name, color]) => [
          name!,
          color!,
        ]),
      );
      const on = (name: string, ground: string): number => contrast(colors.get(name)!, colors.get(ground)!);
      for (const name of ['text', 'muted', 'link', 'limit', 'mark'])
        assert.ok(on(name, 'ground') >= 4.5, `${name}: ${on(name, 'ground')}`);
      for (const name of ['text', 'good', 'warning', 'bad', 'unknown'])
        for (const ground of ['ground', 'panel']) assert.ok(on(name, ground) >= 4.5, `${name} on ${ground}`);
      for (let i = 0; i < 6; i++) assert.ok(on(`s${i}`, 'ground') >= 3, `s${i}: ${on(`s${i}`, 'ground')}`);
    });
});

/** Contrast of two colours, by WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance(color: string): number {
  const digits = color.length === 4 ? [...color.slice(1)].map((c) => c + c) : color.slice(1).match(/../g)!;
  const [r, g, b] = digits.map((hex) => {
    const c = Number.parseInt(hex, 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

const FRAME = `<!doctype html><title>loading</title><link rel="icon" href="data:,">
<iframe src="/report" style="border:0;width:360px;height:2000px"
  onload="document.title = this.contentDocument.documentElement.scrollWidth"></iframe>`;

describe('the report in a browser', { skip: needs('chromium') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'soakd-page-'));
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a page in a frame as wide as a telephone. @returns what was asked for, its width, and what the browser logged */
  async function opened(page: string) {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      const host = request.headers.host?.replace(/:\d+$/, '');
      if (!/\.google(?:apis)?\.com$/.test(host ?? '')) requests.push(`${host} ${request.url}`);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(request.url === '/frame' ? FRAME : page);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const browser = start(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
        `--user-data-dir=${folder}`,
        // Whatever the page asks for comes to this server, and is seen.
        `--host-resolver-rules=MAP * 127.0.0.1:${port}`,
        ...['--enable-logging=stderr', '--dump-dom', `http://127.0.0.1:${port}/frame`],
      ],
      { group: true },
    );
    await browser.ended(60_000);
    const width = Number(/<title>(\d+)<\/title>/.exec(browser.stdout.text)?.[1]);
    return { requests, width, logged: browser.output.match(/CONSOLE.*/g) ?? [] };
  }

  it('loads nothing else, reports no error, and fits a telephone, with hostile names in all fields', async () => {
    const page = htmlReport(makeDocument(inputOf(...NAMES.slice(0, 10).map(hostileRun))));
    const { requests, width, logged } = await opened(page);
    assert.deepEqual(requests, ['127.0.0.1 /frame', '127.0.0.1 /report']);
    assert.deepEqual(logged, []);
    assert.ok(width <= 360, String(width));
  });

  // The test above is worth what this one finds.
  it('is seen to load, report and overflow where it does', async () => {
    const planted =
      '<!doctype html><html><body><div style="width:500px">x</div><img src="http://planted.invalid/x.png"><script>console.error("planted")</script>';
    const { requests, width, logged } = await opened(planted);
    assert.deepEqual(requests.slice(2), ['planted.invalid /x.png']);
    assert.ok(width > 500);
    assert.match(logged.join(), /planted/);
  });
});
