import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, run } from './command.ts';
import { SYSTEM_PATH } from './programs.ts';
import { until } from './until.ts';

/** Runs the docker client against the engine, and returns what it wrote. */
export type Docker = (
  args: readonly string[],
  options?: Pick<CommandOptions, 'timeoutMs'>,
) => Promise<string>;

export interface Engine {
  readonly docker: Docker;
  /** The environment in which other clients find it. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Where it keeps everything: images stay there when it ends, so the next engine has them. */
  readonly folder: string;
  /** Whether containers get networks, for which the engine changes interfaces and packet filters: only in a network namespace of its own. */
  readonly networks: boolean;
  /** Below which it makes the cgroups of containers. */
  readonly cgroup: string;
  readonly signal: AbortSignal;
}

const START_MS = 30_000;
const STOP_MS = 20_000;

/** Without them a container runs in the network of the engine, or in none. */
const NO_NETWORKS = ['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false'];

/**
 * Starts a Docker engine of one's own, which shares nothing with one that the machine may have.
 *
 * @throws Error with the end of its log when it does not come up
 */
export async function startEngine({ folder, networks, cgroup, signal }: EngineOptions): Promise<Engine> {
  const name = networks ? 'networked' : 'building';
  const path = (file: string) => join(folder, `${name}-${file}`);
  mkdirSync(join(folder, 'data'), { recursive: true });
  // Not the machine's own settings.
  writeFileSync(path('daemon.json'), '{}');
  const log = path('engine.log');
  const socket = `unix://${path('docker.sock')}`;
  const child = spawn(
    'dockerd',
    [
      `--config-file=${path('daemon.json')}`,
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${path('exec')}`,
      `--pidfile=${path('docker.pid')}`,
      `--host=${socket}`,
      `--cgroup-parent=/${cgroup}`,
      ...(networks ? [] : NO_NETWORKS),
    ],
    { stdio: ['ignore', openSync(log, 'a'), openSync(log, 'a')], env: { ...process.env, PATH: SYSTEM_PATH } },
  );
  const ended = once(child, 'exit');
  const env = { ...process.env, PATH: SYSTEM_PATH, DOCKER_HOST: socket, DOCKER_BUILDKIT: '0' };
  const docker: Docker = (args, options = {}) => run('docker', args, { ...options, env, signal });
  try {
    await until(
      'answer',
      async () => {
        if (child.exitCode === null) await docker(['version']);
        return true;
      },
      { signal, timeoutMs: START_MS, everyMs: 100 },
    );
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
  } catch (error) {
    child.kill('SIGKILL');
    const tail = readFileSync(log, 'utf8').split('\n').slice(-25).join('\n');
    throw new Error(`the Docker engine did not start: ${(error as Error).message}\n${tail}`, {
      cause: error,
    });
  }
  return {
    docker,
    env,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
