import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Freezes, freezeEvent } from '../../src/run/freezes.ts';

describe('freezes of a run', () => {
  let now = 0;
  let freezes: Freezes;
  beforeEach(() => {
    now = 10_000;
    freezes = new Freezes(() => now);
  });
  afterEach(() => freezes.close());

  it('makes one event of a freeze of all threads, once they have reported it', () => {
    now = 18_000;
    assert.equal(freezes.lastMs, 18_000);
    assert.equal(freezes.isSettling, true);
    freezes.add(0, { fromMs: 10_020, toMs: 18_010 });
    freezes.add(1, { fromMs: 10_010, toMs: 18_100 });
    assert.equal(freezes.lastMs, 18_100);
    assert.deepEqual(freezes.take(), []);
    now = 18_600;
    assert.equal(freezes.isSettling, false);
    const [stood, ...more] = freezes.take();
    assert.equal(more.length, 0);
    assert.deepEqual(stood, { fromMs: 10_000, toMs: 18_100, main: true, threads: new Set([1, 0]) });
    // Counted once, also where two threads were frozen at once.
    assert.equal(freezes.engineMs, 8080);
    const [event, line] = freezeEvent(stood!, 2);
    assert.equal(
      event.detail,
      'soakd was frozen for 8.1s (the main thread and 2 of 2 engine threads): timeouts of open streams were extended by that time, streams due in it were dropped or started later, and timings around it are unreliable',
    );
    const { fromAt, toAt, ...facts } = line.facts as { fromAt: string; toAt: string };
    assert.equal(Date.parse(toAt) - Date.parse(fromAt), 8100);
    assert.deepEqual(facts, { lengthMs: 8100, frozen: 'the main thread and 2 of 2 engine threads' });
    assert.equal(line.level, 'warn');
    assert.deepEqual(freezes.take(true), []);
  });

  it('says of the main thread alone that streams did not wait for it', () => {
    now = 13_000;
    assert.equal(freezes.isSettling, true);
    assert.equal(freezes.engineMs, 0);
    const [event] = freezeEvent(freezes.take(true)[0]!, 1);
    assert.match(event.detail, /^soakd was frozen for 3s \(the main thread\): .*; streams were not$/);
  });

  it('keeps apart what an engine thread was frozen for at another time', () => {
    freezes.add(0, { fromMs: 1000, toMs: 3000 });
    freezes.add(1, { fromMs: 4000, toMs: 9000 });
    assert.equal(freezes.engineMs, 7000);
    const all = freezes.take(true);
    assert.deepEqual(
      all.map((one) => freezeEvent(one, 2)[0].detail.slice(0, 58)),
      [
        'soakd was frozen for 2s (1 of 2 engine threads): timeouts ',
        'soakd was frozen for 5s (1 of 2 engine threads): timeouts ',
      ],
    );
  });

  it('does not take the delays of a busy machine for a freeze', () => {
    for (let i = 0; i < 5; i++) {
      now += 1000;
      assert.equal(freezes.isSettling, false);
    }
    assert.deepEqual(freezes.take(true), []);
  });
});
