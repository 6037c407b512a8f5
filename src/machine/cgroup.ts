import { type ReadText, readNumber } from './files.ts';

/** Limits of the cgroups of this process; absent: no limit. */
export interface Cgroup {
  readonly version: 1 | 2;
  /** Lowest memory limit of all its groups, bytes. */
  readonly memory?: Limited;
  /** CPU cores. */
  readonly cpuCores?: number;
  /** Periods since the quota was set, and periods whose quota was used up. */
  readonly throttled?: { readonly periods: number; readonly throttled: number };
  /** Processes and threads. */
  readonly pids?: Limited;
}

interface Limited {
  readonly limit: number;
  /** Usage of the whole group; memory excludes file cache that can be dropped. */
  readonly used: number;
}

/** Values above this mean "no limit" in version 1, which writes the maximum number of pages. */
const NO_LIMIT = 2 ** 60;

/**
 * Reads the limits of both versions of cgroups, in containers too. Each level of the tree has limits, and the
 * lowest applies. Returns `undefined` without cgroups.
 */
export function readCgroup(read: ReadText): Cgroup | undefined {
  const mine = read('/proc/self/cgroup');
  const mounts = read('/proc/self/mountinfo');
  if (mine === undefined || mounts === undefined) return undefined;
  const memory = foldersOf('memory', mine, mounts);
  const cpu = foldersOf('cpu', mine, mounts);
  const pids = foldersOf('pids', mine, mounts);
  const found = memory ?? cpu ?? pids;
  if (found === undefined) return undefined;
  const limits = {
    memory: tightest(memory?.paths, (path) => memoryOf(read, path)),
    cpu: cpu?.paths.map((path) => cpuOf(read, path)).filter((c) => c !== undefined),
    pids: tightest(pids?.paths, (path) =>
      limited(readNumber(read, `${path}/pids.max`), readNumber(read, `${path}/pids.current`)),
    ),
  };
  const slowest = limits.cpu?.sort((a, b) => a.cores - b.cores)[0];
  return {
    version: found.version,
    memory: limits.memory,
    cpuCores: slowest?.cores,
    throttled: slowest?.throttled,
    pids: limits.pids,
  };
}

interface Folders {
  readonly version: 1 | 2;
  /** Paths from the group of this process up to the root. */
  readonly paths: readonly string[];
}

/** @param mine /proc/self/cgroup @param mounts /proc/self/mountinfo */
function foldersOf(controller: string, mine: string, mounts: string): Folders | undefined {
  const groups = mine.split('\n').map((line) => line.split(':'));
  const old = groups.find(([, names]) => names?.split(',').includes(controller));
  const group = old ?? groups.find(([id, names]) => id === '0' && names === '');
  if (group === undefined) return undefined;
  const path = group.slice(2).join(':');
  for (const line of mounts.split('\n')) {
    const [before, after] = line.split(' - ');
    const [, , , root, point] = before?.split(' ') ?? [];
    const [type, , options] = after?.split(' ') ?? [];
    const right =
      old === undefined ? type === 'cgroup2' : type === 'cgroup' && options?.split(',').includes(controller);
    if (!right || root === undefined || point === undefined) continue;
    return { version: old === undefined ? 2 : 1, paths: upwards(point, within(root, path)) };
  }
  return undefined;
}

/** Returns the path below the mount: a container often sees part of the tree, but its path as on the host. */
function within(root: string, path: string): string {
  if (root === '/') return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : '';
}

function upwards(point: string, path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, i) => [point, ...parts.slice(0, parts.length - i)].join('/')).concat(point);
}

function tightest(
  paths: readonly string[] | undefined,
  of: (path: string) => Limited | undefined,
): Limited | undefined {
  const all = paths?.map(of).filter((l) => l !== undefined) ?? [];
  return all.sort((a, b) => a.limit - a.used - (b.limit - b.used))[0];
}

function limited(limit: number | undefined, used: number | undefined): Limited | undefined {
  return limit === undefined || limit >= NO_LIMIT ? undefined : { limit, used: used ?? 0 };
}

function memoryOf(read: ReadText, path: string): Limited | undefined {
  const limit = readNumber(read, `${path}/memory.max`) ?? readNumber(read, `${path}/memory.limit_in_bytes`);
  const used =
    readNumber(read, `${path}/memory.current`) ?? readNumber(read, `${path}/memory.usage_in_bytes`);
  const files = /^(?:total_)?inactive_file (\d+)$/m.exec(read(`${path}/memory.stat`) ?? '')?.[1];
  return limited(limit, Math.max(0, (used ?? 0) - Number(files ?? 0)));
}

function cpuOf(read: ReadText, path: string): { cores: number; throttled?: Cgroup['throttled'] } | undefined {
  // "max" in place of a quota is none; version 1 says -1.
  const [quota, period] =
    read(`${path}/cpu.max`)?.trim().split(' ').map(Number) ??
    ['quota', 'period'].map((what) => readNumber(read, `${path}/cpu.cfs_${what}_us`) ?? Number.NaN);
  const cores = (quota ?? Number.NaN) / (period ?? Number.NaN);
  if (!(cores > 0)) return undefined;
  const stat = read(`${path}/cpu.stat`) ?? '';
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  return { cores, throttled: { periods: count('nr_periods'), throttled: count('nr_throttled') } };
}
