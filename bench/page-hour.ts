/**
 * Memory and CPU of a tab that stays open: Chromium shows the view of now of a run, with all its plots, and the benchmark
 * reads the JavaScript heap after a collection and the CPU of the tab once a minute:
 * `node_modules/.bin/node bench/page-hour.ts --minutes=60 --targets=2`. A share is CPU time of one core: `thread` is the main
 * thread of the tab, `processes` all processes of the browser, which draw and decode, too. The growth of
 * the heap is the slope of a line through the second half of the minutes. On a busy machine shares are too high.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serve } from '../support/service.ts';
import { openPage, startBrowser } from '../support/web/browser.ts';
import { machine } from './measure.ts';

const MINUTE_MS = 60_000;
const MIB = 2 ** 20;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, targets: { type: 'string', default: '2' } },
});
const minutes = Number(values.minutes);
const names = Array.from({ length: Number(values.targets) }, (_, i) => `target-${i}`);

const soak = await serve(`
limits: { maxDuration: 26h }
targets: [${names.map((name) => `{ name: ${name}, simulator: { preset: quick } }`).join(', ')}]
scenarios:
  bench:
    targets: [${names.map((name) => `{ name: ${name} }`).join(', ')}]
    stages: [{ users: ${names.length * 5}, for: ${minutes + 5}m }]
`);
const browser = await startBrowser();
try {
  if ((await soak.startRun('bench')).status !== 201) throw new Error('the run did not start');
  const { page, errors } = await openPage(browser, soak.url);
  await page.waitForSelector('.plots canvas');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const whole = await browser.newBrowserCDPSession();
  const read = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string): number => metrics.find((m) => m.name === name)?.value ?? Number.NaN;
    const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
    return {
      atMs: performance.now(),
      heap: metric('JSHeapUsedSize') / MIB,
      nodes: metric('Nodes'),
      threadMs: metric('TaskDuration') * 1000,
      processesMs: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0) * 1000,
    };
  };
  const plots = await page.locator('.plots canvas').count();
  process.stdout.write(
    `${machine()}; load average ${readFileSync('/proc/loadavg', 'utf8').split(' ', 1)[0]}\n`,
  );
  process.stdout.write(
    `${plots} plots, ${names.length} targets\nminute  heap MiB  nodes  thread  processes\n`,
  );
  const heaps: number[] = [];
  let before = await read();
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(MINUTE_MS);
    const now = await read();
    const share = (key: 'threadMs' | 'processesMs'): string =>
      `${(((now[key] - before[key]) / (now.atMs - before.atMs)) * 100).toFixed(1)} %`;
    heaps.push(now.heap);
    const cells = [minute, now.heap.toFixed(2), now.nodes, share('threadMs'), share('processesMs')];
    process.stdout.write(`${cells.map((cell) => String(cell).padStart(8)).join('')}\n`);
    before = now;
  }
  const late = heaps.slice(Math.floor(heaps.length / 2));
  process.stdout.write(`heap of the second half: ${(slope(late) * 60).toFixed(2)} MiB an hour\n`);
  process.stdout.write(`errors in the browser: ${errors.length === 0 ? 'none' : errors.join('; ')}\n`);
} finally {
  await browser.close();
  await soak.stop();
}

/** Returns the slope of the least-squares line through values one minute apart, per minute; NaN for fewer than two. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const square = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return values.reduce((sum, v, i) => sum + (i - middle) * (v - mean), 0) / square;
}
