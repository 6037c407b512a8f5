import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readText } from '../../src/machine/files.ts';
import { thisHost } from '../../src/machine/host.ts';
import { limitsOf, limitsReader } from '../../src/machine/limits.ts';
import { readMachine } from '../../src/machine/machine.ts';
import { measurePace } from '../../src/machine/pace.ts';
import { type Files, HOST, ROOMY, reader, V2 } from './machines.ts';

describe('facts of a machine', () => {
  it('are read from what Linux tells', () => {
    assert.deepEqual(readMachine(reader(ROOMY), HOST), {
      ...HOST,
      cpusAllowed: 5,
      memoryAvailableBytes: 24_263_284 * 1024,
      descriptors: 65_536,
      files: { open: 605, max: 2_466_170 },
      threads: 96_365,
      ports: { from: 32_768, to: 60_999, reserved: 0 },
      portReuse: 2,
      backlog: { accepted: 4096, halfOpen: 2048 },
      clockSource: 'tsc',
      timeSync: { by: 'systemd-timesyncd', done: true },
    });
  });

  it('are those of Node alone on another system', () => {
    const mac = { ...HOST, platform: 'darwin' };
    assert.deepEqual(readMachine(reader({}), mac), mac);
  });

  const ODD: readonly [
    what: string,
    files: Files,
    key: keyof ReturnType<typeof readMachine>,
    value: unknown,
  ][] = [
    [
      'no limit',
      { '/proc/self/limits': 'Max open files  unlimited  unlimited  files\n' },
      'descriptors',
      Infinity,
    ],
    [
      'reserved ports, in the range and outside',
      {
        '/proc/sys/net/ipv4/ip_local_port_range': '32768 60999\n',
        '/proc/sys/net/ipv4/ip_local_reserved_ports': '8080,40000-40009,60999-61010\n',
      },
      'ports',
      { from: 32_768, to: 60_999, reserved: 11 },
    ],
    [
      'connections tracked',
      {
        '/proc/sys/net/netfilter/nf_conntrack_max': '1000\n',
        '/proc/sys/net/netfilter/nf_conntrack_count': '7\n',
      },
      'conntrack',
      { max: 1000, count: 7 },
    ],
    ['chronyd', { '/run/chrony/chronyd.pid': '12\n' }, 'timeSync', { by: 'chronyd', done: false }],
    ['one CPU', { '/proc/self/status': 'Cpus_allowed_list:\t3\n' }, 'cpusAllowed', 1],
    ['text where a number should be', { '/proc/sys/net/ipv4/tcp_tw_reuse': 'x\n' }, 'portReuse', undefined],
  ];
  for (const [what, files, key, value] of ODD) {
    it(what, () => assert.deepEqual(readMachine(reader(files), HOST)[key], value));
  }

  it('of this very machine can be read', () => {
    const machine = readMachine(readText, thisHost());
    assert.ok(machine.cpus > 0 && machine.memoryBytes > 0 && machine.heapLimitBytes > 0);
    if (process.platform === 'linux') assert.ok(machine.descriptors! > 0 && machine.ports!.to > 0);
  });
});

describe('limits of this process', () => {
  it('are the lowest of machine, CPUs allowed and cgroup', () => {
    const of = (files: Files) => limitsOf(readMachine(reader(files), HOST));
    assert.deepEqual(of({}), { cpuCores: 8, memoryBytes: HOST.memoryBytes });
    assert.deepEqual(of(ROOMY), { cpuCores: 5, memoryBytes: HOST.memoryBytes });
    assert.deepEqual(of({ ...ROOMY, ...V2 }), { cpuCores: 1.5, memoryBytes: 2 ** 29 });
    const generous = {
      ...V2,
      '/sys/fs/cgroup/cpu.max': '6400000 100000\n',
      '/sys/fs/cgroup/memory.max': `${2 ** 50}\n`,
    };
    assert.deepEqual(of(generous), { cpuCores: 8, memoryBytes: HOST.memoryBytes });
  });

  it('are read again only after half a minute', () => {
    let nowMs = 5;
    let reads = 0;
    const files = { ...V2 };
    const limits = limitsReader(
      (path) => {
        reads++;
        return files[path];
      },
      () => HOST,
      () => nowMs,
    );
    assert.equal(limits().memoryBytes, 2 ** 29);
    const once = reads;
    Object.assign(files, { '/sys/fs/cgroup/memory.max': `${2 ** 28}\n` });
    nowMs += 29_999;
    assert.equal(limits().memoryBytes, 2 ** 29);
    assert.equal(reads, once);
    nowMs += 1;
    assert.equal(limits().memoryBytes, 2 ** 28);
  });
});

describe('the pace of a machine', () => {
  it('is what a clock, timers and the ticks of the CPUs say', async () => {
    let nowMs = 0;
    let stat = 'cpu  100 0 0 900 0 0 0 0 50 0\ncpu0 1 1 1 1\n';
    const lateMs = [0, 1, 2, 3, 30];
    let slept = 0;
    const pace = await measurePace(
      80,
      (path) => (path === '/proc/stat' ? stat : undefined),
      () => nowMs,
      async (ms) => {
        nowMs += ms + (lateMs[slept++] ?? 0);
        stat = 'cpu  150 0 0 930 0 0 0 20 50 0\n';
      },
    );
    assert.deepEqual(pace, { timerLateMs: { p50: 2, p95: 30, max: 30 }, clockReadNs: 0, stolen: 0.2 });
  });

  it('has nothing to say of stolen time where nobody counts it', async () => {
    let nowMs = 0;
    const pace = await measurePace(
      20,
      () => undefined,
      () => nowMs,
      async (ms) => {
        nowMs += ms;
      },
    );
    assert.equal('stolen' in pace, false);
  });
});
