import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { DIALS_PER_SECOND } from '../../src/core/generator.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Model, Scenario } from '../../src/core/scenario.ts';
import { inTurns } from '../../src/core/sequence.ts';
import { ClosedLoad } from '../../src/load/closed-load.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import { livePlanOf, pause, piecesToFollow, resume, skip } from '../../src/load/live-plan.ts';
import { OpenLoad } from '../../src/load/open-load.ts';
import { arrivalPacer, arrivalSums, userPacer } from '../../src/load/pacer.ts';
import { copyRecord } from '../../src/load/recorder.ts';
import { Scheduler } from '../../src/load/scheduler.ts';
import type { Stage } from '../../src/shapes/list.ts';
import { closed, open, planOf, streamTarget } from '../../support/load/samples.ts';
import { type Fate, pass, VirtualTime, VirtualWorker } from './virtual.ts';

const HOLD: readonly Stage[] = [{ shape: 'hold', level: 3, durationMs: 2000 }];
const TARGETS = [
  { name: 'a', weight: 1 },
  { name: 'b', weight: 1 },
];
const sequenceOf = (pauseMs: number, stages = HOLD): Pick<Scenario, 'targets' | 'stages' | 'sequence'> => ({
  targets: TARGETS,
  stages: inTurns(stages, ['a', 'b'], pauseMs),
  sequence: { pauseMs },
});
const lasting =
  (afterMs: number): Fate =>
  () => ({ afterMs, outcome: 'complete' });

describe('a load in turns', () => {
  let time: VirtualTime;
  beforeEach(() => {
    time = new VirtualTime();
  });
  afterEach(() => time.reset());

  const planned = (scenario: Scenario) => planOf(scenario, [streamTarget('a'), streamTarget('b')]);

  function begin(scenario: Scenario, fate: Fate): VirtualWorker {
    const whole = { index: 0, count: 1 };
    const worker = new VirtualWorker(time, planned(scenario), whole, fate, (plan, part, context) => {
      const { model, stages, seed } = scenario;
      const more = [context, new Scheduler(time.clock), new DialGate(DIALS_PER_SECOND)] as const;
      if (model.kind === 'closed') return new ClosedLoad(plan, part, userPacer(stages), ...more);
      const sums = arrivalSums(model.arrivals, seededRandom(seed, 0));
      return new OpenLoad(plan, part, arrivalPacer(stages), sums, ...more);
    });
    worker.load.start(time.clock());
    return worker;
  }

  function viewOf({ record }: VirtualWorker): StreamView {
    const layout = streamLayout(['a', 'b'], {});
    const values = new Float64Array(layout.size);
    copyRecord(layout, record, values);
    return new StreamView(layout, values);
  }

  const spans = (worker: VirtualWorker) =>
    ['a', 'b'].map((name) => {
      const starts = worker.starts.filter(({ target }) => target === name).map(({ atMs }) => atMs);
      return { first: starts[0]!, last: starts.at(-1)!, count: starts.length };
    });

  it('goes to one target after another, each with all users, and to none in the pause', async () => {
    const worker = begin(closed(sequenceOf(1000)), lasting(100));
    await pass(time, [worker], 5200);
    const [a, b] = spans(worker);
    assert.ok(a!.last < 2001 && b!.first >= 3000 && b!.last < 5001, JSON.stringify([a, b]));
    assert.ok(a!.count >= 57, `${a!.count}`);
    assert.equal(b!.count, a!.count);
  });

  it('goes to one target after another in the open model, at the full rate', async () => {
    const stages: Stage[] = [{ shape: 'hold', level: 10, durationMs: 2000 }];
    const worker = begin(open(20, sequenceOf(1000, stages)), lasting(100));
    await pass(time, [worker], 5200);
    const [a, b] = spans(worker);
    assert.deepEqual([a!.count, b!.count], [20, 20]);
    assert.ok(a!.last < 2001 && b!.first >= 3000);
  });

  it('counts arrivals that find no user for the target whose turn it is', async () => {
    const stages: Stage[] = [{ shape: 'hold', level: 10, durationMs: 2000 }];
    // The only user never returns from the first stream to a.
    const worker = begin(open(1, sequenceOf(1000, stages)), () => undefined);
    await pass(time, [worker], 5200);
    const view = viewOf(worker);
    assert.deepEqual([view.cell(0, 'dropped'), view.cell(1, 'dropped')], [19, 20]);
  });

  it('draws the same for each target, as long as it takes as long', async () => {
    const model: Model = { kind: 'closed', thinkTimeMs: { kind: 'uniform', from: 50, to: 900 } };
    const worker = begin(closed({ ...sequenceOf(1000), model }), lasting(100));
    await pass(time, [worker], 5200);
    const of = (name: string, sinceMs: number): string[] =>
      worker.starts.filter((s) => s.target === name).map((s) => `${s.user} ${Math.round(s.dueMs - sinceMs)}`);
    assert.ok(of('a', 0).length > 6);
    assert.deepEqual(
      of('b', 3000).map((s) => s.slice(0, 3)),
      of('a', 0).map((s) => s.slice(0, 3)),
    );
  });

  it('ends a backoff with the turn of the target that failed', async () => {
    const stages: Stage[] = [{ shape: 'hold', level: 1, durationMs: 20_000 }];
    const fate: Fate = ({ target }) => ({ afterMs: 10, outcome: target.name === 'a' ? 'reset' : 'complete' });
    const worker = begin(closed(sequenceOf(0, stages)), fate);
    await pass(time, [worker], 20_100);
    const [a, b] = spans(worker);
    assert.ok(a!.count < 20);
    assert.ok(b!.first <= 20_002, `${b!.first}`);
  });

  it('counts a user held by the target before as missing to the target whose turn it is', async () => {
    const worker = begin(closed(sequenceOf(500)), ({ target }) => ({
      afterMs: target.name === 'a' ? 3500 : 100,
      outcome: 'complete',
    }));
    await pass(time, [worker], 4600);
    worker.load.stop();
    const view = viewOf(worker);
    // Of three users: a holds them to 3500, the turn of b begins at 2500 and ends at 4500.
    const near = (value: number, wanted: number) => assert.ok(Math.abs(value - wanted) < 60, `${value}`);
    near(view.cell(0, 'userMs'), 3 * 2000);
    near(view.cell(1, 'lateMs'), 3 * 1000);
    near(view.cell(1, 'userMs'), 3 * 1000);
    assert.equal(view.cell(0, 'lateMs'), 0);
  });

  it('continues with the turn of the changed plan after a pause and a skip', async () => {
    const scenario = closed(sequenceOf(1000));
    const worker = begin(scenario, lasting(100));
    await pass(time, [worker], 1000);
    let live = pause(livePlanOf(scenario.stages), 1000);
    worker.load.follow(piecesToFollow(live));
    await pass(time, [worker], 4000);
    live = resume(live, 4000);
    worker.load.follow(piecesToFollow(live));
    await pass(time, [worker], 4500);
    // The rest of the turn of a, then the pause.
    live = skip(skip(live, 4500), 4500);
    worker.load.follow(piecesToFollow(live));
    await pass(time, [worker], 6700);
    const [a, b] = spans(worker);
    assert.ok(
      a!.last < 4502 && b!.first >= 4500 && b!.first < 4700 && b!.last < 6501,
      JSON.stringify([a, b]),
    );
  });
});
