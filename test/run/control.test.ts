import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamView } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import type { Control } from '../../src/core/control.ts';
import type { Run } from '../../src/core/run.ts';
import type { Setup } from '../../src/run/run-result.ts';
import { setupOf } from '../../src/run/setup.ts';
import { levelIn } from '../../src/shapes/piece.ts';
import { closed } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';
import { configOf, target } from '../../support/run/samples.ts';
import { LONG, refusal, SHORT, setUp } from './running.ts';

/** Time 0 of a plan lies a little ahead of its start. */
const begun = ({ startMs }: Run) => poll('begin of the plan', () => monotonicMs() > startMs || undefined);

describe('a run that is changed', () => {
  it('follows the new level, says so at once, and remembers who did it', async () => {
    const { runner, sink, engines, start } = setUp();
    await start(LONG);
    const run = runner.control({ action: 'set', users: 40 }, 'ann');
    const { pieces, graceMs } = engines[0]!.follows[0]!;
    assert.equal(levelIn(pieces.at(-1)!, pieces.at(-1)!.toMs), 40);
    assert.equal(graceMs, Number.POSITIVE_INFINITY, 'open streams are left to finish');
    await begun(run);
    assert.deepEqual(runner.snapshot().desired, [40, 0]);
    assert.equal(sink.told.at(-1)!.run, run, 'sinks are told at once');
    assert.deepEqual(
      run.events.map((e) => [e.action, e.by]),
      [
        ['start', 'test'],
        ['set', 'ann'],
      ],
    );
    runner.control({ action: 'set', users: 4, graceMs: 500 }, 'ann');
    assert.equal(engines[0]!.follows[1]!.graceMs, 500);
    engines[0]!.drain();
  });

  it('expects no load while it is paused, and comes to its end only after it was resumed', async () => {
    const { runner, sink, engines, start } = setUp();
    await begun(await start(closed({ stages: [{ shape: 'hold', level: 8, durationMs: 300 }] })));
    const { result } = runner;
    const paused = runner.control({ action: 'pause' }, 'ann');
    assert.equal(paused.state, 'paused');
    assert.deepEqual(sink.told.at(-1)!.snapshot.desired, [0, 0]);
    await new Promise((done) => setTimeout(done, 400));
    assert.equal(runner.run?.state, 'paused', 'its planned end has passed');
    const resumed = runner.control({ action: 'resume' }, 'bob');
    assert.equal(resumed.state, 'running');
    assert.ok(resumed.durationMs > 600, `${resumed.durationMs} ms with the pause`);
    assert.ok(Math.abs(resumed.plannedEndAt - resumed.startedAt - resumed.durationMs) < 1);
    await sink.until('draining');
    engines[0]!.drain();
    const { run } = await result!;
    assert.deepEqual(
      [run.reason, run.events.map((e) => e.action)],
      ['completed', ['start', 'pause', 'resume']],
    );
  });

  it('is over when its last stage is skipped, and longer when it is extended', async () => {
    const { runner, sink, engines, start } = setUp();
    await start(LONG);
    const { durationMs } = runner.run!;
    assert.equal(runner.control({ action: 'extend', byMs: 60_000 }, 'ann').durationMs, durationMs + 60_000);
    runner.control({ action: 'skip' }, 'ann');
    const draining = await sink.until('draining');
    assert.ok(draining.state === 'draining' && draining.why === 'completed');
    assert.deepEqual(engines[0]!.stops, []);
    engines[0]!.drain();
  });

  it('can be stopped while it is paused', async () => {
    const { runner, engines, start } = setUp();
    await start(LONG);
    const { result } = runner;
    runner.control({ action: 'pause' }, 'ann');
    const run = runner.control({ action: 'stop', graceMs: 100 }, 'ann');
    assert.equal(run.state, 'draining');
    assert.deepEqual(engines[0]!.stops, [100]);
    engines[0]!.drain();
    assert.equal((await result!).run.reason, 'stopped');
  });

  it('refuses what its state or the limits forbid, and is then as it was', async () => {
    const { runner, engines, start } = setUp();
    const all: Control[] = [
      { action: 'set', users: 1 },
      { action: 'pause' },
      { action: 'resume' },
      { action: 'skip' },
      { action: 'extend', byMs: 1000 },
      { action: 'stop' },
    ];
    for (const control of all) assert.throws(() => runner.control(control, 'ann'), refusal('NO_RUN'));
    await start(LONG);
    assert.throws(() => runner.control({ action: 'set', users: 10_001 }, 'ann'), refusal('LIMIT_EXCEEDED'));
    assert.throws(() => runner.control({ action: 'resume' }, 'ann'), refusal('NOT_RUNNING'));
    assert.deepEqual([runner.run!.events.length, engines[0]!.follows.length], [1, 0]);
    runner.stop('stopped');
    for (const control of all.slice(0, -1))
      assert.throws(() => runner.control(control, 'ann'), refusal('NOT_RUNNING'));
    engines[0]!.drain();
  });

  it('forgets the oldest of very many changes', async () => {
    const { runner, engines, start } = setUp();
    await start(LONG);
    for (let i = 0; i < 500; i++) runner.control({ action: 'set', users: i }, 'ann');
    const { events } = runner.run!;
    assert.ok(events.length <= 200 && events.at(-1)!.detail.startsWith('499 users'));
    assert.ok(engines[0]!.follows.at(-1)!.pieces.length < 300);
    engines[0]!.drain();
  });
});

