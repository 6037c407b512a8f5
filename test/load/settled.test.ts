import assert from 'node:assert/strict';
import { it } from 'node:test';
import { streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import { Engine } from '../../src/load/engine.ts';
import { closed, planOf } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';

const ENTRY = new URL('./collecting-entry.ts', import.meta.url);

it('an engine has settled once each of its threads made two major garbage collections, and one that replaces a dead one starts over', async () => {
  const collecting = new BroadcastChannel('collecting-engine-threads');
  const mortal = new BroadcastChannel('mortal-engine-threads');
  const lost: string[] = [];
  const scenario = closed({ stages: [{ shape: 'hold', level: 2, durationMs: 600_000 }] });
  const engine = await Engine.open(
    planOf(scenario),
    2,
    streamLayout(['a'], {}),
    { failures() {}, refused() {}, lost: (_, then) => lost.push(then), frozen() {} },
    { entry: ENTRY },
  );
  /** V8 may have made some by itself: so many more are at least two. */
  const collect = (index: number): void => {
    for (let i = 0; i < 2; i++) collecting.postMessage({ index });
  };
  try {
    engine.start(monotonicMs());
    assert.equal(engine.settled, false, 'at the start');
    collect(0);
    collect(1);
    await poll('both threads', () => engine.settled || undefined);
    mortal.postMessage({ index: 1 });
    await poll('a replacement', () => lost[0]);
    assert.deepEqual(lost, ['replaced']);
    assert.equal(engine.settled, false, 'with a new thread');
    const again = (): true | undefined => {
      // It hears nothing while it loads.
      if (!engine.settled) collect(1);
      return engine.settled || undefined;
    };
    await poll('both threads again', again, { everyMs: 500 });
  } finally {
    collecting.close();
    mortal.close();
    await engine.close();
  }
});
