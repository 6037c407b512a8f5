import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Heartbeat, lengthOf, middleOf } from '../../src/load/freeze.ts';
import { MovedLimits } from '../../src/stream/moved-limits.ts';

describe('a freeze', () => {
  it('ends with the first beat that comes a second late', () => {
    let now = 500;
    const heart = new Heartbeat(() => now, 20);
    now += 1019;
    assert.equal(heart.beat(), undefined);
    now += 1020;
    const freeze = heart.beat();
    assert.deepEqual(freeze, { fromMs: 1519, toMs: 2539 });
    assert.equal(lengthOf(freeze!), 1020);
    assert.equal(middleOf(freeze!), 2029);
    assert.equal(heart.beat(), undefined);
  });

  it('moves the limit of a phase until the phase or a byte begins it again, and that of the stream for good', () => {
    const moved = new MovedLimits();
    moved.move(100, 8000);
    moved.move(100, 2000);
    assert.equal(moved.phaseMs(100), 10_000);
    assert.equal(moved.phaseMs(101), 0);
    moved.move(300, 500);
    assert.equal(moved.phaseMs(300), 500);
    assert.equal(moved.phaseMs(100), 0);
    assert.equal(moved.totalMs, 10_500);
  });
});
