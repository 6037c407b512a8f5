/**
 * CPU of `soakd serve` with viewers of `/api/v1/events` and without, in turns during one run, as shares of a core:
 * `node_modules/.bin/node bench/viewers.ts --viewers=100 --targets=1 --seconds=20`. Quote the difference. CPU times are of
 * the process of soakd alone; on a busy machine they are too high on both sides.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LiveViewer } from '../support/http/viewing.ts';
import { serve } from '../support/service.ts';
import { machine } from './measure.ts';

const ROUNDS = 3;
/** Of the clock of `/proc/PID/stat`, ms. */
const TICK_MS = 10;

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '100' },
    targets: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '20' },
  },
});
const count = Number(values.viewers);
const seconds = Number(values.seconds);
const names = Array.from({ length: Number(values.targets) }, (_, i) => `target-${i}`);

const soak = await serve(`
targets: [${names.map((name) => `{ name: ${name}, simulator: { preset: quick } }`).join(', ')}]
scenarios:
  bench:
    targets: [${names.map((name) => `{ name: ${name} }`).join(', ')}]
    stages: [{ users: ${names.length * 5}, for: ${2 * ROUNDS * (seconds + 5) + 30}s }]
`);
try {
  if ((await soak.startRun('bench')).status !== 201) throw new Error('the run did not start');
  await sleep(5000);
  process.stdout.write(`${machine()}; ${count} viewers, ${names.length} targets\n`);
  process.stdout.write('round  without  with   KiB a viewer and second\n');
  for (let round = 1; round <= ROUNDS; round++) {
    const without = await share();
    const viewers = await Promise.all(Array.from({ length: count }, () => LiveViewer.open(soak.port)));
    // The whole state that each gets first is not what a second costs.
    await sleep(2000);
    const before = bytesOf(viewers);
    const using = await share();
    const kib = (bytesOf(viewers) - before) / 1024 / count / seconds;
    for (const viewer of viewers) viewer.close();
    process.stdout.write(`${round}      ${percent(without)}  ${percent(using)}  ${kib.toFixed(1)}\n`);
    await sleep(1000);
  }
} finally {
  await soak.stop();
}

/** Returns the CPU that soakd takes, as a share of a core. */
async function share(): Promise<number> {
  const [cpu, at] = [cpuMs(), performance.now()];
  await sleep(seconds * 1000);
  return (cpuMs() - cpu) / (performance.now() - at);
}

function cpuMs(): number {
  const stat = readFileSync(`/proc/${soak.program.pid}/stat`, 'utf8');
  // Behind the name, which can have spaces: user and system time are the fields 14 and 15 of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function bytesOf(viewers: readonly LiveViewer[]): number {
  return viewers.reduce((sum, viewer) => sum + viewer.text.length, 0);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`.padStart(7);
}
