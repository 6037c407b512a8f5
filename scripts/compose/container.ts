import { existsSync, readFileSync } from 'node:fs';
import type { ComposeService } from './committed.ts';
import type { Docker } from './engine.ts';

/** A part of what `docker inspect` tells. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string; readonly Log: readonly { readonly Output: string }[] };
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string; readonly Gateway: string }>>;
  };
}

export async function inspect(docker: Docker, id: string): Promise<Inspected> {
  return (JSON.parse(await docker(['inspect', id])) as Inspected[])[0]!;
}

/**
 * What the kernel says of a container's first process, and not what the engine was asked for.
 *
 * @param read of /proc and the cgroups
 * @throws Error with all that is not as docker-compose.yml wants it
 */
export function checkConfined(pid: number, service: ComposeService, read = readSystem): string {
  const status = Object.fromEntries(
    read(`/proc/${pid}/status`)
      .split('\n')
      .map((line) => line.split(':\t') as [string, string]),
  );
  const uid = Number.parseInt(status.Uid!, 10);
  // Of the last mount on /, which is the one that is seen.
  const root = read(`/proc/${pid}/mountinfo`)
    .split('\n')
    .map((line) => line.split(' '))
    .findLast((fields) => fields[4] === '/')?.[5];
  const limit = memoryLimit(pid, read);
  const wanted = bytesOf(String(service.mem_limit));
  const wrong = [
    ...(uid === 0 ? ['it runs as root'] : []),
    ...(/^ro(,|$)/.test(root ?? '') ? [] : [`its root is mounted ${root}`]),
    ...(['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'].some((set) => !/^0+$/.test(status[set]!))
      ? [`it has capabilities: ${status.CapBnd}`]
      : []),
    ...(status.NoNewPrivs === '1' ? [] : ['it can gain privileges']),
    ...(status.Seccomp === '2' ? [] : ['no filter of system calls']),
    ...(limit === wanted ? [] : [`its memory limit is ${limit}, not ${wanted}`]),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  return `uid ${uid}, root read-only, no capabilities, no new privileges, at most ${service.mem_limit}`;
}

/** @returns in bytes, of version 1 or 2 of cgroups */
function memoryLimit(pid: number, read: (path: string) => string): number {
  const groups = read(`/proc/${pid}/cgroup`);
  const one = /^\d+:memory:(.*)$/m.exec(groups)?.[1];
  if (one !== undefined) return Number(read(`/sys/fs/cgroup/memory${one}/memory.limit_in_bytes`));
  return Number(read(`/sys/fs/cgroup${/^0::(.*)$/m.exec(groups)![1]}/memory.max`));
}

function bytesOf(size: string): number {
  const [, number, unit] = /^(\d+)([kmg])$/.exec(size) ?? [];
  return Number(number) * 1024 ** ' kmg'.indexOf(unit ?? 'x');
}

/** @returns addresses and ports that are listened on in this network, e.g. 127.0.0.1:9090 */
export function listening(read = readSystem): string[] {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => read(path).split('\n').slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map((fields) => {
      const [address, port] = fields[1]!.split(':') as [string, string];
      return `${addressOf(address)}:${Number.parseInt(port, 16)}`;
    });
}

/** The kernel writes each four bytes as one number of the machine's order: here the little end comes first. */
function addressOf(hex: string): string {
  if (hex.length > 8) return `[${hex}]`;
  return [...Buffer.from(hex, 'hex')].reverse().join('.');
}

function readSystem(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : '';
}
