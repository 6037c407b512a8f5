import type { ReadText } from '../../src/machine/files.ts';
import type { Host } from '../../src/machine/machine.ts';

/** Files of machines, as far as soakd reads them. */
export type Files = Readonly<Record<string, string>>;

const MIB = 2 ** 20;

/** A container with limits of version 2. */
export const V2: Files = {
  '/proc/self/cgroup': '0::/\n',
  '/proc/self/mountinfo':
    '1000 990 0:25 /../../docker/3f2a /sys/fs/cgroup ro,nosuid,nodev - cgroup2 cgroup rw,nsdelegate\n',
  '/sys/fs/cgroup/memory.max': `${512 * MIB}\n`,
  '/sys/fs/cgroup/memory.current': `${120 * MIB}\n`,
  '/sys/fs/cgroup/memory.stat': `anon ${80 * MIB}\ninactive_file ${30 * MIB}\nactive_file 0\n`,
  '/sys/fs/cgroup/cpu.max': '150000 100000\n',
  '/sys/fs/cgroup/cpu.stat': 'usage_usec 10\nnr_periods 200\nnr_throttled 10\n',
  '/sys/fs/cgroup/pids.max': '100\n',
  '/sys/fs/cgroup/pids.current': '12\n',
};

/** A container with limits of version 1. */
export const V1: Files = {
  '/proc/self/cgroup': '5:memory:/docker/3f2a\n4:cpu,cpuacct:/docker/3f2a\n1:name=systemd:/docker/3f2a\n',
  '/proc/self/mountinfo':
    '50 40 0:30 /docker/3f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n' +
    '51 40 0:31 /docker/3f2a /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${300 * MIB}\n`,
  '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${70 * MIB}\n`,
  '/sys/fs/cgroup/memory/memory.stat': `cache 5\ntotal_inactive_file ${10 * MIB}\n`,
  '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '25000\n',
  '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  '/sys/fs/cgroup/cpu/cpu.stat': 'nr_periods 50\nnr_throttled 40\n',
};

/** A machine that carries 3000 users, and more. */
export const ROOMY: Files = {
  '/proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-3,6\n',
  '/proc/self/limits':
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max processes             96365                96365                processes \n' +
    'Max open files            65536                65536                files     \n',
  '/proc/sys/fs/file-nr': '605\t0\t2466170\n',
  '/proc/meminfo': 'MemTotal:       24684084 kB\nMemFree:        24142772 kB\nMemAvailable:   24263284 kB\n',
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/sys/net/ipv4/ip_local_reserved_ports': '\n',
  '/proc/sys/net/ipv4/tcp_tw_reuse': '2\n',
  '/proc/sys/net/core/somaxconn': '4096\n',
  '/proc/sys/net/ipv4/tcp_max_syn_backlog': '2048\n',
  '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  '/run/systemd/timesync/synchronized': '',
};

export const HOST: Host = {
  platform: 'linux',
  nodeVersion: '24.21.0',
  cpus: 8,
  memoryBytes: 24 * 2 ** 30,
  heapLimitBytes: 4 * 2 ** 30,
};

export function reader(files: Files): ReadText {
  return (path) => files[path];
}
