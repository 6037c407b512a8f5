import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Program } from './install.ts';
import { type Command, runMeasured, type Usage } from './process-tree.ts';
import type { Measurement } from './results.ts';
import type { Target } from './target.ts';
import type { Load, Tool } from './tools.ts';

/** What a tool may take to come up, and to write its report, s. */
const STARTUP_SECONDS = 30;

function commandOf(tool: Tool, program: Program, load: Load): Command {
  mkdirSync(load.folder, { recursive: true });
  const { args, env = {} } = tool.ask(load);
  return { argv: [...program.argv, ...args], env, cwd: load.folder };
}

/**
 * One tool under the whole load, on a target that is idle before and after.
 * @throws Error when the tool failed, had to be ended, or told nothing that can be read
 */
export async function measure(
  name: string,
  tool: Tool,
  program: Program,
  load: Load,
  round: number,
  target: Target,
  signal: AbortSignal,
): Promise<Measurement> {
  const before = await target.idle();
  const from = performance.now();
  const limitMs = (load.seconds + load.drainSeconds + STARTUP_SECONDS) * 1000;
  const ended = await runMeasured(commandOf(tool, program, load), limitMs, signal);
  const wallSeconds = (performance.now() - from) / 1000;
  signal.throwIfAborted();
  await target.idle();
  const truth = await target.since(before);
  if (ended.cut) throw new Error(`it had not ended after ${(limitMs / 1000).toFixed(0)} s`);
  // soakd says with 1 and 5 that thresholds did not hold, or could not be judged: it has measured.
  const evaluated = name === 'soakd' && (ended.code === 1 || ended.code === 5);
  if (ended.code !== 0 && !evaluated) {
    throw new Error(`exit code ${ended.code}: ${(ended.stderr || ended.stdout).trim().split('\n').at(-1)}`);
  }
  if (truth.streams < load.users || truth.chunks === 0) {
    throw new Error(`it opened ${truth.streams} streams where ${load.users} were to be held`);
  }
  const { reportFile } = tool;
  const output =
    reportFile === undefined ? ended.stdout : readFileSync(join(load.folder, reportFile), 'utf8');
  return {
    tool: name,
    round,
    cpuSeconds: ended.cpuSeconds,
    peakRssBytes: ended.peakRssBytes,
    wallSeconds,
    chunks: truth.chunks,
    streams: truth.streams,
    complete: truth.complete,
    trueTtfb: truth.ttfb,
    reported: tool.report(output),
    targetLatenessMs: truth.latenessMs,
  };
}

/** @returns what a tool takes to start, with a single stream of which it has read some chunks */
export async function measureBase(
  tool: Tool,
  program: Program,
  load: Load,
  target: Target,
  signal: AbortSignal,
): Promise<Usage> {
  const before = await target.idle();
  const enough = new AbortController();
  const command = commandOf(tool, program, { ...load, users: 1, streamsPerUser: 1 });
  const run = runMeasured(command, STARTUP_SECONDS * 1000, AbortSignal.any([signal, enough.signal]));
  let over = false;
  const watched = run.finally(() => {
    over = true;
  });
  while (!over && (await target.books()).chunks < before.chunks + 10) await wait(100);
  enough.abort();
  return await watched;
}
