import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from './poll.ts';

/** How a version of cgroups freezes: the file that is written, and the file that says whether all has stopped. */
const VERSIONS = {
  cgroup: {
    write: 'freezer.state',
    frozen: 'FROZEN',
    thawed: 'THAWED',
    state: 'freezer.state',
    is: /^FROZEN/m,
  },
  cgroup2: { write: 'cgroup.freeze', frozen: '1', thawed: '0', state: 'cgroup.events', is: /^frozen 1/m },
} as const;

/** A cgroup of its own, that can be frozen as a container is paused. */
export class Freezer {
  readonly #folder: string;
  readonly #parent: string;
  readonly #version: (typeof VERSIONS)[keyof typeof VERSIONS];

  /** @throws where no hierarchy with a freezer can be written; see {@link needsFreezer} */
  constructor() {
    const found = hierarchy();
    if (found === undefined) throw new Error('no hierarchy of cgroups with a freezer can be written');
    this.#parent = found.folder;
    this.#version = VERSIONS[found.type];
    this.#folder = join(found.folder, `soakd-test-${process.pid}-${Date.now()}`);
    mkdirSync(this.#folder);
  }

  /** Moves a process into it, with all its threads. */
  add(pid: number): void {
    writeFileSync(join(this.#folder, 'cgroup.procs'), String(pid));
  }

  /** Freezes all that is in it for a while. */
  async freezeFor(ms: number): Promise<void> {
    const { write, frozen, thawed, state, is } = this.#version;
    writeFileSync(join(this.#folder, write), frozen);
    try {
      await poll('freeze', () => is.test(readFileSync(join(this.#folder, state), 'utf8')) || undefined);
      await sleep(ms);
    } finally {
      writeFileSync(join(this.#folder, write), thawed);
    }
  }

  /** Removes it. What still runs in it continues beside it. */
  close(): void {
    for (const pid of readFileSync(join(this.#folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
      writeFileSync(join(this.#parent, 'cgroup.procs'), pid);
    rmdirSync(this.#folder);
  }
}

/** @returns false where this process can freeze a cgroup, else why the test is skipped */
export function needsFreezer(): string | false {
  return hierarchy() === undefined
    ? 'wants a hierarchy of cgroups with a freezer that can be written'
    : false;
}

/** Returns a mounted hierarchy whose groups can be frozen, and in which this process may make one. */
function hierarchy(): { readonly folder: string; readonly type: keyof typeof VERSIONS } | undefined {
  let mounts: string;
  try {
    mounts = readFileSync('/proc/mounts', 'utf8');
  } catch {
    return undefined;
  }
  for (const line of mounts.split('\n')) {
    const [, folder = '', type = '', options = ''] = line.split(' ');
    if (type !== 'cgroup2' && !(type === 'cgroup' && options.split(',').includes('freezer'))) continue;
    const probe = join(folder, `soakd-probe-${process.pid}`);
    try {
      accessSync(join(folder, 'cgroup.procs'), constants.W_OK);
      mkdirSync(probe);
    } catch {
      continue;
    }
    const can = readdirSync(probe).includes(VERSIONS[type].write);
    rmdirSync(probe);
    if (can) return { folder, type };
  }
  return undefined;
}
