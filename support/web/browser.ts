import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where pictures of pages go; absent: none are taken. */
const PICTURES = process.env.SOAKD_PICTURES;

/** Longest time of one step. */
const TIMEOUT_MS = 90_000;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Starts Debian's Chromium. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      ...[
        '--no-sandbox',
        '--no-zygote',
        '--disable-gpu',
        '--in-process-gpu',
        '--disable-software-rasterizer',
      ],
      ...['--disable-dev-shm-usage', '--disable-extensions', '--disable-background-networking'],
    ],
    timeout: TIMEOUT_MS,
  });
}

export interface OpenedPage {
  readonly page: Page;
  /** What the browser reported: errors of scripts, violations of the content security policy, failed requests. */
  readonly errors: readonly string[];
  /** Requests to other hosts. */
  readonly foreign: readonly string[];
  /** Opens a view by its fragment. */
  show(fragment: string): Promise<void>;
  /** @returns violations of rules for accessibility that axe calls serious or critical */
  violations(): Promise<string[]>;
  /** @returns by how many pixels the page is wider than its window */
  overflow(): Promise<number>;
  picture(name: string): Promise<void>;
}

/** Opens the page of soakd. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, scheme = 'light' }: { readonly width?: number; readonly scheme?: 'light' | 'dark' } = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  // The machine is shared with other tests.
  page.setDefaultTimeout(TIMEOUT_MS);
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && host !== new URL(url).host)
      foreign.push(request.url());
  });
  await page.goto(url, { waitUntil: 'commit' });
  // Attached is enough: whether it can be seen is asked frame by frame.
  await page.waitForSelector('main h1', { state: 'attached' });
  return {
    page,
    errors,
    foreign,
    show: async (fragment) => {
      await page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
      // Attached is enough: whether it can be seen is asked frame by frame.
      await page.waitForSelector('main h1', { state: 'attached' });
    },
    violations: async () => {
      await page.evaluate(readFileSync(AXE, 'utf8'));
      return page.evaluate<
        string[]
      >(`axe.run({ resultTypes: ['violations'], iframes: false }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map((n) => n.html).join(' ')))`);
    },
    overflow: () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
    picture: async (name) => {
      if (PICTURES === undefined) return;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}-${width}-${scheme}.png`), fullPage: true });
    },
  };
}
