import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../../src/schema/summary.ts';
import { soakd } from '../../support/process.ts';
import { simulate } from '../../support/simulator.ts';

/** Limit of TTFB p95, far from that of a busy machine: it is about 40 ms below the knee, and 1.5 s more for each user above it. */
const LIMIT = '1s';

/** Returns the flags of a simulator with short streams, which answers late above a number of streams. */
export function kneeSimulator(knee: number, { isLong = false } = {}): string[] {
  return [
    '--preset=quick',
    '--ttfb={ uniform: [20ms, 60ms] }',
    `--gap=${isLong ? '{ uniform: [50ms, 150ms] }' : '{ uniform: [40ms, 80ms] }'}`,
    `--chunks=${isLong ? '{ uniform: [20, 40] }' : '{ uniform: [4, 8] }'}`,
    `--capacity=streams: ${knee}, slowdown: 1500ms`,
  ];
}

export interface KneeScenario {
  readonly name: string;
  readonly url: string;
  /** Users of the scenario, or streams a second. */
  readonly from: number;
  readonly isOpen?: boolean;
  readonly limit?: string;
  /** The machine is shared: what soakd is late by is not what most searches are about. */
  readonly maxLag?: string;
}

/** Writes a configuration with one scenario. Returns its file. */
export function writeScenario(
  folder: string,
  { name, url, from, isOpen = false, limit = LIMIT, maxLag = '10s' }: KneeScenario,
): string {
  const file = join(folder, `${name}.yaml`);
  const stage = isOpen ? `{ rate: ${from}, for: 1m }` : `{ users: ${from}, for: 1m }`;
  const lines = [
    `maxMeasurementLag: ${maxLag}`,
    'targets:',
    `  - name: sim`,
    `    url: ${url}/sse`,
    '    terminal: "[DONE]"',
    `    thresholds: { ttfb-p95: ${limit}, ttfb-p50: off, ttfb-mean: off }`,
    'scenarios:',
    '  s:',
    ...(isOpen ? ['    model: open', '    maxUsers: 200'] : []),
    '    targets: [{ name: sim, weight: 1 }]',
    `    stages: [${stage}]`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

export interface KneeSearch {
  readonly folder: string;
  /** Of the simulator. */
  readonly url: string;
  readonly knee: number;
  readonly from: number;
  /** Time of a step and of the hold, s. */
  readonly forS: number;
  readonly holdS: number;
}

export interface FoundKnee {
  readonly code: number | null;
  readonly summary: Summary & {
    readonly capacity: NonNullable<Summary['capacity']> & { readonly users: number; readonly high: number };
  };
  /** What the search printed. */
  readonly text: string;
}

/** Searches for the capacity of a simulator with a known one. */
export async function findKnee({ folder, url, knee, from, forS, holdS }: KneeSearch): Promise<FoundKnee> {
  const config = writeScenario(folder, { name: `knee-${knee}`, url, from });
  const data = join(folder, `data-${knee}`);
  const flags = ['--for', `${forS}s`, '--hold', `${holdS}s`, '--data', data, '--json'];
  const program = soakd(['capacity', '--config', config, ...flags]);
  const { code } = await program.ended(1_800_000);
  const [line] = program.stdout.lines.slice(-1);
  if (line === undefined) throw new Error(program.output);
  return { code, summary: JSON.parse(line), text: program.stderr.text };
}

export interface TriedKnee {
  readonly knee: number;
  readonly users: number;
  readonly steps: number;
  /** What the search printed. */
  readonly text: string;
}

/** Searches for the capacity of one simulator after another, each from 25 users. */
export async function knees(
  all: readonly number[],
  signal: AbortSignal,
  found: (knee: TriedKnee) => void,
): Promise<TriedKnee[]> {
  const tried: TriedKnee[] = [];
  for (const knee of all) {
    signal.throwIfAborted();
    const folder = mkdtempSync(join(tmpdir(), 'soakd-knees-'));
    const simulator = await simulate(kneeSimulator(knee, { isLong: true }));
    try {
      const { url } = simulator;
      const { summary, text } = await findKnee({ folder, url, knee, from: 25, forS: 10, holdS: 30 });
      const { users, steps } = summary.capacity;
      tried.push({ knee, users, steps: steps.length, text });
      found(tried.at(-1)!);
    } finally {
      await simulator.stop();
      rmSync(folder, { recursive: true });
    }
  }
  return tried;
}
