import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildFrames } from '../../src/sim/frames.ts';
import { Ledger } from '../../src/sim/ledger.ts';
import { planAnswer } from '../../src/sim/plan.ts';
import { Player } from '../../src/sim/player.ts';
import { writeScript } from '../../src/sim/script.ts';
import { TINY } from './client.ts';

describe('player', () => {
  it('does not count what the kernel refuses at once', async () => {
    // As a socket of node behaves whose peer has sent an RST that was not read yet.
    const socket = {
      writable: true,
      writableLength: 0,
      written: 0,
      write() {
        this.written++;
        if (this.written === 3) this.writable = false;
        return true;
      },
    };
    const ledger = new Ledger();
    const script = writeScript(planAnswer(TINY, 0), undefined, buildFrames('sse'));
    const player = new Player(
      script,
      ledger.open(),
      ledger,
      {} as ServerResponse,
      socket as unknown as Socket,
    );
    player.start();
    while (socket.written < 3) await sleep(1);
    await sleep(20);
    player.stop();
    assert.equal(socket.written, 3);
    assert.equal(ledger.totals().chunks, 2);
  });
});
