/**
 * `node bench/error-bar.ts [--transport=lean] [--levels=500,1500,…] [--windows=3]`: how wrong TTFB and the times of chunks
 * are, by the times that the target writes into them, and whether the canary's error bar says so. Two to three minutes, all
 * on loopback, the target in a process of its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Transport } from '../src/core/target.ts';
import { startCanaryServer } from '../src/load/canary/server.ts';
import type { LevelAsked, LevelResult } from './error-bar/results.ts';
import { machine, table } from './measure.ts';

const { values: flags } = parseArgs({
  options: {
    transport: { type: 'string', default: 'lean' },
    levels: { type: 'string', default: '500,1500,3000,4000,5000,6000' },
    windows: { type: 'string', default: '3' },
  },
});
/** What makes a window unreliable by default, ms. */
const LIMIT_MS = 25;
const AT_ONCE = 3000;

const ms = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2));

async function level(asked: Omit<LevelAsked, 'port' | 'canaryPort'>): Promise<LevelResult> {
  const target = fork(fileURLToPath(new URL('./error-bar/stamping-target.ts', import.meta.url)));
  const canary = (await startCanaryServer())!;
  try {
    const [port] = (await once(target, 'message')) as [number];
    const workerData: LevelAsked = { ...asked, port, canaryPort: canary.port };
    const thread = new Worker(new URL('./error-bar/load-thread.ts', import.meta.url), { workerData });
    const [result] = (await once(thread, 'message')) as [LevelResult];
    await thread.terminate();
    return result;
  } finally {
    await canary.close();
    target.disconnect();
    await once(target, 'exit');
  }
}

const transport = flags.transport as Transport;
process.stdout.write(`${machine()}; transport ${transport}\n`);
const rows: string[][] = [];
let covered = 0;
let tight = 0;
let all = 0;
let unreliableAt: string | undefined;
for (const streams of flags.levels.split(',').map(Number)) {
  const result = await level({ transport, streams, gated: true, windows: Number(flags.windows) });
  for (const { truth, bar, chunks } of result.windows) {
    all++;
    const p99 = bar?.p99 ?? Number.NaN;
    if (p99 >= truth[1]) covered++;
    if (p99 <= 3 * truth[1] + 1) tight++;
    const isUnreliable = !(p99 <= LIMIT_MS);
    if (isUnreliable) unreliableAt ??= `${streams} streams, true p99 ${ms(truth[1])} ms`;
    rows.push([
      `${streams}`,
      ms(result.ttfb[0]),
      ms(result.ttfb[1]),
      `${Math.round(chunks / 5)}`,
      ms(truth[0]),
      ms(truth[1]),
      ms(bar?.p50),
      ms(bar?.p99),
      isUnreliable ? 'unreliable' : '',
    ]);
  }
}
const heads = ['streams', 'TTFB bias p50', 'p99', 'chunks/s', 'true lag p50', 'p99', 'bar p50', 'p99', ''];
process.stdout.write(`${table([heads, ...rows])}\n`);
process.stdout.write(
  `covered: ${covered} of ${all} windows; at most 3 × the truth + 1 ms: ${tight} of ${all}\n`,
);
process.stdout.write(`first unreliable window: ${unreliableAt ?? 'none'}\n`);
for (const gated of [true, false]) {
  const { ttfb, connect } = await level({ transport, streams: AT_ONCE, gated, windows: 0 });
  process.stdout.write(
    `${AT_ONCE} due at once, ${gated ? 'through the gate' : 'dialled in one go'}: TTFB bias p50 ${ms(ttfb[0])}, p99 ${ms(ttfb[1])} ms; connect p50 ${ms(connect[0])}, p99 ${ms(connect[1])} ms\n`,
  );
}
