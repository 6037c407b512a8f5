/**
 * Loaded before soakd (`MAIN_LOOP_ENV`): writes each time for which its main thread took no turn of its loop to a file.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/** A time for which a main thread took no turn. */
export interface MainBlock {
  /** Its end, ms since 1970. */
  readonly at: number;
  readonly ms: number;
  /** CPU time that the thread used in it, ms: much less where it waited for a CPU, or was stopped. */
  readonly cpuMs: number;
}

const EVERY_MS = 10;
/** Shorter ones are not written, ms. */
const MIN_BLOCK_MS = 40;

const { MAIN_LOOP_FILE: out } = process.env;
if (isMainThread && out !== undefined) follow(out);

/** Returns what the environment of soakd needs, so that its main thread writes to a file. */
export function mainLoopEnv(file: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${fileURLToPath(import.meta.url)}`, MAIN_LOOP_FILE: file };
}

export function readMainBlocks(file: string): MainBlock[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // A process that was killed may have cut its last line.
  const lines = text.split('\n').filter((line) => line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as MainBlock);
}

function follow(file: string): void {
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = { ms: performance.now(), cpuMs: cpuMs() };
  setInterval(() => {
    const ms = performance.now() - last.ms - EVERY_MS;
    const block: MainBlock = { at: Date.now(), ms: Math.round(ms), cpuMs: Math.round(cpuMs() - last.cpuMs) };
    if (ms > MIN_BLOCK_MS) appendFileSync(file, `${JSON.stringify(block)}\n`);
    last = { ms: performance.now(), cpuMs: cpuMs() };
  }, EVERY_MS).unref();
}
