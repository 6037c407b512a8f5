/**
 * `node bench/held.ts --part=memory`: resident memory of a held stream, as the slope between 1,000 and 8,000 streams that
 * are idle in the middle of their bodies, for each transport. Two minutes.
 * `node bench/held.ts --part=slow`: 10,000 streams of a slow profile (gaps of 40 to 560 ms) for 5 minutes, and how they
 * ended. All on loopback, the target in a process of its own; wants 20,000 descriptors.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TRANSPORTS, type Transport } from '../src/core/target.ts';
import type { Summary } from '../src/schema/summary.ts';
import { soakd } from '../support/process.ts';
import { simulate } from '../support/simulator.ts';
import { machine, table } from './measure.ts';

const { values: flags } = parseArgs({ options: { part: { type: 'string', default: 'memory,slow' } } });
const FEW = 1000;
const MANY = 8000;
/** After this all are open, have their chunks and are quiet, s. */
const QUIET_S = 20;
const SLOW = { users: 10_000, minutes: 5 };

/** @returns resident bytes of soakd while it holds so many streams */
async function residentBytes(port: number, transport: Transport, users: number): Promise<number> {
  const program = soakd([
    ...['run', '--target', `http://127.0.0.1:${port}/`, '--terminal', '[DONE]', '--transport', transport],
    ...['--users', `${users}`, '--for', `${QUIET_S + 10}s`, '--idle-timeout', '120s'],
  ]);
  await wait(QUIET_S * 1000);
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8')) ?? [];
  await program.stop();
  return Number(kib) * 1024;
}

async function memory(): Promise<void> {
  const target = fork(fileURLToPath(new URL('./held/holder.ts', import.meta.url)));
  const [port] = (await once(target, 'message')) as [number];
  const rows = [['transport', `MiB at ${FEW}`, `at ${MANY}`, 'KiB a stream']];
  for (const transport of TRANSPORTS) {
    const few = await residentBytes(port, transport, FEW);
    const many = await residentBytes(port, transport, MANY);
    const slope = (many - few) / (MANY - FEW) / 1024;
    rows.push([transport, ...[few, many].map((b) => (b / 2 ** 20).toFixed(0)), slope.toFixed(1)]);
  }
  target.disconnect();
  process.stdout.write(`${table(rows)}\n`);
}

async function slow(): Promise<void> {
  const simulator = await simulate(['--ttfb=1100ms', '--gap=uniform: [40ms, 560ms]', '--chunks=400']);
  const program = soakd([
    ...['run', '--target', `${simulator.url}/`, '--terminal', '[DONE]', '--users', `${SLOW.users}`],
    ...['--for', `${SLOW.minutes}m`, '--total-timeout', '600s', '--json'],
  ]);
  await program.ended((SLOW.minutes + 6) * 60_000);
  const { streams, measurementQuality, ttfbMs, gapMs, generator } = JSON.parse(
    program.stdout.lines.at(-1)!,
  ) as Summary;
  await simulator.stop();
  const ended = Object.fromEntries(Object.entries(streams.finished).filter(([, n]) => n > 0));
  process.stdout.write(
    `${SLOW.users} users, ${SLOW.minutes} min: ${JSON.stringify({ ...streams, finished: ended })}\n`,
  );
  process.stdout.write(`${JSON.stringify({ measurementQuality, ttfbMs, gapMs, generator })}\n`);
}

process.stdout.write(`${machine()}\n`);
if (flags.part.includes('memory')) await memory();
if (flags.part.includes('slow')) await slow();
