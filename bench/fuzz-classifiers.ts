/** `node bench/fuzz-classifiers.ts --seconds=60 [--seed=1]`: random bytes and broken streams at all judges. */
import { parseArgs } from 'node:util';
import { JudgeFuzzer } from '../support/formats/judge-fuzzer.ts';
import { collect } from '../support/stream/collect.ts';
import { machine, table } from './measure.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const seconds = Number(values.seconds);
const fuzzer = new JudgeFuzzer(Number(values.seed));

const kib = (bytes: number): string => (bytes / 1024).toFixed(0);
const rows = [['after s', 'streams', 'MB', 'heap KiB', 'buffers KiB', 'RSS KiB']];
const start = performance.now();
const note = async (): Promise<void> => {
  await collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const after = ((performance.now() - start) / 1000).toFixed(0);
  const mb = (fuzzer.bytes / 1e6).toFixed(0);
  rows.push([after, `${fuzzer.streams}`, mb, kib(heapUsed), kib(arrayBuffers), kib(rss)]);
};

// Five lines after the first, by which code is compiled and buffers have found their size.
for (const part of [0.05, 0.2, 0.4, 0.6, 0.8, 1]) {
  while (performance.now() - start < seconds * 1000 * part) for (let i = 0; i < 100; i++) fuzzer.round();
  await note();
}
const outcomes = [...fuzzer.outcomes].sort().map(([outcome, n]) => [outcome, `${n}`]);
process.stdout.write(
  `${machine()}\nseed ${values.seed}, no throw\n\n${table(rows)}\n${table([['outcome', 'streams'], ...outcomes])}`,
);
