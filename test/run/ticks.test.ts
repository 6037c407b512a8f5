import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startTicks } from '../../src/run/ticks.ts';
import type { StreamSnapshot } from '../../src/sink/sink.ts';
import { LAYOUT } from '../../support/run/samples.ts';
import { LONG, setUp } from './running.ts';

it('the clock of a run ticks each second and between two seconds, but not while a freeze settles', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const ticks: string[] = [];
  let isSettling = false;
  const stop = startTicks({
    second: () => ticks.push('second'),
    between: () => ticks.push('between'),
    isSettling: () => isSettling,
  });
  t.mock.timers.tick(2000);
  assert.deepEqual(ticks, ['between', 'second', 'between', 'second']);
  isSettling = true;
  t.mock.timers.tick(500);
  assert.equal(ticks.length, 4);
  isSettling = false;
  t.mock.timers.tick(500);
  assert.deepEqual(ticks.slice(4), ['between']);
  stop();
  t.mock.timers.tick(5000);
  assert.equal(ticks.length, 5);
});

it('a run is kept between two seconds, with the state from which it continues', async () => {
  const kept = Promise.withResolvers<StreamSnapshot>();
  const { runner, engines, start } = setUp([{ between: (_run, snapshot) => kept.resolve(snapshot) }]);
  await start(LONG);
  engines[0]!.count('started', 7);
  const { values } = await kept.promise;
  assert.equal(values[LAYOUT.slots[0]!.cell.started], 7);
  const state = runner.checkpoint().find(({ key }) => key === 'values')!.version as Float64Array;
  assert.deepEqual(state, values);
});
