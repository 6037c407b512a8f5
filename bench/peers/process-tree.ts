import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** What a program and all it started have used up. */
export interface Usage {
  /** User and system, of all processes that were waited for. */
  readonly cpuSeconds: number;
  /** Most that the processes alive at one time had had resident, bytes. Shared pages count once for each. */
  readonly peakRssBytes: number;
}

export interface Ended extends Usage {
  readonly code: number | null;
  /** It had to be ended by us. */
  readonly cut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const SAMPLE_MS = 200;
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 3000;
/** Of each output: a tool that logs each error would fill the memory that is measured. */
const MAX_OUTPUT = 8 * 2 ** 20;

/**
 * The shell waits for the tool, and so the kernel's own account of it, and of those it waited for, is the shell's
 * to tell: exact, where samples would miss the end.
 */
const SHELL = '"$@" 3>&-; code=$?; times >&3; exit $code';

/**
 * Runs a program in a session of its own, which is how all that it starts is known.
 * @param limitMs after which it is ended
 * @param signal ends it too
 */
export async function runMeasured(command: Command, limitMs: number, signal: AbortSignal): Promise<Ended> {
  const child = spawn('/bin/sh', ['-c', SHELL, 'sh', ...command.argv], {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const session = child.pid;
  if (session === undefined) throw new Error('/bin/sh cannot be started');
  const [stdout, stderr, times] = [1, 2, 3].map((fd) => collect(child.stdio[fd] as Readable));
  let peakRssBytes = 0;
  let cut = false;
  const sample = (): void => {
    let sum = 0;
    for (const pid of membersOf(session)) sum += highWaterOf(pid);
    peakRssBytes = Math.max(peakRssBytes, sum);
  };
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (cut) return;
    cut = true;
    sample();
    killAll(session, 'SIGTERM');
    killer = setTimeout(() => killAll(session, 'SIGKILL'), GRACE_MS);
  };
  const sampler = setInterval(sample, SAMPLE_MS);
  const limit = setTimeout(end, limitMs);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    const code = await exitOf(child);
    return {
      code,
      cut,
      stdout: await stdout!,
      stderr: await stderr!,
      cpuSeconds: childSeconds(await times!),
      peakRssBytes,
    };
  } finally {
    clearInterval(sampler);
    clearTimeout(limit);
    clearTimeout(killer);
    signal.removeEventListener('abort', end);
    // Whatever outlived its parent.
    killAll(session, 'SIGKILL');
  }
}

/**
 * @param times what `times` of a POSIX shell prints: two lines, of the shell and of its children
 * @returns seconds of the children; NaN where it printed nothing
 */
export function childSeconds(times: string): number {
  const second = times.trim().split('\n')[1] ?? '';
  let seconds = 0;
  for (const one of second.trim().split(/\s+/)) {
    const match = /^(\d+)m([\d.]+)s$/.exec(one);
    seconds += match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  }
  return seconds;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}

async function collect(stream: Readable): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const part of stream) if (text.length < MAX_OUTPUT) text += part;
  return text;
}

/** @returns processes of a session, its shell left out */
function membersOf(session: number): number[] {
  const members: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!(pid > 0) || pid === session) continue;
    const stat = read(`/proc/${pid}/stat`);
    // The name of the program, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[3]) === session) members.push(pid);
  }
  return members;
}

function highWaterOf(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`));
  return match === null ? 0 : Number(match[1]) * 1024;
}

function killAll(session: number, how: NodeJS.Signals): void {
  for (const pid of membersOf(session)) {
    try {
      process.kill(pid, how);
    } catch {
      // It has ended by itself.
    }
  }
}

/** @returns '' for a process that is gone */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
