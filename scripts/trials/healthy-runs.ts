import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../../src/schema/summary.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
/** A run that takes this much longer than planned hangs. */
const GRACE_MS = 60_000;

export interface HealthyRuns {
  readonly runs: number;
  /** Planned length of each run. */
  readonly seconds: number;
  readonly users: number;
  /** Runs at a time. */
  readonly atOnce: number;
  /** Seed of the first run; each further run has the next one. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Called at the end of each run. */
  readonly ended?: (run: HealthyRun) => void;
}

export interface HealthyRun {
  readonly seed: number;
  readonly drift: Summary['drift'];
}

/**
 * Carries out real runs of `soakd run` against the built-in simulator, which has no fault: whatever drift they report is
 * a false alarm.
 * @throws Error where a run ends without a summary
 */
export async function healthyRuns(options: HealthyRuns): Promise<HealthyRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-trial-'));
  const seeds = Array.from({ length: options.runs }, (_, i) => options.seed + i);
  const done: HealthyRun[] = [];
  const carryOut = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const run = { seed, drift: (await healthyRun(folder, seed, options)).drift };
      done.push(run);
      options.ended?.(run);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.atOnce }, carryOut));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return done.sort((a, b) => a.seed - b.seed);
}

async function healthyRun(
  folder: string,
  seed: number,
  { seconds, users, signal }: HealthyRuns,
): Promise<Summary> {
  const file = join(folder, `${seed}.yaml`);
  // The runs share the machine: timings that come late are not what is tried.
  const config = `maxMeasurementLag: 10s
targets: [{ name: healthy, simulator: { preset: quick, seed: ${seed} } }]
scenarios: { soak: { target: healthy, seed: ${seed}, stages: [{ users: ${users}, for: ${seconds}s }] } }
`;
  await writeFile(file, config);
  const child = spawn(process.execPath, [MAIN, 'run', 'soak', '--config', file, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000 + GRACE_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const last = output.trimEnd().split('\n').at(-1)!;
  if (!last.startsWith('{')) throw new Error(`the run of seed ${seed} ended without a summary: ${errors}`);
  return JSON.parse(last) as Summary;
}
