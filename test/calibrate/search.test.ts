import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findCapacity, type Held, rounded } from '../../src/calibrate/search.ts';

/** A machine that holds so many streams; numbers in `moments` fail once. */
function machine(capacity: number, moments: number[] = [], cpu = 1) {
  const tries: number[] = [];
  const hold = async (streams: number): Promise<Held> => {
    tries.push(streams);
    const moment = moments.indexOf(streams);
    if (moment >= 0) moments.splice(moment, 1);
    const fault = streams > capacity || moment >= 0 ? { fault: 'late' } : {};
    return { streams, measurementErrorMs: null, cpu, threads: 2, ...fault };
  };
  return { hold, tries };
}

describe('the search for a capacity', () => {
  it('doubles, and then looks in between', async () => {
    const { hold, tries } = machine(5200);
    const { streams, more, held } = await findCapacity(hold, { from: 500, most: 30_000 });
    assert.deepEqual(tries, [500, 1000, 2000, 4000, 8000, 8000, 6000, 6000, 5000, 5500, 5500]);
    assert.deepEqual([streams, more, held.length], [5000, false, tries.length]);
  });

  it('forgives one bad moment of a number', async () => {
    const { hold } = machine(10_000, [1000]);
    assert.equal((await findCapacity(hold, { from: 500, most: 2000 })).streams, 2000);
  });

  it('ends at the most, and says that it may be more', async () => {
    const { hold, tries } = machine(1e9);
    const { streams, more } = await findCapacity(hold, { from: 500, most: 3000 });
    assert.deepEqual([streams, more], [3000, true]);
    assert.deepEqual(tries, [500, 1000, 2000, 3000]);
  });

  it('finds less than the first number, and nothing at all', async () => {
    const few = await findCapacity(machine(300).hold, { from: 500, most: 5000 });
    assert.ok(few.streams <= 300 && few.streams >= 200, `${few.streams}`);
    const none = await findCapacity(machine(0).hold, { from: 500, most: 5000 });
    assert.deepEqual([none.streams, none.more], [0, false]);
  });

  it('begins with no more than the most', async () => {
    const { hold, tries } = machine(100);
    await findCapacity(hold, { from: 500, most: 20 });
    assert.deepEqual(tries, [20]);
  });

  it('says that something else is late where soakd used little CPU at the number that it could not hold', async () => {
    const quiet = await findCapacity(machine(1000, [], 0.9).hold, { from: 500, most: 5000 });
    assert.deepEqual([quiet.streams, quiet.disturbed], [1000, true]);
    const busy = await findCapacity(machine(1000, [], 1).hold, { from: 500, most: 5000 });
    assert.deepEqual([busy.streams, busy.disturbed], [1000, false]);
    const enough = await findCapacity(machine(1e9, [], 0).hold, { from: 500, most: 5000 });
    assert.equal(enough.disturbed, false, 'nothing was late');
  });

  it('rounds to two digits', () => {
    assert.deepEqual([5234, 987, 12, 3, 14_999].map(rounded), [5200, 990, 12, 3, 15_000]);
  });
});
