import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cgroup, readCgroup } from '../../src/machine/cgroup.ts';
import { V1, V2 } from './machines.ts';

const MIB = 2 ** 20;
const V2_MOUNT = '29 22 0:25 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';

const CASES: readonly [what: string, files: Record<string, string>, expected: Cgroup | undefined][] = [
  ['no Linux at all', {}, undefined],
  ['no cgroups', { '/proc/self/cgroup': '', '/proc/self/mountinfo': '' }, undefined],
  [
    'version 2 without a limit',
    {
      '/proc/self/cgroup': '0::/user.slice\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/user.slice/memory.max': 'max\n',
      '/sys/fs/cgroup/user.slice/memory.current': '1000\n',
      '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/user.slice/pids.max': 'max\n',
    },
    { version: 2 },
  ],
  [
    'a container of version 2, whose group is the top of what it sees',
    V2,
    {
      version: 2,
      memory: { limit: 512 * MIB, used: 90 * MIB },
      cpuCores: 1.5,
      throttled: { periods: 200, throttled: 10 },
      pids: { limit: 100, used: 12 },
    },
  ],
  [
    'a service of version 2 in a slice with tighter limits',
    {
      '/proc/self/cgroup': '0::/load.slice/soakd.service\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/load.slice/soakd.service/memory.max': `${1024 * MIB}\n`,
      '/sys/fs/cgroup/load.slice/soakd.service/memory.current': '0\n',
      '/sys/fs/cgroup/load.slice/memory.max': `${256 * MIB}\n`,
      '/sys/fs/cgroup/load.slice/memory.current': `${100 * MIB}\n`,
      '/sys/fs/cgroup/load.slice/soakd.service/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/load.slice/cpu.max': '50000 100000\n',
    },
    {
      version: 2,
      memory: { limit: 256 * MIB, used: 100 * MIB },
      cpuCores: 0.5,
      throttled: { periods: 0, throttled: 0 },
    },
  ],
  [
    'a container of version 1, which sees its own part of the tree under the path of the host',
    V1,
    {
      version: 1,
      memory: { limit: 300 * MIB, used: 60 * MIB },
      cpuCores: 0.25,
      throttled: { periods: 50, throttled: 40 },
    },
  ],
  [
    'a group within a container of version 1',
    {
      '/proc/self/cgroup': '5:memory:/docker/3f2a/inner\n',
      '/proc/self/mountinfo': '50 40 0:30 /docker/3f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n',
      '/sys/fs/cgroup/memory/inner/memory.limit_in_bytes': `${100 * MIB}\n`,
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${300 * MIB}\n`,
    },
    { version: 1, memory: { limit: 100 * MIB, used: 0 } },
  ],
  [
    'version 1 with the words for no limit',
    {
      '/proc/self/cgroup': '4:memory:/\n3:cpu,cpuacct:/\n',
      '/proc/self/mountinfo':
        '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '5000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    { version: 1 },
  ],
  [
    'both versions mounted, limits in the old one',
    {
      '/proc/self/cgroup': '4:memory:/jobs/a:b\n0::/jobs\n',
      '/proc/self/mountinfo': `35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
      '/sys/fs/cgroup/memory/jobs/a:b/memory.limit_in_bytes': `${64 * MIB}\n`,
      '/sys/fs/cgroup/memory/jobs/a:b/memory.usage_in_bytes': '0\n',
    },
    { version: 1, memory: { limit: 64 * MIB, used: 0 } },
  ],
];

const withoutUndefined = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

describe('limits of cgroups', () => {
  for (const [what, files, expected] of CASES) {
    it(what, () => assert.deepEqual(withoutUndefined(readCgroup((path) => files[path])), expected));
  }
});
