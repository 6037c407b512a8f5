import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check, State } from '../../src/doctor/check.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Need } from '../../src/doctor/need.ts';
import { type Host, readMachine } from '../../src/machine/machine.ts';
import type { Pace } from '../../src/machine/pace.ts';
import { type Files, HOST, ROOMY, reader, V1, V2 } from '../machine/machines.ts';

const NEED: Need = { users: 3000, freshRate: 0, eventBytes: 1_048_576, loopback: false, simulator: false };
const PACE: Pace = { timerLateMs: { p50: 0.3, p95: 1, max: 2 }, clockReadNs: 45, stolen: 0 };

interface Setting {
  readonly files?: Files;
  readonly host?: Partial<Host>;
  readonly pace?: Partial<Pace>;
  readonly need?: Partial<Need>;
}

function checks({ files = {}, host = {}, pace = {}, need = {} }: Setting): Check[] {
  const machine = readMachine(reader({ ...ROOMY, ...files }), { ...HOST, ...host });
  return examine(machine, { ...PACE, ...pace }, { ...NEED, ...need });
}

function limits(descriptors: number | string, processes: number | string = 96_365): Files {
  return {
    '/proc/self/limits':
      `Max processes             ${processes}  ${processes}  processes\n` +
      `Max open files            ${descriptors}  ${descriptors}  files\n`,
  };
}

const PORTS = '/proc/sys/net/ipv4/ip_local_port_range';
const REUSE = '/proc/sys/net/ipv4/tcp_tw_reuse';
const CLOCK = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
const TRACKED = (max: number, count: number): Files => ({
  '/proc/sys/net/netfilter/nf_conntrack_max': `${max}\n`,
  '/proc/sys/net/netfilter/nf_conntrack_count': `${count}\n`,
});

type Row = [what: string, name: string, state: State, setting: Setting, found: RegExp, advice?: RegExp];