describe('another configuration', () => {
  const started = ({ layout }: Setup, values: Float64Array, name: string): number =>
    new StreamView(layout, values).cell(layout.targets.indexOf(name), 'started');

  it('is taken at once where no run is active, with all counters, and those of targets that left', async () => {
    const { runner, engines, start } = setUp();
    await start(SHORT);
    const { result } = runner;
    engines[0]!.count('started', 7, 0);
    engines[0]!.count('started', 5, 1);
    engines[0]!.drain();
    await result;
    const next = setupOf(configOf([target('c'), target('b')]), runner.setup.counted);
    assert.equal(runner.reconfigure(next), true);
    assert.deepEqual(next.counted, ['c', 'b', 'a']);
    const { values, layout } = runner.snapshot();
    assert.equal(layout, next.layout);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => started(next, values, name)),
      [7, 5, 0],
    );
  });

  it('waits for the end of a run, and the last of several is taken', async () => {
    const taken: Setup[] = [];
    const { runner, engines, start } = setUp([], (setup) => taken.push(setup));
    await start(LONG);
    const { result, setup: before } = runner;
    const setups = ['x', 'y'].map((name) => setupOf(configOf([target('b'), target(name)]), before.counted));
    for (const setup of setups) assert.equal(runner.reconfigure(setup), false);
    assert.equal(runner.setup, before);
    engines[0]!.count('started', 3, 1);
    engines[0]!.drain();
    const { layout } = await result!;
    assert.equal(layout, before.layout, 'a result keeps the layout it was counted in');
    assert.deepEqual(taken, [setups[1]]);
    assert.equal(started(setups[1]!, runner.snapshot().values, 'b'), 3);
  });

  it('logs what is applied at the end of a run, and nothing where nothing waited', async () => {
    const { runner, engines, logged, start } = setUp();
    const end = async (setup: Setup): Promise<void> => {
      await start(LONG);
      const { result } = runner;
      runner.reconfigure(setup);
      engines.at(-1)!.drain();
      await result!;
    };
    const { config, counted } = runner.setup;
    await end(setupOf(structuredClone(config), counted));
    assert.deepEqual(logged, []);
    await end(setupOf(configOf([target('a')]), counted));
    assert.deepEqual(logged, ['pending configuration applied {"applied":["targets: b removed"]}']);
  });

  it('puts its limits in force for the run that is active', async () => {
    const { runner, engines, start } = setUp();
    await start(LONG);
    const limits = { maxUsers: 5, maxRate: 5, maxDurationMs: 1 };
    runner.reconfigure(setupOf(configOf([target('a')], { limits }), runner.setup.counted));
    assert.throws(() => runner.control({ action: 'set', users: 6 }, 'ann'), refusal('LIMIT_EXCEEDED'));
    engines[0]!.drain();
  });

  it('keeps the counters of at most 50 targets that left', () => {
    const many = Array.from({ length: 80 }, (_, i) => `t${i}`);
    assert.equal(setupOf(configOf([target('a')]), many).counted.length, 51);
  });
});
