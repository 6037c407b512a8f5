import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { comparison } from '../../support/http/stub.ts';
import { needs } from '../../support/needs.ts';
import { openPage, startBrowser } from '../../support/web/browser.ts';
import { type MadeState, madePage } from '../../support/web/made-page.ts';

/** What the page says first in each state. */
const WORDS: readonly (readonly [MadeState['state'], RegExp])[] = [
  ['empty', /^Nothing runs$/],
  ['starting', /^Starting$/],
  ['resumed', /^Healthy since \d/],
  ['well', /^Healthy since \d/],
  ['bad', /^Unhealthy since \d/],
  ['paused', /^Paused since \d/],
  ['draining', /^Ending$/],
  ['pass', /^Nothing runs. Previous run: passed since/],
  ['fail', /^Nothing runs. Previous run: failed since/],
  ['inconclusive', /^Nothing runs. Previous run: inconclusive since/],
  ['aborted', /^Nothing runs. Previous run: stopped early since/],
];

const VIEWS = [
  ...[
    'now',
    'control',
    'runs',
    'runs/kept-0',
    'runs/kept-0/report',
    'compare/kept-0/kept-1',
    'configuration',
  ],
];
/** Waits for the report in its frame. */
async function reportIn(page: Page): Promise<void> {
  await page.frameLocator('iframe').locator('h1').first().waitFor({ state: 'attached' });
}

/** Waits for what a view shows last. */
const LAST: Readonly<Record<string, string>> = {
  now: '.plots canvas',
  'runs/kept-0': '.plots canvas',
  'compare/kept-0/kept-1': '.plots canvas',
};

