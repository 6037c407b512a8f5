/**
 * CPU of a scrape of `/metrics` at 1, 10 and 50 targets: the text, its compression, and a second scrape of the same
 * snapshot: `node_modules/.bin/node bench/scrape.ts`. Quote the ratios.
 */

import { streamLayout } from '../src/catalog/slots.ts';
import { Compressed } from '../src/http/compressed.ts';
import { PrometheusExporter } from '../src/sink/prometheus/exporter.ts';

const ROUNDS = 20;
const TIMEOUTS = { connectMs: 10_000, ttfbMs: 30_000, idleMs: 30_000, totalMs: 300_000, lingerMs: 1000 };

process.stdout.write('targets   series     KiB   gzip KiB   text ms   gzip ms   again ms\n');
for (const count of [1, 10, 50]) {
  const targets = Array.from({ length: count }, (_, i) => ({
    name: `target-${i}`,
    labels: {},
    timeouts: TIMEOUTS,
  }));
  const layout = streamLayout(
    targets.map((t) => t.name),
    {},
  );
  // Numbers of the length that hours of load give.
  const values = Float64Array.from({ length: layout.size }, (_, i) => (i * 7919) % 100_003);
  const exporter = new PrometheusExporter({
    build: { version: '1', revision: '', nodeVersion: process.version },
    targets,
    timingLimits: {},
    logMessages: () => 0,
    reloads: () => ({ successful: true, successAt: 0 }),
    idle: { atMs: 0, layout, values, desired: targets.map(() => 0) },
  });
  const compressed = new Compressed<{ readonly text: string }>();
  const cost = { text: 0, gzip: 0, again: 0 };
  let text = '';
  let packed = 0;
  for (let round = -3; round < ROUNDS; round++) {
    const took = { text: await cpuMs(async () => (text = await exporter.scrape())), gzip: 0, again: 0 };
    const one = { text };
    took.gzip = await cpuMs(async () => (packed = (await compressed.of(one)).length));
    took.again = await cpuMs(() => compressed.of(one));
    if (round < 0) continue;
    for (const key of ['text', 'gzip', 'again'] as const) cost[key] += took[key] / ROUNDS;
  }
  exporter.close();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  const cells = [count, series, Math.round(text.length / 1024), Math.round(packed / 1024)];
  process.stdout.write(
    `${cells.map((c) => String(c).padStart(7)).join('  ')}   ${Object.values(cost)
      .map((ms) => ms.toFixed(2).padStart(7))
      .join('   ')}\n`,
  );
}

/** CPU of all threads of the process, ms. */
async function cpuMs(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
