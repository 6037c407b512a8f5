import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { Scheduler } from '../../src/load/scheduler.ts';
import { VirtualTime } from './virtual.ts';

const DAY_MS = 86_400_000;

describe('scheduler', () => {
  let time: VirtualTime;
  let scheduler: Scheduler;
  let called: string[];

  beforeEach(() => {
    time = new VirtualTime();
    scheduler = new Scheduler(time.clock);
    called = [];
  });
  afterEach(() => time.reset());

  const at = (dueMs: number, name: string): void =>
    scheduler.at(dueMs, () => called.push(`${name}@${time.clock()}`));

  it('calls what is due, the earliest first, in whatever order it was given', () => {
    at(30, 'c');
    at(10, 'a');
    at(20, 'b');
    assert.equal(scheduler.size, 3);
    time.tick(9);
    assert.deepEqual(called, []);
    for (let i = 0; i < 30; i++) time.tick(1);
    assert.deepEqual(called, ['a@10', 'b@20', 'c@30']);
    assert.equal(scheduler.size, 0);
  });

  it('calls nothing early: fractions wait for the next whole millisecond', () => {
    at(10.2, 'a');
    time.tick(10);
    assert.deepEqual(called, []);
    time.tick(1);
    assert.deepEqual(called, ['a@11']);
  });

  it('calls what was due in the past at once, all of it in one go', () => {
    time.tick(100);
    for (const dueMs of [90, 50, 99.5, 100]) at(dueMs, `${dueMs}`);
    time.tick(1);
    assert.deepEqual(called, ['50@101', '90@101', '99.5@101', '100@101']);
  });

  it('takes what is added while it calls', () => {
    scheduler.at(5, () => {
      at(5, 'now');
      at(8, 'later');
      called.push('first');
    });
    at(9, 'last');
    for (let i = 0; i < 10; i++) time.tick(1);
    assert.deepEqual(called, ['first', 'now@5', 'later@8', 'last@9']);
  });

  it('waits for something earlier than what it waited for', () => {
    at(1000, 'late');
    time.tick(10);
    at(20, 'early');
    time.tick(10);
    assert.deepEqual(called, ['early@20']);
  });

  it('forgets everything when it is cleared, also from inside a call, and goes on after it', () => {
    at(10, 'never');
    scheduler.clear();
    time.tick(20);
    scheduler.at(30, () => scheduler.clear());
    at(30.5, 'never');
    at(40, 'never');
    time.tick(10);
    time.tick(20);
    assert.equal(scheduler.size, 0);
    at(60, 'after');
    time.tick(10);
    assert.deepEqual(called, ['after@60']);
  });

  it('waits longer than the 24.8 days of a timer', (t) => {
    // A longer wait overflows: node would call at once.
    const timers = t.mock.method(globalThis, 'setTimeout');
    at(60 * DAY_MS, 'far');
    at(30 * DAY_MS, 'near');
    time.tick(25 * DAY_MS);
    assert.deepEqual(called, []);
    time.tick(5 * DAY_MS);
    assert.deepEqual(called, [`near@${30 * DAY_MS}`]);
    for (let day = 30; day < 59; day++) time.tick(DAY_MS);
    assert.equal(called.length, 1);
    time.tick(DAY_MS);
    assert.deepEqual(called.at(-1), `far@${60 * DAY_MS}`);
    for (const { arguments: given } of timers.mock.calls) assert.ok(given[1]! < 2 ** 31, `${given[1]} ms`);
  });

  it('keeps the order of any dues', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 50, noNaN: true })), (dues) => {
        const order: number[] = [];
        const own = new Scheduler(time.clock);
        const start = time.clock();
        for (const due of dues.map((d) => start + d)) own.at(due, () => order.push(due));
        for (let i = 0; i < 51; i++) time.tick(1);
        assert.deepEqual(
          order,
          dues.map((d) => start + d).sort((a, b) => a - b),
        );
      }),
      { numRuns: 100 },
    );
  });
});
