import { type Cgroup, readCgroup } from './cgroup.ts';
import { type ReadText, readNumber } from './files.ts';

/** Facts about the host that Node provides. */
export interface Host {
  /** As `process.platform`. */
  readonly platform: string;
  /** Version of Node, without "v". */
  readonly nodeVersion: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Maximum heap size of one thread, bytes. */
  readonly heapLimitBytes: number;
}

/** Facts of the machine that a run depends on; absent if the system does not provide them. */
export interface Machine extends Host {
  /** CPUs in the affinity mask of this process, regardless of CPU quotas. */
  readonly cpusAllowed?: number;
  readonly cgroup?: Cgroup;
  /** Memory available without swapping, bytes. */
  readonly memoryAvailableBytes?: number;
  /** Maximum of open descriptors of this process. Node raises the soft limit to the hard limit at its start. */
  readonly descriptors?: number;
  /** Open files of the whole machine. */
  readonly files?: { readonly open: number; readonly max: number };
  /** Processes and threads of this user. */
  readonly threads?: number;
  /** Local ports of outgoing connections. */
  readonly ports?: { readonly from: number; readonly to: number; readonly reserved: number };
  /** `tcp_tw_reuse`: 0 never, 1 always, 2 on loopback. */
  readonly portReuse?: number;
  /** Maximum lengths of the queues of unaccepted and of half-open connections. */
  readonly backlog?: { readonly accepted: number; readonly halfOpen?: number };
  /** Connection tracking; absent if this network namespace shows none. */
  readonly conntrack?: { readonly max: number; readonly count: number };
  readonly clockSource?: string;
  /** Time synchronization daemon, and whether it has synchronized the clock. */
  readonly timeSync?: { readonly by: string; readonly done: boolean };
}

/** Reads the facts; on systems other than Linux only those of Node. */
export function readMachine(read: ReadText, host: Host): Machine {
  const facts: { -readonly [K in keyof Machine]?: Machine[K] | undefined } = {
    cpusAllowed: cpusIn(/^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1]),
    cgroup: readCgroup(read),
    memoryAvailableBytes: available(read),
    descriptors: descriptorLimit(read),
    files: files(read),
    threads: softLimit(read, 'Max processes'),
    ports: ports(read),
    portReuse: readNumber(read, '/proc/sys/net/ipv4/tcp_tw_reuse'),
    backlog: backlog(read),
    conntrack: conntrack(read),
    clockSource: read('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim(),
    timeSync: timeSync(read),
  };
  for (const key of Object.keys(facts) as (keyof typeof facts)[])
    if (facts[key] === undefined) delete facts[key];
  return { ...(facts as Partial<Machine>), ...host };
}

/** Returns how many descriptors this process may have open; `undefined` if the system does not say. */
export function descriptorLimit(read: ReadText): number | undefined {
  return softLimit(read, 'Max open files');
}

/** @param list as "0-3,6" */
function cpusIn(list: string | undefined): number | undefined {
  if (list === undefined) return undefined;
  const sizes = list.split(',').map((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return to - from + 1;
  });
  const sum = sizes.reduce((a, b) => a + b, 0);
  return sum > 0 ? sum : undefined;
}

function available(read: ReadText): number | undefined {
  const kibibytes = /^MemAvailable:\s*(\d+) kB$/m.exec(read('/proc/meminfo') ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function softLimit(read: ReadText, name: string): number | undefined {
  const soft = new RegExp(`^${name}\\s+(\\d+|unlimited)\\s`, 'm').exec(read('/proc/self/limits') ?? '')?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

function files(read: ReadText): Machine['files'] {
  const [open, , max] = numbers(read('/proc/sys/fs/file-nr'));
  return open === undefined || max === undefined ? undefined : { open, max };
}

function ports(read: ReadText): Machine['ports'] {
  const [from, to] = numbers(read('/proc/sys/net/ipv4/ip_local_port_range'));
  if (from === undefined || to === undefined) return undefined;
  const reserved = (read('/proc/sys/net/ipv4/ip_local_reserved_ports') ?? '').trim().split(',');
  const inRange = reserved.map((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Math.max(0, Math.min(last, to) - Math.max(first, from) + 1) || 0;
  });
  return { from, to, reserved: inRange.reduce((a, b) => a + b, 0) };
}

function backlog(read: ReadText): Machine['backlog'] {
  const accepted = readNumber(read, '/proc/sys/net/core/somaxconn');
  const halfOpen = readNumber(read, '/proc/sys/net/ipv4/tcp_max_syn_backlog');
  return accepted === undefined ? undefined : { accepted, halfOpen };
}

function conntrack(read: ReadText): Machine['conntrack'] {
  const max = readNumber(read, '/proc/sys/net/netfilter/nf_conntrack_max');
  const count = readNumber(read, '/proc/sys/net/netfilter/nf_conntrack_count');
  return max === undefined ? undefined : { max, count: count ?? 0 };
}

function timeSync(read: ReadText): Machine['timeSync'] {
  // An empty file that systemd-timesyncd makes.
  if (read('/run/systemd/timesync/synchronized') !== undefined)
    return { by: 'systemd-timesyncd', done: true };
  if (read('/run/chrony/chronyd.pid') !== undefined) return { by: 'chronyd', done: false };
  if (read('/run/ntpd.pid') !== undefined) return { by: 'ntpd', done: false };
  return undefined;
}

function numbers(text: string | undefined): number[] {
  return (text ?? '')
    .trim()
    .split(/\s+/)
    .filter((n) => /^\d+$/.test(n))
    .map(Number);
}
