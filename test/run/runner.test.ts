import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CELLS, StreamView } from '../../src/catalog/slots.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import { GRACE_MS } from '../../src/core/run.ts';
import { newRunId } from '../../src/run/run-id.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { closed, open, planOf } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';
import { LAYOUT } from '../../support/run/samples.ts';
import { LONG, refusal, SHORT, setUp } from './running.ts';

describe('runner', () => {
  it('takes a run from start to verdict: running, draining at its planned end, finished when all has drained', async () => {
    const { runner, sink, engines, start } = setUp();
    assert.deepEqual([runner.run, runner.result], [undefined, undefined]);
    const run = await start(SHORT);
    assert.equal(run.state, 'running');
    assert.equal(runner.run?.id, 'run-1');
    const { result } = runner;
    assert.equal(engines[0]!.startedAtMs, run.startMs);

    engines[0]!.count('started', 100);
    engines[0]!.count('finished:complete', 100);
    engines[0]!.ttfb(500);
    engines[0]!.duration(30_000);
    const draining = await sink.until('draining');
    assert.ok(draining.state === 'draining' && draining.why === 'completed');
    assert.deepEqual(engines[0]!.stops, [], 'a planned end cuts nothing');
    engines[0]!.drain();

    const { run: finished, values } = await result!;
    assert.deepEqual([finished.state, finished.reason, finished.verdict], ['finished', 'completed', 'pass']);
    assert.deepEqual(
      finished.verdicts.map((v) => [v.threshold, v.target, v.result]),
      [
        ['success-rate', 'a', 'pass'],
        ['ttfb-p95', 'a', 'pass'],
        ['ttfb-p50', 'a', 'pass'],
        ['ttfb-mean', 'a', 'pass'],
        ['duration-mean', 'a', 'pass'],
      ],
    );
    assert.ok(finished.endedAt >= finished.plannedEndAt);
    assert.equal(new StreamView(LAYOUT, values).total('started'), 100);
    assert.deepEqual(sink.states, ['start running', 'add draining', 'add finished', 'stop finished']);
    assert.equal(runner.result, undefined);
    assert.equal(runner.last?.run, finished);
    assert.equal(runner.run, finished);
    assert.equal(engines[0]!.closed, true);
  });

  it('leaves the warm-up out of verdict and summary, and not out of the totals', async () => {
    const { runner, engines, start } = setUp();
    await start(closed({ stages: [{ shape: 'hold', level: 1, durationMs: 60_000 }], warmUpMs: 40 }));
    const engine = engines[0]!;
    const { result } = runner;
    // All that fails does so in the warm-up; one stream is open at its end.
    engine.count('started', 11);
    engine.count('finished:reset', 10);
    engine.count('active:streaming', 1);
    engine.ttfb(9000);
    while (!runner.run!.events.some((e) => e.action === 'warm-up')) await setTimeout(5);
    engine.count('started', 4);
    engine.count('finished:complete', 5);
    engine.count('active:streaming', -1);
    engine.ttfb(500);
    engine.drain();
    const { run, values, measured } = await result!;
    assert.equal(run.verdict, 'pass');
    assert.match(run.events.find((e) => e.action === 'warm-up')!.detail, /the 10 streams that ended/);
    assert.deepEqual(run.verdicts.map((v) => [v.threshold, v.count]).slice(0, 2), [
      ['success-rate', 5],
      ['ttfb-p95', 1],
    ]);
    const all = new StreamView(LAYOUT, values);
    const after = new StreamView(LAYOUT, measured);
    assert.deepEqual([all.total('started'), all.allResults().failed], [15, 10]);
    assert.deepEqual(
      [after.total('started'), after.allResults(), after.allActive()],
      [5, { success: 5, failed: 0, cancelled: 0, lost: 0 }, 0],
    );
    const { max } = after.histogram(0, 'ttfb').stats();
    assert.ok(max! >= 500 && max! <= 512, `the longest of the warm-up is no part: ${max}`);
  });

  it('is inconclusive where it was stopped in its warm-up', async () => {
    const { runner, engines, start } = setUp();
    await start(closed({ stages: [{ shape: 'hold', level: 1, durationMs: 60_000 }], warmUpMs: 30_000 }));
    const { result } = runner;
    engines[0]!.count('finished:reset', 10);
    engines[0]!.drain();
    const { run, measured } = await result!;
    assert.deepEqual([run.verdict, run.verdicts], ['inconclusive', []]);
    assert.equal(new StreamView(LAYOUT, measured).allResults().failed, 0);
  });

  it('is finished when all has drained, even before its planned end', async () => {
    const { runner, engines, start } = setUp();
    await start(LONG);
    const { result } = runner;
    engines[0]!.drain();
    assert.equal((await result!).run.reason, 'completed');
  });

  it('judges only what was loaded, and says inconclusive where nothing was', async () => {
    const { runner, engines, start } = setUp();
    await start(closed({ stages: SHORT.stages, targets: [{ name: 'b', weight: 1 }] }));
    const { result } = runner;
    engines[0]!.count('finished:reset', 5, 0);
    engines[0]!.drain();
    const { run } = await result!;
    // Default limits without data are left out.
    assert.deepEqual([run.verdicts, run.verdict], [[], 'inconclusive']);
  });

  it('fails a run that crossed a threshold', async () => {
    const { runner, engines, start } = setUp();
    await start(SHORT);
    const { result } = runner;
    engines[0]!.count('finished:complete', 9);
    engines[0]!.count('finished:truncated', 1);
    engines[0]!.drain();
    assert.equal((await result!).run.verdict, 'fail');
  });

  it('shows the reason of a start in its first event', async () => {
    const { runner, engines } = setUp();
    const plan = planOf(SHORT);
    const { events } = await runner.start('schedule nightly', async () => plan, 'makes up for a missed time');
    const { by, detail } = events[0]!;
    assert.deepEqual(
      [by, detail],
      ['schedule nightly', `scenario ${SHORT.name}; makes up for a missed time`],
    );
    engines[0]!.drain();
  });

  describe('one run at a time', () => {
    it('refuses a second one, without preparing it', async () => {
      const { runner, engines, start } = setUp();
      await start(LONG);
      await assert.rejects(
        runner.start('test', () => assert.fail('was prepared')),
        (error) => refusal('RUN_ACTIVE')(error) && /run-1/.test(String(error)),
      );
      assert.equal(engines.length, 1);
      engines[0]!.drain();
    });

    it('lets one of several that are started together win', async () => {
      const { engines, start } = setUp();
      const results = await Promise.allSettled([start(LONG), start(LONG), start(LONG)]);
      assert.deepEqual(
        results.map((r) => r.status),
        ['fulfilled', 'rejected', 'rejected'],
      );
      assert.ok(results.slice(1).every((r) => r.status === 'rejected' && refusal('RUN_ACTIVE')(r.reason)));
      assert.equal(engines.length, 1);
      engines[0]!.drain();
    });

    it('can be started again after a start that failed', async () => {
      const { runner, engines, start } = setUp();
      const failure = new SoakError('TARGET_NOT_ALLOWED', 'no');
      await assert.rejects(
        runner.start('test', () => Promise.reject(failure)),
        failure,
      );
      assert.equal(runner.run, undefined);
      await start(LONG);
      engines[0]!.drain();
    });

    it('can be started again while the sinks are still told of the end of the last', async () => {
      const again = Promise.withResolvers<Run>();
      const { runner, engines, start } = setUp([
        {
          start() {},
          add() {},
          stop: () => void (runner.last?.run.id === 'run-1' && again.resolve(start(LONG))),
        },
      ]);
      await start(SHORT);
      const { result } = runner;
      engines[0]!.drain();
      await result;
      assert.equal((await again.promise).id, 'run-2');
      assert.equal(runner.run?.state, 'running');
      engines[1]!.drain();
    });
  });

  describe('stop', () => {
    it('makes no new starts, gives what is open its grace, and aborts the verdict', async () => {
      const { runner, sink, engines, start } = setUp();
      await start(LONG);
      const { result } = runner;
      const stopped = runner.stop('stopped');
      assert.ok(stopped.state === 'draining' && stopped.why === 'stopped');
      assert.equal(sink.told.at(-1)!.run.state, 'draining');
      assert.deepEqual(engines[0]!.stops, [GRACE_MS]);
      engines[0]!.count('finished:complete', 10);
      engines[0]!.drain();
      const { run } = await result!;
      assert.deepEqual([run.reason, run.verdict], ['stopped', 'aborted']);
      assert.equal(run.verdicts[0]!.result, 'pass');
    });

    it('a second time shortens the grace and keeps the first reason', async () => {
      const { runner, engines, start } = setUp();
      await start(LONG);
      const { result } = runner;
      runner.stop('stopped');
      runner.stop('interrupted', 0);
      assert.deepEqual(engines[0]!.stops, [GRACE_MS, 0]);
      engines[0]!.drain();
      assert.equal((await result!).run.reason, 'stopped');
    });

    it('during the drain at the planned end is the reason', async () => {
      const { runner, sink, engines, start } = setUp();
      await start(SHORT);
      const { result } = runner;
      await sink.until('draining');
      runner.stop('interrupted', 5);
      engines[0]!.drain();
      const { run } = await result!;
      assert.deepEqual([run.reason, run.verdict, engines[0]!.stops], ['interrupted', 'aborted', [5]]);
    });

    it('without a run is refused', async () => {
      const { runner, engines, start } = setUp();
      assert.throws(() => runner.stop('stopped'), refusal('NO_RUN'));
      await start(SHORT);
      const { result } = runner;
      engines[0]!.drain();
      await result;
      assert.throws(() => runner.stop('stopped'), refusal('NO_RUN'));
    });

    it('comes by itself and without grace when a target points outside the allowlist', async () => {
      const { runner, engines, errors, start } = setUp();
      await start(LONG);
      const { result } = runner;
      engines[0]!.events.refused('a.test points to 192.0.2.1');
      assert.deepEqual(engines[0]!.stops, [0]);
      engines[0]!.drain();
      assert.equal((await result!).run.reason, 'target_not_allowed');
      assert.match(errors.join('\n'), /a\.test points to 192\.0\.2\.1/);
    });

    it('comes by itself when an engine thread dies again and again', async () => {
      const { runner, engines, errors, start } = setUp();
      await start(LONG);
      const { result } = runner;
      engines[0]!.drain();
      engines[0]!.events.lost(new Error('out of memory'), 'given-up');
      assert.equal((await result!).run.reason, 'worker_died');
      assert.match(errors.join('\n'), /out of memory/);
    });

    it('does not come from the death of one that is replaced or no longer needed; how many is told, over all runs', async () => {
      const { runner, engines, errors, start } = setUp();
      for (const [n, then] of (['replaced', 'not-needed'] as const).entries()) {
        await start(LONG);
        const { result } = runner;
        const engine = engines[n]!;
        if (then === 'replaced') engine.restarts++;
        engine.events.lost(new Error(`dead ${then}`), then);
        assert.deepEqual([runner.run!.state, engine.stops.length], ['running', 0]);
        assert.equal(runner.workerRestarts, 1);
        engine.drain();
        const { run, use } = (await result)!;
        assert.deepEqual([run.reason, use.workerRestarts], ['completed', n === 0 ? 1 : 0]);
        assert.match(errors.join('\n'), new RegExp(`dead ${then}`));
      }
      assert.equal(runner.workerRestarts, 1);
    });
  });

  describe('sinks', () => {
    it('that throw do not end a run, nor keep anything from the others', async () => {
      const broken = (what: keyof Sink): Sink => {
        const fail = () => {
          throw new Error(`broken at ${what}`);
        };
        return { [what]: fail };
      };
      const { runner, sink, engines, errors, start } = setUp([
        broken('start'),
        broken('add'),
        broken('stop'),
      ]);
      await start(SHORT);
      const { result } = runner;
      await sink.until('draining');
      engines[0]!.drain();
      assert.equal((await result!).run.state, 'finished');
      assert.deepEqual(sink.states, ['start running', 'add draining', 'add finished', 'stop finished']);
      for (const what of ['start', 'add', 'stop'])
        assert.ok(errors.some((e) => e.includes(`broken at ${what}`)));
    });

    it('that did not start are told no more', async () => {
      const told: string[] = [];
      const { runner, engines, start } = setUp([
        {
          start() {
            throw new Error('no');
          },
          add: () => void told.push('add'),
          stop: () => void told.push('stop'),
        },
      ]);
      await start(SHORT);
      const { result } = runner;
      engines[0]!.drain();
      await result;
      assert.deepEqual(told, []);
    });

    it('are told the whole run by the last add before stop', async () => {
      const { runner, sink, engines, start } = setUp();
      await start(SHORT);
      const { result } = runner;
      engines[0]!.count('chunks', 12_345);
      engines[0]!.drain();
      await result;
      const [add, stop] = sink.told.slice(-2);
      assert.deepEqual([add!.what, stop!.what], ['add', 'stop']);
      for (const { snapshot } of [add!, stop!])
        assert.equal(new StreamView(LAYOUT, snapshot.values).total('chunks'), 12_345);
    });
  });

  describe('over several runs', () => {
    it('lets no counter fall', async () => {
      const { runner, engines, start } = setUp();
      const counters = CELLS.filter((c) => !/^(active:|stalled|silence)/.test(c));
      let last = new StreamView(LAYOUT, runner.snapshot().values);
      const look = (): void => {
        const view = new StreamView(LAYOUT, runner.snapshot().values);
        for (const cell of counters) assert.ok(view.total(cell) >= last.total(cell), `${cell} fell`);
        assert.ok(view.histogram(0, 'ttfb').count >= last.histogram(0, 'ttfb').count);
        last = view;
      };
      for (let i = 0; i < 5; i++) {
        await start(SHORT);
        const { result } = runner;
        const engine = engines[i]!;
        look();
        for (let n = 0; n < 3; n++) {
          engine.count('started', 2);
          engine.count('finished:complete', 1);
          engine.count('finished:reset', 1);
          engine.count('chunks', 40);
          engine.ttfb(100);
          look();
        }
        engine.drain();
        await result;
        look();
      }
      assert.deepEqual(
        (['started', 'finished:complete', 'finished:reset', 'chunks'] as const).map((c) => last.total(c)),
        [30, 15, 15, 600],
      );
      assert.equal(last.histogram(0, 'ttfb').count, 15);
    });

    it('has maxima and a result of the present run only', async () => {
      const { runner, engines, start } = setUp();
      await start(SHORT);
      let { result } = runner;
      engines[0]!.ttfb(9000);
      engines[0]!.drain();
      const { values: earlier } = (await result)!;
      assert.equal(new StreamView(LAYOUT, runner.snapshot().values).histogram(0, 'ttfb').stats().max, 9000);

      await start(SHORT);
      result = runner.result;
      engines[1]!.ttfb(70);
      const during = new StreamView(LAYOUT, runner.snapshot().values).histogram(0, 'ttfb').stats();
      assert.deepEqual([during.max, during.count], [70, 2]);
      engines[1]!.drain();
      const own = new StreamView(LAYOUT, (await result!).values).histogram(0, 'ttfb').stats();
      assert.deepEqual([own.max, own.count], [70, 1]);
      assert.equal(
        new StreamView(LAYOUT, earlier).histogram(0, 'ttfb').stats().max,
        9000,
        'it is not changed',
      );
    });
  });

  describe('streams that are wanted', () => {
    it('are the users of the closed model by weight, and none when the run does not start any', async () => {
      const { runner, engines, start } = setUp();
      assert.deepEqual(runner.snapshot().desired, [0, 0]);
      const targets = [
        { name: 'b', weight: 1 },
        { name: 'a', weight: 3 },
      ];
      await start({ ...LONG, targets });
      await poll('wanted streams', () => runner.snapshot().desired[0]! > 0 || undefined, { everyMs: 5 });
      assert.deepEqual(runner.snapshot().desired, [6, 2]);
      runner.stop('stopped');
      assert.deepEqual(runner.snapshot().desired, [0, 0]);
      engines[0]!.drain();
    });

    it('are those that are open in the open model', async () => {
      const { runner, engines, start } = setUp();
      await start(open(10, { stages: LONG.stages }));
      engines[0]!.count('active:waiting', 3);
      engines[0]!.count('active:streaming', 2);
      assert.deepEqual(runner.snapshot().desired, [5, 0]);
      engines[0]!.drain();
    });
  });
});

describe('id of a run', () => {
  it('sorts by time and is unlike any other of the same second', () => {
    const at = new Date('2026-11-23T18:15:02.345Z');
    const ids = Array.from({ length: 20 }, () => newRunId(at));
    assert.ok(ids.every((id) => /^20261123-181502-[0-9a-f]{4}$/.test(id)));
    assert.ok(new Set(ids).size > 1);
    assert.ok(newRunId(at) < newRunId(new Date('2026-11-23T18:15:03Z')));
  });
});
