import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { reservedNetwork } from '../../src/load/reserved-network.ts';
import { descriptorTaker } from '../../src/machine/descriptors.ts';
import type { Network } from '../../src/transport/dial.ts';

/** Descriptors that a process may have, and those of them that streams leave free. */
const [LIMIT, RESERVE] = [128, 32];

/** The descriptors of a process. */
class Descriptors {
  readonly taken = new Set<number>();

  constructor(taken: Iterable<number>) {
    for (const fd of taken) this.taken.add(fd);
  }

  readonly open = (): number => {
    for (let fd = 0; fd < LIMIT; fd++)
      if (!this.taken.has(fd)) {
        this.taken.add(fd);
        return fd;
      }
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  };

  readonly close = (fd: number): void => void this.taken.delete(fd);
}

/** A network that takes a descriptor in the next tick, as dials do. */
function networkOf({ open }: Descriptors): Network {
  const later = <T extends Socket>(socket: T): T => {
    process.nextTick(open);
    return socket;
  };
  return {
    lookup: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    connect: () => later(new Socket()),
    secure: () => later(new TLSSocket(new Socket())),
  };
}

/** Dials as often as a process may have descriptors, in turn from some threads. @returns codes of the failed dials */
function dialAll(threads: readonly Network[]): unknown[] {
  const errors: unknown[] = [];
  for (let n = 0; n < LIMIT; n++)
    threads[n % threads.length]!.connect({ host: '127.0.0.1', port: 1 }).on(
      'error',
      (error: NodeJS.ErrnoException) => errors.push(error.code),
    );
  return errors;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, fd) => fd);

describe('descriptors that streams leave free', () => {
  for (const [what, taken] of [
    ['by threads that dial in the same moment', upTo(40)],
    [
      'where low numbers are free and those above them are not',
      upTo(LIMIT - RESERVE).filter((fd) => fd !== 20),
    ],
    ['where none is left', upTo(LIMIT)],
  ] as const)
    it(`are left ${what}`, async () => {
      const descriptors = new Descriptors(taken);
      const threads = [0, 1].map(() =>
        reservedNetwork(networkOf(descriptors), descriptorTaker(LIMIT, descriptors)),
      );
      const errors = dialAll(threads);
      await turn();
      assert.equal(descriptors.taken.size, Math.max(taken.length, LIMIT - RESERVE));
      assert.equal(errors.length, LIMIT - (descriptors.taken.size - taken.length));
      assert.ok(errors.every((code) => code === 'EMFILE'));
    });

  it('can be taken again once they are free, and a refused dial takes none', async () => {
    const descriptors = new Descriptors(upTo(LIMIT - RESERVE - 1));
    const network = reservedNetwork(networkOf(descriptors), descriptorTaker(LIMIT, descriptors));
    const dial = (): boolean =>
      !network.connect({ host: '127.0.0.1', port: 1 }).on('error', () => {}).destroyed;
    assert.deepEqual([dial(), dial()], [true, false]);
    await turn();
    assert.equal(dial(), false);
    descriptors.close(7);
    assert.equal(dial(), true);
    await turn();
    assert.equal(descriptors.taken.size, LIMIT - RESERVE);
  });

  it('are asked for again once a name is resolved', async () => {
    const descriptors = new Descriptors(upTo(LIMIT - RESERVE));
    const network = reservedNetwork(networkOf(descriptors), descriptorTaker(LIMIT, descriptors));
    const error = await new Promise((done) => network.lookup('a.invalid', done));
    assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE');
    assert.equal(descriptors.taken.size, LIMIT - RESERVE);
  });
});
