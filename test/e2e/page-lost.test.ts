import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { Restartable } from '../../support/restartable.ts';
import { openPage, startBrowser } from '../../support/web/browser.ts';

/** A proxy of TCP that can lose its connections, refuse new ones, or pass nothing on without a word. */
class Line {
  mode: 'open' | 'cut' | 'silent' = 'open';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(to: number) {
    this.#server = createServer((from) => {
      if (this.mode === 'cut') {
        from.destroy();
        return;
      }
      const back = connect(to, '127.0.0.1');
      for (const [source, sink] of [
        [from, back],
        [back, from],
      ] as const) {
        this.#sockets.add(source);
        source.on('data', (bytes) => this.mode === 'open' && sink.write(bytes));
        source.on('error', () => {});
        source.once('close', () => {
          this.#sockets.delete(source);
          sink.destroy();
        });
      }
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return (this.#server.address() as { port: number }).port;
  }

  cut(): void {
    this.mode = 'cut';
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

describe('the page after a lost connection', { skip: needs('chromium') }, () => {
  let browser: Browser;
  let soak: Restartable;
  let line: Line;
  let url = '';
  before(async () => {
    browser = await startBrowser();
    soak = await Restartable.create(`
targets: [{ name: one, simulator: { preset: quick } }, { name: two, simulator: { preset: quick } }]
scenarios: { demo: { targets: [{ name: two }, { name: one }], stages: [{ users: 4, for: 15m }] } }
`);
    await soak.start();
    line = new Line(soak.port);
    url = `http://127.0.0.1:${await line.listen()}`;
    assert.equal((await soak.send('POST', '/api/v1/runs', { scenario: 'demo' })).status, 201);
  });
  after(async () => {
    await browser?.close();
    line?.close();
    await soak?.stop();
  });

  /** Numbers of windows that the history has. */
  const kept = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${soak.port}/api/v1/runs?limit=1`);
    const { runs } = (await answer.json()) as { runs: { id: string }[] };
    const page = await fetch(
      `http://127.0.0.1:${soak.port}/api/v1/runs/${runs[0]!.id}/windows?limit=1000&columns=chunks`,
    );
    return ((await page.json()) as { windows: unknown[] }).windows.length;
  };

  for (const [how, lose, find] of [
    ['cut', () => line.cut(), () => {}],
    [
      'dead without a word',
      () => {
        line.mode = 'silent';
      },
      () => line.cut(),
    ],
  ] as const)
    it(`says that it is disconnected, and has no gap in its plots later: ${how}`, async () => {
      const { page } = await openPage(browser, url);
      await page.waitForSelector('.plots canvas');
      const shown = async (): Promise<number> => {
        const [, count] = /(\d+) windows\./.exec(await page.innerText('section[aria-labelledby=plots]'))!;
        return Number(count);
      };
      lose();
      await page.waitForSelector('h1:has-text("Disconnected since")');
      assert.match(await page.title(), /^! Disconnected/);
      assert.match(await page.innerText('.banner'), /Check that soakd runs/);
      const before = await shown();
      await poll('two windows that the page misses', async () => (await kept()) > before + 2 || undefined, {
        timeoutMs: 90_000,
      });
      assert.equal(await shown(), before);
      find();
      line.mode = 'open';
      await page.waitForSelector('h1:not(:has-text("Disconnected"))');
      await poll('all windows', async () => (await shown()) >= (await kept()) - 1 || undefined, {
        timeoutMs: 60_000,
      });
      assert.match(await page.innerText('.following'), /live/);
      await page.close();
    });

  it('shows a kill as a gap once soakd has resumed the run', async () => {
    const opened = await openPage(browser, url);
    const { page } = opened;
    await page.waitForSelector('.plots canvas');
    await soak.kill();
    await page.waitForSelector('h1:has-text("Disconnected since")');
    await sleep(3000);
    await soak.start();
    await page.waitForSelector('.keys >> text=gap: soakd was not running');
    await page.waitForSelector('section[aria-labelledby=events] td:has-text("gap")');
    assert.doesNotMatch(await page.innerText('h1'), /Disconnected/);
    await opened.picture('killed');
    await page.close();
  });
});
