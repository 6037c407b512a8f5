/**
 * `node bench/stall.ts`: what the closed and the open model show of a stall of 10 s, of the target and of soakd itself.
 * The table of docs/coordinated-omission.md is from here. Two and a half minutes, all on loopback.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stats } from '../src/core/histogram.ts';
import type { Summary } from '../src/schema/summary.ts';
import { type Running, soakd } from '../support/process.ts';
import { type Simulated, simulate } from '../support/simulator.ts';
import { machine, table } from './measure.ts';

/** Answers of about 0.2 s, so that 60 users make 300 starts a second. */
const ANSWERS = { ttfb: '100ms', gap: '25ms', chunks: 5 };
const RATE = 300;
const USERS = 60;
/** The stall is from 15 s to 25 s; the next one would come after 30 s. */
const RUN_S = 29;
const STALL_AT_S = 15;
const STALL_S = 10;

const MODELS = {
  closed: `{ target: simulator, stages: [{ users: ${USERS}, for: ${RUN_S}s }] }`,
  open: `{ target: simulator, arrivals: constant, maxUsers: 6000, stages: [{ rate: ${RATE}, for: ${RUN_S}s }] }`,
  capped: `{ target: simulator, arrivals: constant, maxUsers: 1000, stages: [{ rate: ${RATE}, for: ${RUN_S}s }] }`,
} as const;

type Stall = (simulator: Simulated, program: Running) => Promise<void>;

const targetStalls: Stall = async ({ url }) => {
  const behaviours = [{ pause: { for: `${STALL_S}s`, every: `${STALL_AT_S}s` } }];
  const answer = await fetch(`${url}/control`, {
    method: 'PUT',
    body: JSON.stringify({ ...ANSWERS, behaviours }),
  });
  if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
};
const soakdStalls: Stall = async (_simulator, program) => {
  await sleep(STALL_AT_S * 1000);
  program.kill('SIGSTOP');
  await sleep(STALL_S * 1000);
  program.kill('SIGCONT');
};

const CASES: readonly (readonly [name: string, model: keyof typeof MODELS, stall: Stall])[] = [
  [`closed, ${USERS} users: the target stalls`, 'closed', targetStalls],
  [`open, ${RATE} a second: the target stalls`, 'open', targetStalls],
  [`open, at most 1000 users: the target stalls`, 'capped', targetStalls],
  [`open, ${RATE} a second: soakd itself is stopped`, 'open', soakdStalls],
];

/** @returns the summary of one run, in the middle of which all stands still */
async function runOnce(model: keyof typeof MODELS, stall: Stall, folder: string): Promise<Summary> {
  const simulator = await simulate(Object.entries(ANSWERS).map(([key, value]) => `--${key}=${value}`));
  const file = join(folder, `${model}.yaml`);
  await writeFile(
    file,
    `targets:\n  - { name: simulator, url: "${simulator.url}/", terminal: "[DONE]" }\nscenarios:\n  stall: ${MODELS[model]}\n`,
  );
  const program = soakd(['run', 'stall', '--config', file, '--json', '--log-level=info']);
  try {
    await program.line(/run started/, 30_000);
    await stall(simulator, program);
    await program.ended((RUN_S + 60) * 1000);
    return JSON.parse(program.stdout.lines.at(-1)!) as Summary;
  } finally {
    // One that is stopped would not hear of its end.
    program.kill('SIGCONT');
    await program.stop();
    await simulator.stop();
  }
}

const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`);
const figures = ({ p50, p95, p99, max }: Stats): string[] => [p50, p95, p99, max].map(seconds);

const folder = await mkdtemp(join(tmpdir(), 'soakd-stall-'));
try {
  const rows = [['', 'started', 'dropped', 'failed', '', 'p50', 'p95', 'p99', 'max']];
  for (const [name, model, stall] of CASES) {
    const { streams, durationMs, effectiveDurationMs } = await runOnce(model, stall, folder);
    const { complete } = streams.finished;
    const counts = [streams.started, streams.dropped, streams.started - complete].map(String);
    rows.push([name, ...counts, 'duration', ...figures(durationMs)]);
    rows.push(['', '', '', '', 'effective', ...figures(effectiveDurationMs)]);
  }
  process.stdout.write(`${machine()}\n\n${table(rows)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