const ROWS: readonly Row[] = [
  ['Node of the package', 'node', 'ok', { host: { nodeVersion: '22.19.0' } }, /^22\.19\.0$/],
  ['an older Node', 'node', 'fail', { host: { nodeVersion: '22.18.0' } }, /22\.18/, /nodejs\.org/],
  ['a Node between', 'node', 'fail', { host: { nodeVersion: '23.11.0' } }, /23\.11/],

  ['enough descriptors', 'descriptors', 'ok', { files: limits(3128) }, /^3,128 may be open/],
  ['one too few', 'descriptors', 'fail', { files: limits(3127) }, /^3,127/, /LimitNOFILE=65536/],
  ['the usual 1024', 'descriptors', 'fail', { files: limits(1024) }, /^1,024/, /ulimit -Hn 65536/],
  [
    'very many users',
    'descriptors',
    'fail',
    { files: limits(65_536), need: { users: 100_000 } },
    /^65,536/,
    /--ulimit nofile=131072:131072/,
  ],
  ['no limit', 'descriptors', 'ok', { files: limits('unlimited') }, /^no limit$/],
  [
    'the simulator holds the other ends',
    'descriptors',
    'fail',
    { files: limits(5000), need: { simulator: true } },
    /^5,000/,
  ],
  [
    'few files left on the machine',
    'descriptors',
    'fail',
    { files: { '/proc/sys/fs/file-nr': '9000\t0\t10000\n' } },
    /1,000 more on the machine/,
    /^sysctl -w fs\.file-max=\d+$/,
  ],

  ['threads', 'threads', 'ok', {}, /^96,365 for this user$/],
  ['few threads for a user', 'threads', 'warn', { files: limits(65_536, 200) }, /^200/, /LimitNPROC/],
  ['hardly a thread', 'threads', 'fail', { files: limits(65_536, 20) }, /^20/, /LimitNPROC/],
  ['threads of a container', 'threads', 'ok', { files: V2 }, /, 88 more in this cgroup/],
  [
    'few of them',
    'threads',
    'fail',
    { files: { ...V2, '/sys/fs/cgroup/pids.max': '20\n' } },
    /, 8 more/,
    /TasksMax=256/,
  ],

  [
    'ports of Linux',
    'ports',
    'ok',
    {},
    /^28,232 \(32768 to 60999\): enough for 3,000 users and 420 new connections/,
  ],
  [
    'fewer ports than users',
    'ports',
    'fail',
    { files: { [PORTS]: '40000 40999\n' } },
    /^1,000 \(40000 to 40999\)$/,
    /ip_local_port_range="1024 65535"/,
  ],
  ['hardly more', 'ports', 'warn', { files: { [PORTS]: '40000 43500\n' } }, /^3,501/, /ip_local_port_range/],
  [
    'many users, and nothing left to raise',
    'ports',
    'fail',
    { files: { [PORTS]: '1024 65535\n' }, need: { users: 70_000 } },
    /^64,512/,
    /^spread the users/,
  ],
  [
    'many fresh connections',
    'ports',
    'warn',
    { need: { freshRate: 500 } },
    /420 new connections per second/,
    /tcp_tw_reuse=1/,
  ],
  [
    'the same with reuse',
    'ports',
    'ok',
    { files: { [REUSE]: '1\n' }, need: { freshRate: 500 } },
    /25,232 new/,
  ],
  [
    'the same on loopback',
    'ports',
    'ok',
    { need: { freshRate: 500, eventBytes: 1_048_576, loopback: true } },
    /25,232 new/,
  ],
  [
    'no reuse on loopback',
    'ports',
    'warn',
    { files: { [REUSE]: '0\n' }, need: { freshRate: 500, eventBytes: 1_048_576, loopback: true } },
    /420 new/,
  ],

  ['a queue for the simulator', 'backlog', 'ok', { need: { simulator: true } }, /^somaxconn 4,096, tcp_max/],
  [
    'a short one',
    'backlog',
    'warn',
    { files: { '/proc/sys/net/core/somaxconn': '128\n' }, need: { simulator: true } },
    /^somaxconn 128/,
    /^sysctl -w net\.core\.somaxconn=4096$/,
  ],
  [
    'one that few users need',
    'backlog',
    'ok',
    { files: { '/proc/sys/net/core/somaxconn': '128\n' }, need: { simulator: true, users: 100 } },
    /128/,
  ],

  ['nothing tracked', 'conntrack', 'ok', {}, /no connection tracking/],
  ['a roomy table', 'conntrack', 'ok', { files: TRACKED(262_144, 10) }, /^262,134 of 262,144/],
  [
    'a table that is nearly full',
    'conntrack',
    'warn',
    { files: TRACKED(65_536, 60_000) },
    /^5,536/,
    /conntrack_max=131072/,
  ],
  ['a full one', 'conntrack', 'fail', { files: TRACKED(65_536, 65_000) }, /^536/, /conntrack_max=131072/],

  ['memory', 'memory', 'ok', {}, /^23 GiB free of 24 GiB, heaps up to 4,096 MiB$/],
  [
    'a container with enough',
    'memory',
    'warn',
    { files: V2 },
    /^422 MiB free of 512 MiB \(the limit of its cgroup\)/,
    /MemoryMax=775M/,
  ],
  ['a small container', 'memory', 'fail', { files: V1 }, /^240 MiB free of 300 MiB/, /--memory 775m/],
  [
    'a machine whose memory others use',
    'memory',
    'fail',
    { files: { '/proc/meminfo': 'MemAvailable:   204800 kB\n' } },
    /^200 MiB free of 24 GiB/,
    /^a machine with more/,
  ],
  [
    'a small heap',
    'memory',
    'fail',
    { host: { heapLimitBytes: 100 * 2 ** 20 } },
    /heaps up to 100 MiB/,
    /NODE_OPTIONS=--max-old-space-size=375/,
  ],

  ['cores', 'cpu', 'ok', {}, /^5 cores$/],
  [
    'a quota that is used up',
    'cpu',
    'warn',
    { files: V2 },
    /^1\.5 cores \(the quota.*used up in 5 % /,
    /--cpus/,
  ],
  ['a quarter of a core', 'cpu', 'warn', { files: V1 }, /^0\.3 cores/, /more cores/],
  ['more users than cores', 'cpu', 'warn', { need: { users: 30_000 } }, /^5 cores$/, /fewer users/],
  ['the simulator costs too', 'cpu', 'warn', { host: { cpus: 1 }, need: { simulator: true } }, /^1 core$/],

  ['timers', 'timers', 'ok', {}, /^late by 0\.3 ms \(p50\), 1 ms \(p95\), 2 ms at most; 0 % /],
  [
    'late timers',
    'timers',
    'warn',
    { pace: { timerLateMs: { p50: 1, p95: 8, max: 20 } } },
    /8 ms \(p95\)/,
    /soak_event_loop_delay/,
  ],
  [
    'stolen time',
    'timers',
    'warn',
    { pace: { stolen: 0.12 } },
    /12 % of the CPU time was stolen/,
    /the host/,
  ],

  ['a good clock', 'clock', 'ok', {}, /^source tsc, 45 ns/],
  ['a clock of a virtual machine', 'clock', 'ok', { files: { [CLOCK]: 'kvm-clock\n' } }, /kvm-clock/],
  ['a slow one', 'clock', 'warn', { files: { [CLOCK]: 'hpet\n' } }, /source hpet/, /available_clocksource/],
  ['one that is slow to read', 'clock', 'warn', { pace: { clockReadNs: 2300 } }, /2,300 ns/],

  ['timesyncd', 'calendar', 'ok', {}, /systemd-timesyncd/],
];

describe('what is found of a machine', () => {
  for (const [what, name, state, setting, found, advice] of ROWS) {
    it(`${name}: ${what}`, () => {
      const check = checks(setting).find((c) => c.name === name);
      assert.ok(check !== undefined);
      assert.equal(check.state, state, check.found);
      assert.match(check.found, found);
      if (state === 'ok') assert.deepEqual(check.advice, []);
      else assert.ok(check.advice.length > 0, 'something to do');
      if (advice !== undefined)
        assert.ok(
          check.advice.some((line) => advice.test(line)),
          check.advice.join('\n'),
        );
    });
  }

  it('is good on a machine with room, for each thing that is looked at', () => {
    for (const { name, state } of checks({ need: { simulator: true } })) assert.equal(state, 'ok', name);
  });

  it('asks nothing of the queue of a server where the server is another machine', () => {
    assert.equal(
      checks({}).some((c) => c.name === 'backlog'),
      false,
    );
  });

  it('is not known, and no failure, where the system tells nothing', () => {
    const machine = readMachine(reader({}), { ...HOST, platform: 'darwin' });
    const found = examine(
      machine,
      { timerLateMs: PACE.timerLateMs, clockReadNs: 45 },
      { ...NEED, simulator: true },
    );
    const states = Object.fromEntries(found.map((c) => [c.name, c.state]));
    assert.deepEqual(states, {
      node: 'ok',
      descriptors: 'unknown',
      threads: 'unknown',
      ports: 'unknown',
      backlog: 'unknown',
      conntrack: 'unknown',
      memory: 'ok',
      cpu: 'ok',
      timers: 'ok',
      clock: 'ok',
      calendar: 'unknown',
    });
    for (const check of found) assert.ok(check.found.length > 0);
  });
});

it('memory counts the largest event of every user', () => {
  const memory = checks({ need: { users: 300, eventBytes: 4_194_304 } }).find(
    ({ name }) => name === 'memory',
  );
  assert.match(
    memory?.wanted ?? '',
    /; at most 2,400 MiB more, while every stream holds an event and a line of 4 MiB \(maxEvent\)$/,
  );
});
