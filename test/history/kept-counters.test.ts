import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptCounters, restoreCounters } from '../../src/history/kept-counters.ts';

/** A history that writes when a test says so. */
class SlowHistory {
  failing: string | undefined;
  readonly saved: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];

  putService(_: string, value: Uint8Array): number {
    return this.saved.push(value);
  }

  written(): Promise<void> {
    return new Promise((done) => this.#waiting.push(done));
  }

  async write(): Promise<void> {
    for (const done of this.#waiting.splice(0)) done();
    await Promise.resolve();
  }
}

describe('counters of the service', () => {
  it('continue from those of earlier processes, and show what the history has', async () => {
    const history = new SlowHistory();
    let now = 1;
    const counters = new KeptCounters(() => ({ runs: now }), { runs: 10, former: 3 }, history);
    assert.deepEqual([counters.of('runs'), counters.of('former'), counters.of('none')], [10, 3, 0]);
    counters.save();
    assert.equal(counters.of('runs'), 10, 'it is not written yet');
    await history.write();
    assert.equal(counters.of('runs'), 11);
    counters.save();
    assert.equal(history.saved.length, 1, 'nothing has changed');
    now = 2;
    counters.save();
    assert.deepEqual(restoreCounters(history.saved[1]), { runs: 12, former: 3 });
  });

  it('show what was counted while the history fails, and do not fall once it works again', async () => {
    const history = new SlowHistory();
    let now = 1;
    const counters = new KeptCounters(() => ({ failures: now }), {}, history);
    counters.save();
    history.failing = 'disk full';
    now = 5;
    assert.equal(counters.of('failures'), 5);
    history.failing = undefined;
    await history.write();
    assert.equal(counters.of('failures'), 5);
  });

  it('are shown as they are without a history', () => {
    assert.equal(new KeptCounters(() => ({ a: 2 }), {}).of('a'), 2);
  });

  it('begin at 0 where the kept ones are damaged', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    for (const text of ['', '{"a"', 'null', '7', '[]'])
      assert.deepEqual(restoreCounters(bytes(text)), {}, text);
    assert.deepEqual(restoreCounters(bytes('{"a":1,"b":"x","c":-1}')), { a: 1 });
    assert.deepEqual(restoreCounters(undefined), {});
  });
});
