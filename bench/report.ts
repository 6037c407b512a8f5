/**
 * `node bench/report.ts [--every=600] [--data=FOLDER] [--rounds=5]`: the report of a run of 24 hours with 50 targets, from a
 * history that the real sink wrote. Wall time of `soakd report` as a user starts it, the size of each format, and how much the
 * report over the API delays the event loop of its process. `--every=10` writes all 8640 windows of 10 s and takes minutes; a
 * folder of `--data` is kept, and used again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DATABASE } from '../src/history/folder.ts';
import { History } from '../src/history/history.ts';
import { writeKeptReport } from '../src/kept-report/report-thread.ts';
import { writeDay } from '../support/history/day.ts';
import { table } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    every: { type: 'string', default: '600' },
    data: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
const NPM = ['npm', 'run', '-s', 'soakd', '--'];
const FORMATS = ['html', 'md', 'json'] as const;

const folder = options.data ?? mkdtempSync(join(tmpdir(), 'soakd-bench-report-'));
const path = join(folder, DATABASE);
const say = (text: string): unknown => process.stdout.write(`${text}\n`);

function complain(facts: object, text: string): void {
  throw new Error(`${text}: ${JSON.stringify(facts)}`);
}

async function writeHistory(): Promise<void> {
  const began = performance.now();
  const history = await History.open({
    folder: { path: folder, isDefault: false },
    source: 'serve',
    retention: { maxAgeMs: 1e15, maxBytes: 1e13 },
    log: { info() {}, warn: complain, error: complain },
  });
  await writeDay(history, { everyMs: Number(options.every) * 1000 });
  await history.close();
  say(
    `${(statSync(path).size / 1e6).toFixed(0)} MB, written in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Returns the wall time of a report by the command line and the CPU that it took, npm and the bootstrap included; s. */
function command(out: string): { readonly wall: number; readonly cpu: number } {
  const began = performance.now();
  const args = ['-c', '"$@" && times', 'bash', ...NPM, 'report', 'day', '--data', folder, '--out', out];
  const { status, stdout, stderr } = spawnSync('bash', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const wall = (performance.now() - began) / 1000;
  // The second line is that of children: user and system.
  const times = stdout
    .trim()
    .split('\n')[1]!
    .matchAll(/(\d+)m([\d.]+)s/g);
  return {
    wall,
    cpu: times.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0),
  };
}

/** Returns how late the event loop is while a call lasts, and the CPU that its own thread takes, ms. */
async function delayed(call: () => Promise<unknown>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const cpu = process.threadCpuUsage();
  const began = performance.now();
  delay.enable();
  await call();
  const took = performance.now() - began;
  // Of the end of the thread, too.
  await sleep(200);
  delay.disable();
  const { user, system } = process.threadCpuUsage(cpu);
  return { took, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, cpu: (user + system) / 1000 };
}

try {
  if (!existsSync(path)) await writeHistory();
  const rounds = Number(options.rounds);
  const rows = FORMATS.map((format) => {
    const out = join(folder, `report.${format}`);
    const [first, ...others] = Array.from({ length: rounds + 1 }, () => command(out));
    return [
      format,
      first!.wall.toFixed(2),
      median(others.map(({ wall }) => wall)).toFixed(2),
      median(others.map(({ cpu }) => cpu)).toFixed(2),
      (statSync(out).size / 1e6).toFixed(2),
    ];
  });
  say(table([['soakd report, as', 'first, s', 'median, s', 'CPU, s', 'MB'], ...rows]));

  const text = (ms: number): string => ms.toFixed(1);
  const measured: string[][] = [];
  const add = (what: string, { took, p99, max, cpu }: Awaited<ReturnType<typeof delayed>>): unknown =>
    measured.push([what, text(took), text(p99), text(max), text(cpu)]);
  add('nothing', await delayed(() => sleep(2000)));
  for (let round = 0; round < rounds; round++)
    add(
      'report in its thread',
      await delayed(() => writeKeptReport({ path, task: { run: 'day', format: 'html' } })),
    );
  say(
    table([
      ['event loop during', 'took, ms', 'delay p99, ms', 'max, ms', 'CPU of its thread, ms'],
      ...measured,
    ]),
  );
} finally {
  if (options.data === undefined) rmSync(folder, { recursive: true, force: true });
}
