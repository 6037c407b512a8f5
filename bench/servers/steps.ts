import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CapacityResult } from '../../src/schema/capacity.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { poll } from '../../support/poll.ts';
import { start } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';
import { type Counts, startTarget, type Target } from '../../support/targets.ts';
import type { LevelResult, SearchResult, Settings } from './state.ts';
import type { Subject } from './subjects.ts';

/** The server on one core, the load on the other. */
const SERVER = ['taskset', '-c', '0'];
const LOAD = ['taskset', '-c', '1'];
/** Past the time in which streams start: the total timeout of a stream, and the start and end of soakd. */
const DRAIN_MS = 360_000;
/** A sync worker answers for its counts once it has written to all users that have left. */
const COUNTS_MS = 120_000;

/** Runs a fixed number of users against a fresh server. @param folder for what soakd prints */
export async function runLevel(
  subject: Subject,
  users: number,
  settings: Settings,
  folder: string,
): Promise<LevelResult> {
  const { seconds } = settings;
  return withServer(subject, settings, async (target) => {
    const loadBefore = loadavg()[0]!;
    const summary = await json<Summary>(
      ['run', '--target', target.url, '--terminal', '[DONE]', '--users', `${users}`, '--for', `${seconds}s`],
      seconds * 1000 + DRAIN_MS,
    );
    writeFileSync(join(folder, `level-${users}.json`), `${JSON.stringify(summary)}\n`);
    const { streams, ttfbMs, durationMs, verdict } = summary;
    return {
      kind: 'level',
      users,
      started: streams.started,
      complete: streams.finished.complete,
      failed: streams.results.failed,
      ttfbMeanMs: ttfbMs.mean,
      ttfbP95Ms: ttfbMs.p95,
      durationMeanMs: durationMs.mean,
      measurementErrorP99Ms: ttfbMs.measurementErrorMs?.p99 ?? null,
      generatorCores: generatorCores(summary),
      verdict,
      server: await countsAtEnd(target),
      loadBefore,
    };
  });
}

/** Searches the capacity of a fresh server by the default thresholds. */
export async function runSearch(subject: Subject, settings: Settings, folder: string): Promise<SearchResult> {
  const { capacityMinutes, from, maxUsers } = settings;
  return withServer(subject, settings, async (target) => {
    const loadBefore = loadavg()[0]!;
    const file = join(folder, 'soakd.yaml');
    writeFileSync(
      file,
      `targets:
  - { name: server, url: "${target.url}", terminal: "[DONE]" }
scenarios:
  seed: { target: server, stages: [{ users: ${from}, for: 60s }] }
limits: { maxUsers: ${maxUsers} }
`,
    );
    const summary = await json<Summary & { capacity: CapacityResult }>(
      [...['capacity', 'seed', '--config', file, '--data', 'none'], '--max-time', `${capacityMinutes}m`],
      capacityMinutes * 60_000 + DRAIN_MS,
    );
    writeFileSync(join(folder, 'capacity.json'), `${JSON.stringify(summary)}\n`);
    return {
      kind: 'capacity',
      capacity: summary.capacity,
      generatorCores: generatorCores(summary),
      server: await countsAtEnd(target),
      started: summary.streams.started,
      complete: summary.streams.finished.complete,
      loadBefore,
    };
  });
}

async function withServer<T>(
  { target: name, flags }: Subject,
  { chunksMean }: Settings,
  measure: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await startTarget(name, { flags, chunksMean, prefix: SERVER });
  try {
    return await measure(target);
  } finally {
    await target.stop();
  }
}

/** @returns the line of JSON that soakd prints; its exit code tells the verdict, which the JSON has too */
async function json<T>(args: readonly string[], limitMs: number): Promise<T> {
  const main = join(ROOT, 'src/cli/main.ts');
  const [command, ...before] = [...LOAD, process.execPath, '--disable-warning=ExperimentalWarning', main];
  const program = start(command!, [...before, ...args, '--json']);
  try {
    await program.ended(limitMs);
  } finally {
    await program.stop();
  }
  const line = program.stdout.lines.findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`soakd printed no summary\n${program.output}`);
  return JSON.parse(line) as T;
}

function generatorCores({ generator, run }: Summary): number {
  return generator.cpuMs / Math.max(1, run.lastedMs);
}

/** @returns the counts once they say that nothing is open, or what they are where users left streams behind */
async function countsAtEnd(target: Target): Promise<Counts | null> {
  const first = await poll('counts of the server', () => target.counts(), {
    timeoutMs: COUNTS_MS,
    everyMs: 1000,
  }).catch(() => null);
  if (first === null || first.started === first.finished) return first;
  await sleep(2000);
  return target.counts().catch(() => first);
}
