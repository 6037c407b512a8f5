/**
 * `npm run -s build && node bench/start.ts`: CPU (user and system) of `soakd --version` and `soakd --help`, beside that of
 * `node -e 0`, of the built package and of the checkout. 15 alternating starts of each; needs bash. Ten seconds.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { table } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');
const ROUNDS = 15;
const STARTS: Readonly<Record<string, string>> = {
  'node -e 0': '-e 0',
  'package, --version': 'bin/soakd.cjs --version',
  'package, --help': 'bin/soakd.cjs --help',
  'checkout, --version': 'src/cli/main.ts --version',
  'checkout, --help': 'src/cli/main.ts --help',
};

/** @returns CPU of the process, ms */
function cpuMs(args: string): number {
  const { stdout, stderr } = spawnSync('bash', ['-c', `"$0" ${args} > /dev/null; times`, process.execPath], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/compile'), ...process.env },
  });
  if (stderr !== '') throw new Error(stderr);
  // The second line is that of children: user and system.
  const times = stdout
    .trim()
    .split('\n')[1]!
    .matchAll(/(\d+)m([\d.]+)s/g);
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const measured = new Map(Object.keys(STARTS).map((what) => [what, [] as number[]]));
// The first start of each fills the compile cache.
for (let round = 0; round <= ROUNDS; round++)
  for (const [what, args] of Object.entries(STARTS)) {
    const ms = cpuMs(args);
    if (round > 0) measured.get(what)!.push(ms);
  }
const empty = median(measured.get('node -e 0')!);
const rows = [...measured].map(([what, values]) => [
  what,
  median(values).toFixed(0),
  (median(values) / empty).toFixed(2),
]);
process.stdout.write(`${table([['start', 'CPU ms', 'ratio'], ...rows])}\n`);
