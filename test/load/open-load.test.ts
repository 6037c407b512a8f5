import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PHASES, StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { DIALS_PER_SECOND } from '../../src/core/generator.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import { livePlanOf, pause, piecesToFollow, resume, setLevel } from '../../src/load/live-plan.ts';
import { OpenLoad } from '../../src/load/open-load.ts';
import { arrivalPacer, arrivalSums } from '../../src/load/pacer.ts';
import type { Segment } from '../../src/load/plan.ts';
import { copyRecord } from '../../src/load/recorder.ts';
import { Scheduler } from '../../src/load/scheduler.ts';
import type { Stage } from '../../src/shapes/list.ts';
import { piecesOf } from '../../src/shapes/list.ts';
import { open, planOf } from '../../support/load/samples.ts';
import { type Fate, pass, VirtualTime, VirtualWorker } from './virtual.ts';

const WHOLE: Segment = { index: 0, count: 1 };
const FOREVER: Fate = () => undefined;
const lasting =
  (afterMs: number): Fate =>
  () => ({ afterMs, outcome: 'complete' });

describe('open load', () => {
  let time: VirtualTime;
  beforeEach(() => {
    time = new VirtualTime();
  });
  afterEach(() => time.reset());

  function begin(
    scenario: Scenario,
    fate: Fate,
    segment = WHOLE,
    dials = DIALS_PER_SECOND,
    late = false,
  ): VirtualWorker {
    const { model, stages, seed } = scenario;
    assert.ok(model.kind === 'open');
    const worker = new VirtualWorker(time, planOf(scenario), segment, fate, (plan, part, context) => {
      return new OpenLoad(
        plan,
        part,
        arrivalPacer(stages),
        arrivalSums(model.arrivals, seededRandom(seed, 0)),
        context,
        new Scheduler(time.clock),
        new DialGate(dials / part.count),
      );
    });
    if (!late) worker.load.start(time.clock());
    return worker;
  }

  function counts(workers: readonly VirtualWorker[], targets: readonly string[] = ['a']) {
    const layout = streamLayout(targets, {});
    const sum = { started: 0, dropped: 0, active: 0 };
    for (const { record } of workers) {
      const values = new Float64Array(layout.size);
      copyRecord(layout, record, values);
      const view = new StreamView(layout, values);
      sum.started += view.total('started');
      sum.dropped += view.total('dropped');
      sum.active += PHASES.reduce((n, phase) => n + view.total(`active:${phase}`), 0);
    }
    return sum;
  }

  const hold = (level: number, durationMs: number): Stage[] => [{ shape: 'hold', level, durationMs }];

  it('drops the arrivals of a freeze, and continues with those after it', async () => {
    const worker = begin(open(100, { stages: hold(20, 12_000) }), FOREVER);
    await pass(time, [worker], 1000);
    const { started } = counts([worker]);
    time.freezeUntil(9000);
    worker.load.frozen({ fromMs: 1000, toMs: 9000 });
    await pass(time, [worker], 9500);
    const after = counts([worker]);
    assert.ok(Math.abs(after.dropped - 160) <= 1, `${after.dropped} dropped`);
    assert.ok(Math.abs(after.started - started - 10) <= 1, `${after.started - started} starts within 0.5 s`);
    assert.ok(worker.starts.every((s) => s.atMs - s.dueMs <= 1));
  });

  it('starts streams at their times, whatever becomes of those before', async () => {
    const worker = begin(open(100, { stages: hold(20, 2000) }), FOREVER);
    await pass(time, [worker], 2500);
    assert.deepEqual(
      worker.starts.map((s) => s.dueMs),
      Array.from({ length: 40 }, (_, i) => i * 50),
    );
    assert.ok(worker.starts.every((s) => s.atMs - s.dueMs <= 1));
    assert.deepEqual(counts([worker]), { started: 40, dropped: 0, active: 40 });
  });

  for (const arrivals of ['constant', 'poisson'] as const) {
    it(`goes on with the ${arrivals} arrivals of a dead worker as if it had lived; those in between are dropped`, async () => {
      const stages = hold(50, 4000);
      const targets = ['a', 'b'].map((name) => ({ name, weight: 1 }));
      const scenario = open(1000, { model: { kind: 'open', arrivals, maxUsers: 1000 }, stages, targets });
      const segment = { index: 1, count: 2 };
      const [whole, first, second] = [false, false, true].map((late) =>
        begin(scenario, FOREVER, segment, DIALS_PER_SECOND, late),
      ) as [VirtualWorker, VirtualWorker, VirtualWorker];
      await pass(time, [whole, first], 1000);
      first.load.stop();
      const { started, dropped } = counts([first], ['a', 'b']);
      assert.deepEqual([started, dropped], [whole.starts.length, 0]);
      await pass(time, [whole], 1505);
      const due = whole.starts.length;
      second.load.start(0, { pieces: piecesOf(stages), started, dropped, diedMs: 0 });
      const missed = counts([second], ['a', 'b']);
      assert.deepEqual([missed.started, missed.dropped], [0, due - started]);
      assert.ok(missed.dropped > 3);
      await pass(time, [whole, second], 4500);
      const seen = (w: VirtualWorker) => w.starts.map((s) => [s.target, s.dueMs]);
      assert.deepEqual(seen(second), seen(whole).slice(due));
      assert.ok(second.starts.length > 30);
      const all = counts([first, second], ['a', 'b']);
      assert.equal(all.started + all.dropped, whole.starts.length);
    });
  }

  it('brings the arrivals of a rate that is changed, over all workers', async () => {
    const stages = hold(20, 4000);
    const scenario = open(500, { stages });
    const workers = [0, 1].map((index) => begin(scenario, FOREVER, { index, count: 2 }));
    await pass(time, workers, 1000);
    let livePlan = setLevel(livePlanOf(stages), 1000, 100);
    for (const { load } of workers) load.follow(piecesToFollow(livePlan));
    await pass(time, workers, 1995);
    livePlan = pause(livePlan, 1995);
    for (const { load } of workers) load.follow(piecesToFollow(livePlan));
    await pass(time, workers, 5000);
    assert.ok(workers.every(({ load }) => !load.drained));
    for (const { load } of workers) load.follow(piecesToFollow(resume(livePlan, 5000)));
    await pass(time, workers, 8000);
    const dues = workers.flatMap((w) => w.starts.map((s) => Math.round(s.dueMs))).sort((a, b) => a - b);
    const expected = [
      ...Array.from({ length: 20 }, (_, i) => i * 50),
      ...Array.from({ length: 100 }, (_, i) => 1000 + i * 10),
      ...Array.from({ length: 200 }, (_, i) => 5005 + i * 10),
    ];
    assert.deepEqual(dues, expected);
    assert.deepEqual(counts(workers), { started: 320, dropped: 0, active: 320 });
  });

  it('drops and counts what finds no free user', async () => {
    const worker = begin(open(3, { stages: hold(100, 1000) }), FOREVER);
    await pass(time, [worker], 1100);
    assert.deepEqual(counts([worker]), { started: 3, dropped: 97, active: 3 });
  });

  it('gives a user that is free again the next stream, the last one first', async () => {
    const worker = begin(open(10, { stages: hold(10, 1000) }), lasting(150));
    await pass(time, [worker], 1200);
    assert.deepEqual(
      worker.starts.map((s) => s.user),
      ['0.0', '0.1', '0.0', '0.1', '0.0', '0.1', '0.0', '0.1', '0.0', '0.1'],
    );
    assert.equal(worker.load.drained, true);
  });

  it('is drained only when all have come and ended', async () => {
    const worker = begin(open(10, { stages: hold(10, 1000) }), lasting(500));
    await pass(time, [worker], 905);
    assert.equal(worker.load.drained, false);
    await pass(time, [worker], 1390);
    assert.equal(worker.load.drained, false);
    await pass(time, [worker], 1450);
    assert.equal(worker.load.drained, true);
  });

  it('starts nothing after a stop; arrivals that waited to dial are counted as dropped', async () => {
    const worker = begin(open(500, { stages: hold(1000, 1000) }), lasting(400), WHOLE, 50);
    await pass(time, [worker], 200);
    const { started } = counts([worker]);
    assert.ok(started < 20);
    worker.load.stop();
    const stopped = counts([worker]);
    assert.ok(
      stopped.started + stopped.dropped >= 198 && stopped.started === started,
      JSON.stringify(stopped),
    );
    await pass(time, [worker], 700);
    assert.deepEqual(counts([worker]), { started, dropped: stopped.dropped, active: 0 });
    assert.equal(worker.load.drained, true);
  });

  it('starts nothing from the end of the plan on, even what still waits to dial', async () => {
    const worker = begin(open(500, { stages: hold(200, 1000) }), lasting(100), WHOLE, 50);
    await pass(time, [worker], 8000);
    const { started, dropped, active } = counts([worker]);
    assert.equal(started + dropped, 200);
    assert.ok(dropped > 100);
    assert.ok(worker.starts.every((s) => s.atMs < 1000));
    assert.equal(active, 0);
    assert.equal(worker.load.drained, true);
  });

  for (const arrivals of ['constant', 'poisson'] as const) {
    it(`takes each ${arrivals} arrival once, with the same draws, however many workers carry them`, async () => {
      const targets = ['a', 'b', 'c', 'd'].map((name) => ({ name, weight: 1 }));
      const stages: Stage[] = [{ shape: 'ramp', from: 20, to: 200, durationMs: 1500 }];
      const scenario: Scenario = {
        ...open(1000, { targets, stages, seed: 9 }),
        model: { kind: 'open', arrivals, maxUsers: 1000 },
      };
      const run = async (count: number): Promise<string[]> => {
        const from = time.clock();
        const workers = Array.from({ length: count }, (_, index) =>
          begin(scenario, FOREVER, { index, count }),
        );
        await pass(time, workers, from + 1600);
        const starts = workers.flatMap((w) => w.starts).sort((a, b) => a.dueMs - b.dueMs);
        return starts.map((s) => `${(s.dueMs - from).toFixed(6)} ${s.target}`);
      };
      const one = await run(1);
      assert.ok(one.length > 120);
      assert.equal(new Set(one).size, one.length);
      assert.deepEqual(await run(2), one);
      assert.deepEqual(await run(3), one);
    });
  }

  for (const [maxUsers, count] of [
    [7, 1],
    [7, 2],
    [8, 3],
    [2, 3],
  ] as const) {
    it(`neither loses nor doubles an arrival with ${maxUsers} users over ${count} workers`, async () => {
      const scenario = open(maxUsers, { stages: hold(150, 2000) });
      const workers = Array.from({ length: count }, (_, index) =>
        begin(scenario, lasting(90), { index, count }),
      );
      let most = 0;
      while (time.clock() < 2300) {
        await pass(time, workers, time.clock() + 10);
        most = Math.max(most, counts(workers).active);
      }
      const { started, dropped, active } = counts(workers);
      assert.equal(started + dropped, 300);
      assert.equal(active, 0);
      assert.equal(most, maxUsers);
      assert.ok(workers.every((w) => w.load.drained));
    });
  }
});
