import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import type { FinishedRun, Run } from '../../src/core/run.ts';
import { AfterHistory, MAX_WAIT_MS } from '../../src/history/after-history.ts';
import type { StreamSnapshot } from '../../src/sink/sink.ts';

/** A history that has written what a test says. */
class SlowHistory {
  posted = 0;
  writtenTo = 0;
  failing: string | undefined;
  #waiting: { readonly seq: number; readonly done: () => void }[] = [];

  written(seq: number): Promise<void> {
    if (seq <= this.writtenTo) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ seq, done }));
  }

  async write(to: number): Promise<void> {
    this.writtenTo = to;
    for (const { done } of this.#waiting.filter(({ seq }) => seq <= to)) done();
    this.#waiting = this.#waiting.filter(({ seq }) => seq > to);
    await Promise.resolve();
    await Promise.resolve();
  }
}

function made() {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const history = new SlowHistory();
  const told: string[] = [];
  const inner = {
    start: () => void told.push('start'),
    add: (_: Run, { atMs }: StreamSnapshot) => void told.push(`add ${atMs}`),
    stop: () => void told.push('stop'),
  };
  const after = new AfterHistory(inner, history, () => Date.now());
  const add = (atMs: number): void => {
    history.posted++;
    after.add({} as Run, { atMs } as StreamSnapshot);
  };
  return { history, told, after, add };
}

describe('snapshots that wait for the history', () => {
  afterEach(() => mock.timers.reset());

  it('are passed on once it has them, in their order', async () => {
    const { history, told, after, add } = made();
    after.start({} as Run, {} as StreamSnapshot);
    assert.deepEqual(told, ['start'], 'nothing was to be written');
    add(1);
    add(2);
    after.next(() => told.push('reconfigured'));
    add(3);
    after.stop({} as FinishedRun, {} as StreamSnapshot);
    assert.deepEqual(told, ['start']);
    await history.write(1);
    assert.deepEqual(told, ['start', 'add 1']);
    await history.write(2);
    assert.deepEqual(told, ['start', 'add 1', 'add 2', 'reconfigured']);
    await history.write(3);
    assert.deepEqual(told, ['start', 'add 1', 'add 2', 'reconfigured', 'add 3', 'stop']);
  });

  it('wait for three seconds at most, also where no other follows', () => {
    const { told, add } = made();
    add(1);
    mock.timers.tick(MAX_WAIT_MS - 100);
    assert.deepEqual(told, []);
    mock.timers.tick(200);
    assert.deepEqual(told, ['add 1']);
  });

  it('do not wait while the history cannot be written', () => {
    const { history, told, add } = made();
    add(1);
    history.failing = 'disk full';
    add(2);
    assert.deepEqual(told, ['add 1', 'add 2']);
  });

  it('are passed on before what waits for all of them', async () => {
    const { history, told, after, add } = made();
    add(1);
    const passed = after.passed().then(() => told.push('passed'));
    await history.write(1);
    await passed;
    assert.deepEqual(told, ['add 1', 'passed']);
  });
});
