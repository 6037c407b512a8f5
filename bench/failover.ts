/**
 * `node bench/failover.ts`: what the users of nginx-three see while one of its three app servers is killed and started again
 * 20 s later, with the defaults of Nginx and with `--failover` (examples/targets/nginx-three). 300 users, two minutes each,
 * server and load on this machine. Prints a table. --users, --seconds and --chunks-mean change the load.
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Summary } from '../src/schema/summary.ts';
import { poll } from '../support/poll.ts';
import { type Running, soakd, start } from '../support/process.ts';
import { ROOT } from '../support/root.ts';
import { startTarget } from '../support/targets.ts';
import { machine, table } from './measure.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '120' },
    'chunks-mean': { type: 'string', default: '403' },
  },
});
const users = whole('users', 1, 5000);
const seconds = whole('seconds', 60, 600);
const chunksMean = whole('chunks-mean', 1, 5000);
/** From the start of the load to the end of an app server, and from there to its next start. */
const KILL_AFTER_MS = 30_000;
const DOWN_MS = 20_000;

interface Seen {
  readonly summary: Summary;
  /** Streams that the app server has started since it was started again. */
  readonly answeredAgain: number;
}

async function failover(flags: readonly string[]): Promise<Seen> {
  const target = await startTarget('nginx-three', { flags, chunksMean });
  let again: Running | undefined;
  try {
    const port = target.appPorts[1]!;
    const [, pid] = await target.program.line(new RegExp(`app server on port ${port} has pid (\\d+)`));
    const load = soakd([
      ...['run', '--target', target.url, '--terminal', '[DONE]', '--users', `${users}`],
      ...['--for', `${seconds}s`, '--json'],
    ]);
    // A busy machine starts soakd late.
    await poll('load', async () => ((await target.counts()).started >= users / 2 ? true : undefined));
    await sleep(KILL_AFTER_MS);
    process.kill(Number(pid), 'SIGKILL');
    await sleep(DOWN_MS);
    again = start(join(ROOT, 'examples/targets/fastapi/start'), ['--port', `${port}`], {
      env: { SOAK_CHUNKS_MEAN: `${chunksMean}` },
      group: true,
    });
    await load.ended(seconds * 1000 + 360_000);
    const line = load.stdout.lines.findLast((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`soakd printed no summary\n${load.output}`);
    const { started } = (await (await fetch(`http://127.0.0.1:${port}/count`)).json()) as { started: number };
    return { summary: JSON.parse(line) as Summary, answeredAgain: started };
  } finally {
    await again?.stop();
    await target.stop();
  }
}

const rows = [
  ['Nginx', 'streams', 'complete', 'outcomes of the rest', 'down s', 'TTFB p99 ms', 'by the new one'],
];
for (const [name, flags] of [
  ['defaults', []],
  ['--failover', ['--failover']],
] as const) {
  const { summary, answeredAgain } = await failover(flags);
  const { streams, availability, ttfbMs } = summary;
  const rest = Object.entries(streams.finished).filter(([outcome, n]) => outcome !== 'complete' && n > 0);
  rows.push([
    name,
    `${streams.started}`,
    `${streams.finished.complete}`,
    rest.map(([outcome, n]) => `${outcome} ${n}`).join(', ') || 'none',
    (availability.downMs / 1000).toFixed(1),
    `${ttfbMs.p99?.toFixed(0) ?? '–'}`,
    `${answeredAgain}`,
  ]);
}
process.stdout.write(
  `${machine()}; ${users} users, ${seconds} s, answers of ${chunksMean} chunks\n${table(rows)}`,
);

function whole(flag: 'users' | 'seconds' | 'chunks-mean', least: number, most: number): number {
  const value = Number(values[flag]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(
    `--${flag}: expected a whole number from ${least} to ${most}, found ${values[flag]}\n`,
  );
  process.exit(2);
}
