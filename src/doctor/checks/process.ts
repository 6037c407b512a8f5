import type { Machine } from '../../machine/machine.ts';
import { type Check, count, stateOf, unknown } from '../check.ts';
import type { Need } from '../need.ts';

/** Descriptors besides those of streams: measured 28, or 35 with the built-in simulator. */
const OWN_DESCRIPTORS = 128;
/** Threads of soakd: measured 12, or 13 with the built-in simulator; a few more with more engine threads. */
const OWN_THREADS = 32;

/** Checks the version of Node against the range of the package. */
export function nodeCheck({ nodeVersion }: Machine): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const good = major >= 24 || (major === 22 && minor >= 19);
  return {
    name: 'node',
    state: stateOf({ fail: !good }),
    found: nodeVersion,
    wanted: '22.19 or a later 22.x, or 24 or later',
    advice: good ? [] : ['install one of these versions: https://nodejs.org'],
  };
}

export function descriptorCheck({ descriptors, files }: Machine, { users, simulator }: Need): Check {
  const name = 'descriptors';
  if (descriptors === undefined) return unknown(name, '/proc/self/limits cannot be read here');
  const needed = users * (simulator ? 2 : 1) + OWN_DESCRIPTORS;
  const left = files === undefined ? Number.POSITIVE_INFINITY : files.max - files.open;
  const few = descriptors < needed;
  const advised = Math.max(65_536, 2 ** Math.ceil(Math.log2(needed)));
  return {
    name,
    state: stateOf({ fail: few || left < needed }),
    found:
      (Number.isFinite(descriptors) ? `${count(descriptors)} may be open in this process` : 'no limit') +
      (files === undefined || left > 1e6 ? '' : `, ${count(left)} more on the machine`),
    wanted: `${count(needed)}: ${simulator ? 'two sockets for each stream, one of them in the simulator' : 'one socket for each stream'}, and ${OWN_DESCRIPTORS} for soakd itself`,
    advice: [
      ...(few
        ? [
            `systemd: LimitNOFILE=${advised} in the unit`,
            `container: --ulimit nofile=${advised}:${advised}`,
            `shell: ulimit -Hn ${advised} as root, or "* hard nofile ${advised}" in /etc/security/limits.conf and a new login`,
          ]
        : []),
      ...(left < needed ? [`sysctl -w fs.file-max=${2 * advised}`] : []),
    ],
  };
}

export function threadCheck({ threads, cgroup }: Machine): Check {
  const name = 'threads';
  if (threads === undefined) return unknown(name, '/proc/self/limits cannot be read here');
  const group = cgroup?.pids;
  const left = group === undefined ? Number.POSITIVE_INFINITY : group.limit - group.used;
  const few = threads < OWN_THREADS;
  return {
    name,
    // The limit of a user covers all processes of the user, which this check does not count.
    state: stateOf({ fail: few || left < OWN_THREADS, warn: threads < 8 * OWN_THREADS }),
    found: `${count(threads)} for this user${group === undefined ? '' : `, ${count(left)} more in this cgroup`}`,
    wanted: `${OWN_THREADS} for soakd, besides all other processes of the user`,
    advice: [
      ...(threads < 8 * OWN_THREADS ? ['systemd: LimitNPROC=4096 in the unit; shell: ulimit -u 4096'] : []),
      ...(left < OWN_THREADS ? ['systemd: TasksMax=256 in the unit; container: --pids-limit 256'] : []),
    ],
  };
}
