import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_PATH } from './programs.ts';

/** What a script that is about to be ended has for taking down what it started. */
const GRACE_MS = 30_000;

export interface RoomOptions {
  /** Whether it has a network of its own, with nothing in it, instead of the machine's. */
  readonly ownNetwork: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs a script of this folder in namespaces of its own. Whatever it starts lives and is mounted only there: when the
 * script ends, or is ended, the kernel ends and unmounts the rest.
 *
 * @returns its exit code; 1 when a signal ended it
 */
export async function runInRoom(
  script: string,
  args: readonly string[],
  { ownNetwork, signal }: RoomOptions,
): Promise<number> {
  if (signal.aborted) return 1;
  const child = spawn(
    'unshare',
    [
      ...(ownNetwork ? ['--net'] : []),
      ...['--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
      // Process 1 there: it buries the shims that engines leave behind.
      ...['docker-init', '--'],
      ...[
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, script),
        ...args,
      ],
    ],
    // The channel carries no messages: the script takes its end for the word to stop, also when we are killed.
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, PATH: SYSTEM_PATH } },
  );
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    if (child.connected) child.disconnect();
    timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', end);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    signal.removeEventListener('abort', end);
    clearTimeout(timer);
  }
}

/** @returns a signal that a script in a room obeys: the one who started it wants it to stop, or is gone */
export function toldToStop(): AbortSignal {
  const stop = new AbortController();
  process.on('disconnect', () => stop.abort(new Error('told to stop')));
  process.channel?.unref();
  return stop.signal;
}

/** Gives back what takes space: whoever made the folder may be gone, and it may lie in memory. */
export function leave(folder: string): void {
  try {
    rmSync(join(folder, 'data'), { recursive: true, force: true });
  } catch {
    // Something is still mounted there; the rest is small.
  }
}

/** Removes the cgroups that engines leave: empty by now, and all below one name. */
export function removeControlGroups(cgroup: string): void {
  for (const top of [join('/sys/fs/cgroup', cgroup), ...globSync(`/sys/fs/cgroup/*/${cgroup}`)]) {
    if (existsSync(top)) removeGroup(top);
  }
}

function removeGroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  }
  rmdirSync(folder);
}
