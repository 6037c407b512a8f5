import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KilledRun, type KilledRunReport } from './killed-run.ts';

export interface Kills {
  readonly runs: number;
  /** Runs at a time. */
  readonly atOnce: number;
  /** Seed of the first run; each further run has the next one. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Called at the end of each run. */
  readonly ended?: (run: KilledRunReport) => void;
}

/**
 * Carries out short runs of `soakd serve` against the simulator, and kills soakd at random moments.
 * @returns what was found, in the order of the seeds
 */
export async function kills({ runs, atOnce, seed, signal, ended }: Kills): Promise<KilledRunReport[]> {
  const seeds = Array.from({ length: runs }, (_, i) => seed + i);
  const done: KilledRunReport[] = [];
  const carryOut = async (): Promise<void> => {
    for (let next = seeds.shift(); next !== undefined; next = seeds.shift()) {
      signal?.throwIfAborted();
      const folder = await mkdtemp(join(tmpdir(), 'soakd-kills-'));
      try {
        const report = await new KilledRun(folder, next).carryOut();
        done.push(report);
        ended?.(report);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, carryOut));
  return done.sort((a, b) => a.seed - b.seed);
}
