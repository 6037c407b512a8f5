import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import { ClosedLoad } from '../../src/load/closed-load.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import { livePlanOf, pause, piecesToFollow, resume, setLevel } from '../../src/load/live-plan.ts';
import type { TakeOver } from '../../src/load/messages.ts';
import { OpenLoad } from '../../src/load/open-load.ts';
import { arrivalPacer, arrivalSums, userPacer } from '../../src/load/pacer.ts';
import { copyRecord } from '../../src/load/recorder.ts';
import { Scheduler } from '../../src/load/scheduler.ts';
import { delivered } from '../../src/run/delivered.ts';
import { piecesOf } from '../../src/shapes/list.ts';
import { closed, open, planOf } from '../../support/load/samples.ts';
import { pass, VirtualTime, VirtualWorker } from './virtual.ts';

const hold = (level: number, durationMs: number) => [{ shape: 'hold' as const, level, durationMs }];

describe('load delivered in virtual time', () => {
  let time: VirtualTime;
  beforeEach(() => {
    time = new VirtualTime();
  });
  afterEach(() => time.reset());

  function begin(scenario: Scenario, streamMs: number, takeOver?: TakeOver): VirtualWorker {
    const { model, stages, seed } = scenario;
    const segment = { index: 0, count: 1 };
    const fate = () => ({ afterMs: streamMs, outcome: 'complete' as const });
    const worker = new VirtualWorker(time, planOf(scenario), segment, fate, (plan, part, context) => {
      const scheduler = new Scheduler(time.clock);
      const gate = new DialGate(3000);
      if (model.kind === 'closed')
        return new ClosedLoad(plan, part, userPacer(stages), context, scheduler, gate);
      const sums = arrivalSums(model.arrivals, seededRandom(seed, 0));
      return new OpenLoad(plan, part, arrivalPacer(stages), sums, context, scheduler, gate);
    });
    worker.load.start(time.clock() - (takeOver === undefined ? 0 : 4000), takeOver);
    return worker;
  }

  function ratio(worker: VirtualWorker, model: 'open' | 'closed'): number {
    const layout = streamLayout(['a'], {});
    const values = new Float64Array(layout.size);
    worker.load.account();
    copyRecord(layout, worker.record, values);
    return delivered(model, [{ name: 'a', index: 0 }], new StreamView(layout, values)).ratio!;
  }

  for (const model of ['open', 'closed'] as const) {
    const scenario = (durationMs: number) =>
      model === 'open'
        ? open(100, { stages: hold(10, durationMs) })
        : closed({ stages: hold(5, durationMs) });

    it(`is all of a healthy ${model} load, with its drain`, async () => {
      const worker = begin(scenario(5000), 400);
      await pass(time, [worker], 7000);
      assert.ok(ratio(worker, model) > 0.99, `${ratio(worker, model)}`);
    });

    it(`is all of a ${model} load that was paused, resumed, set and stopped early`, async () => {
      const worker = begin(scenario(9000), 400);
      let livePlan = livePlanOf(scenario(9000).stages);
      await pass(time, [worker], 1000);
      livePlan = pause(livePlan, 1000);
      worker.load.follow(piecesToFollow(livePlan));
      await pass(time, [worker], 4000);
      livePlan = resume(livePlan, 4000);
      worker.load.follow(piecesToFollow(livePlan));
      await pass(time, [worker], 5000);
      livePlan = setLevel(livePlan, 5000, 2);
      worker.load.follow(piecesToFollow(livePlan));
      await pass(time, [worker], 7000);
      worker.load.stop();
      await pass(time, [worker], 8000);
      assert.ok(ratio(worker, model) > 0.99, `${ratio(worker, model)}`);
    });

    it(`is about half of a ${model} load whose thread stood still for half of it`, async () => {
      // Users of the closed model think until 4100 ms: a frozen stream would count as time in a stream.
      const thinkTimeMs = { kind: 'fixed' as const, value: 600 };
      const plan = scenario(8000);
      const thinking = { ...plan, model: { kind: 'closed' as const, thinkTimeMs } };
      const worker = model === 'open' ? begin(plan, 400) : begin(thinking, 3500);
      await pass(time, [worker], 4000);
      // Nothing runs, and the starts end before it does.
      time.freezeUntil(8000);
      worker.load.stop();
      const got = ratio(worker, model);
      assert.ok(got > 0.45 && got < 0.56, `${got}`);
    });
  }

  for (const [what, diedMs, least, most] of [
    ['at once', 4000, 0.99, 1],
    ['after 4 s', 0, 0.48, 0.52],
  ] as const) {
    it(`counts the time without a worker: one that is replaced ${what}`, async () => {
      const { stages } = closed({ stages: hold(5, 8000) });
      const takeOver = { pieces: piecesOf(stages), started: 0, dropped: 0, diedMs };
      const worker = begin(closed({ stages }), 400, takeOver);
      await pass(time, [worker], 4500);
      const got = ratio(worker, 'closed');
      assert.ok(got >= least && got <= most, `${got}`);
    });
  }

  it('of an open load with too few users is the starts that found one', async () => {
    const worker = begin(open(1, { stages: hold(4, 9000) }), 4500);
    await pass(time, [worker], 15_000);
    const got = ratio(worker, 'open');
    assert.ok(got > 0.03 && got < 0.1, `${got}`);
  });
});