describe('the page in Chromium', { skip: needs('chromium') }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  /** Serves a state, and stops it after the test. */
  const serveState = async (t: TestContext, state: MadeState) => {
    const made = await madePage(state);
    t.after(() => made.close());
    return made;
  };

  for (const [state, word] of WORDS)
    it(`says at once what the state is, without an error in the browser: ${state}`, async (t) => {
      const made = await serveState(t, { state, runs: state === 'empty' ? 0 : 2 });
      const opened = await openPage(browser, made.url);
      const { page } = opened;
      if (state !== 'empty') await page.waitForSelector('.plots canvas');
      assert.match((await page.textContent('h1'))!, word);
      assert.deepEqual(await opened.violations(), []);
      await opened.picture(`state-${state}`);
      assert.deepEqual(opened.errors, []);
      assert.deepEqual(opened.foreign, []);
      await page.close();
    });

  for (const [width, scheme] of [
    [360, 'dark'],
    [2560, 'dark'],
    [1280, 'light'],
  ] as const)
    it(`shows every view at ${width} pixels in the ${scheme} theme, accessible and no wider than the window`, async (t) => {
      const made = await serveState(t, { state: 'bad', runs: 60 });
      const opened = await openPage(browser, made.url, { width, scheme });
      for (const view of VIEWS) {
        await opened.show(`#/${view}`);
        await opened.page.waitForSelector(LAST[view] ?? 'main');
        if (view.startsWith('compare')) await opened.page.waitForSelector('text=B is worse than A');
        if (view.endsWith('report')) await reportIn(opened.page);
        await opened.picture(`view-${view.replaceAll('/', '_')}`);
        assert.ok((await opened.overflow()) <= 0, `${view} is too wide`);
        assert.deepEqual(await opened.violations(), [], view);
      }
      assert.deepEqual(opened.errors, []);
      assert.deepEqual(opened.foreign, []);
      await opened.page.close();
    });

  it('names target, time and action of what is wrong', async (t) => {
    const made = await serveState(t, { state: 'bad' });
    const { page } = await openPage(browser, made.url);
    await page.waitForSelector('.banner .action');
    const banner = await page.innerText('.banner');
    assert.match(banner, /Unhealthy since/);
    assert.match(banner, /gunicorn: the success rate is below 99 %/);
    assert.match(banner, /What to do: Check the log of the target/);
    assert.match(await page.title(), /^✕ Unhealthy/);
    // One target: its quantiles.
    await page.click('button:has-text("gunicorn")');
    await page.waitForSelector('.plot:has-text("Time to first byte") >> text=p99');
    await page.close();
  });

  it('changes the load by keyboard alone, after a confirmation that says the effect', async (t) => {
    const made = await serveState(t, { state: 'well' });
    const { page, errors } = await openPage(browser, `${made.url}/#/control`);
    await page.focus('form[aria-label="Load"] input');
    await page.keyboard.type('200');
    await page.keyboard.press('Enter');
    const dialog = await page.waitForSelector('dialog[open]');
    assert.match(await dialog.innerText(), /from 1,250 to 200 virtual users for the rest of the stage/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    assert.deepEqual(made.controls, []);
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open] button.main');
    await page.focus('dialog button.main');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Done: Change the load.');
    assert.deepEqual(made.controls, [{ control: { action: 'set', users: 200 }, by: 'local' }]);
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('shows a resumed run with its gap as a band and an event, at the smallest size and in the dark', async (t) => {
    const made = await serveState(t, { state: 'resumed' });
    for (const [width, scheme] of [
      [360, 'dark'],
      [2560, 'light'],
    ] as const) {
      const opened = await openPage(browser, made.url, { width, scheme });
      await opened.page.waitForSelector('.plots canvas');
      await opened.page.waitForSelector('.keys >> text=gap: soakd was not running');
      assert.match(
        await opened.page.innerText('section[aria-labelledby=events]'),
        /gap\s+soakd\s+no process/,
      );
      assert.ok((await opened.overflow()) <= 0);
      assert.deepEqual(await opened.violations(), []);
      await opened.picture('resumed');
      await opened.page.close();
    }
  });

  it('shows the last kept run after a restart', async (t) => {
    const made = await serveState(t, { state: 'empty', runs: 3 });
    const { page, errors } = await openPage(browser, made.url);
    await page.waitForSelector('h1:has-text("Nothing runs. Previous run: failed")');
    await page.waitForSelector('.plots canvas');
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('lists, filters, pages and saves 500 runs, with one request for each', async (t) => {
    const made = await serveState(t, { state: 'pass', runs: 500 });
    const opened = await openPage(browser, `${made.url}/#/runs`);
    const { page } = opened;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (/\/api\/v1\/runs\?/.test(request.url())) asked.push(request.url());
    });
    const first = async (): Promise<string> => page.innerText('tbody tr:first-child td:nth-child(2)');
    await page.waitForSelector('text=kept-49');
    assert.equal(await page.locator('tbody tr').count(), 50);
    await opened.picture('runs-500');
    assert.deepEqual(await opened.violations(), []);
    await page.click('button:has-text("Older")');
    await page.waitForSelector('text=kept-99');
    assert.equal(await first(), 'kept-50');
    await page.selectOption('select >> nth=1', 'fail');
    await page.waitForSelector('text=kept-196');
    assert.equal(await first(), 'kept-0');
    assert.equal(asked.length, 2, asked.join(' '));
    const saved = page.waitForEvent('download');
    await page.click('button:has-text("All as CSV")');
    const rows = (await text(await (await saved).createReadStream())).trimEnd().split('\r\n');
    assert.match(rows[0]!, /^id,scenario,source,state,verdict,/);
    assert.equal(rows.length, 126, 'every fourth of 500 failed');
    assert.deepEqual(opened.errors, []);
    await page.close();
  });

  it('says why runs cannot be compared', async (t) => {
    const refused = { reason: 'no-common-level', text: 'the runs held no constant load in common' } as const;
    const empty = { values: [], notCompared: [], counts: { regressions: 0, improvements: 0, unchanged: 0 } };
    const made = await serveState(t, {
      state: 'pass',
      comparison: { ...comparison(), ...empty, verdict: 'refused', refused },
    });
    const opened = await openPage(browser, `${made.url}/#/compare/kept-0/kept-1`);
    await opened.page.waitForSelector('.banner:has-text("These runs cannot be compared")');
    assert.match(await opened.page.innerText('.banner'), /the runs held no constant load in common/);
    await opened.picture('refused');
    await opened.page.close();
  });

  it('shows the status without scripts', async (t) => {
    const made = await serveState(t, { state: 'well' });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(made.url, { waitUntil: 'commit' });
    await page.waitForSelector('main.plain td');
    assert.match(await page.innerText('main'), /active \/ desired\s+1,234 \/ 1,250/);
    await context.close();
  });
});
