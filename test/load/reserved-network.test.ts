import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import { reservedNetwork } from '../../src/load/reserved-network.ts';
import { descriptorGate } from '../../src/machine/descriptors.ts';
import type { Network } from '../../src/transport/dial.ts';

/** Descriptors that a process may have, those of them that streams leave free, and those that it has before its first stream. */
const [LIMIT, RESERVE, USED] = [128, 32, 40];

/** A network that takes no descriptor until the turn of the event loop ends, as dials do. */
function fakeNetwork(): Network & { opened: number } {
  return {
    opened: 0,
    lookup: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    connect() {
      this.opened++;
      return new Socket();
    },
    secure() {
      this.opened++;
      return new TLSSocket(new Socket());
    },
  };
}

describe('descriptors that streams leave free', () => {
  it('are left by threads that dial in the same moment', () => {
    const network = fakeNetwork();
    const opening = new Int32Array(new SharedArrayBuffer(8));
    const gate = descriptorGate(LIMIT, () => USED);
    const threads = [0, 1].map((index) => reservedNetwork(network, gate, opening, index));
    const sockets: Socket[] = [];
    const errors: unknown[] = [];
    for (let n = 0; n < LIMIT; n++) {
      const socket = threads[n % 2]!.connect({ host: '127.0.0.1', port: 1 });
      socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
      sockets.push(socket);
    }
    assert.equal(network.opened, LIMIT - RESERVE - USED);
    assert.equal(sockets.filter((socket) => socket.destroyed).length, LIMIT - network.opened);
    assert.deepEqual([...opening], [28, 28]);
  });

  it('can be taken again once the turn is over, and a refused dial takes none', async () => {
    const network = fakeNetwork();
    const opening = new Int32Array(new SharedArrayBuffer(4));
    let free = LIMIT - RESERVE - 1;
    const thread = reservedNetwork(
      network,
      descriptorGate(LIMIT, () => free),
      opening,
      0,
    );
    const dial = (): boolean =>
      !thread.connect({ host: '127.0.0.1', port: 1 }).on('error', () => {}).destroyed;
    assert.deepEqual([dial(), dial()], [true, false]);
    assert.deepEqual([...opening], [1]);
    await new Promise((done) => setImmediate(done));
    await new Promise((done) => setImmediate(done));
    assert.deepEqual([...opening], [0]);
    assert.equal(dial(), true);
    free++;
    assert.equal(dial(), false);
  });
});
