import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DIALS_PER_SECOND } from '../../src/core/generator.ts';
import { OUTCOMES, resultOf } from '../../src/core/outcome.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import { ClosedLoad } from '../../src/load/closed-load.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import {
  type LivePlan,
  livePlanOf,
  pause,
  piecesToFollow,
  resume,
  setLevel,
} from '../../src/load/live-plan.ts';
import type { TakeOver } from '../../src/load/messages.ts';
import { userPacer } from '../../src/load/pacer.ts';
import type { Segment } from '../../src/load/plan.ts';
import { Scheduler } from '../../src/load/scheduler.ts';
import type { Stage } from '../../src/shapes/list.ts';
import { closed, planOf } from '../../support/load/samples.ts';
import { type Fate, pass, type Start, VirtualTime, VirtualWorker } from './virtual.ts';

const WHOLE: Segment = { index: 0, count: 1 };
const FOREVER: Fate = () => undefined;
const lasting =
  (afterMs: number): Fate =>
  () => ({ afterMs, outcome: 'complete' });

describe('closed load', () => {
  let time: VirtualTime;
  beforeEach(() => {
    time = new VirtualTime();
  });
  afterEach(() => time.reset());

  function begin(
    scenario: Scenario,
    fate: Fate,
    segment = WHOLE,
    late?: { readonly atMs: number; readonly takeOver: TakeOver },
  ): VirtualWorker {
    const worker = new VirtualWorker(time, planOf(scenario), segment, fate, (plan, part, context) => {
      const gate = new DialGate(DIALS_PER_SECOND / part.count);
      return new ClosedLoad(plan, part, userPacer(scenario.stages), context, new Scheduler(time.clock), gate);
    });
    worker.load.start(time.clock() + (late?.atMs ?? 0), late?.takeOver);
    return worker;
  }

  const ofUser = (starts: readonly Start[], user: string): number[] =>
    starts.filter((s) => s.user === user).map((s) => s.atMs);

  it('lets users think on after a freeze, and spreads those whose turn came in it', async () => {
    const stages: Stage[] = [
      { shape: 'hold', level: 30, durationMs: 2000 },
      { shape: 'hold', level: 60, durationMs: 30_000 },
    ];
    const think = { kind: 'fixed', value: 3000 } as const;
    const worker = begin(closed({ stages, model: { kind: 'closed', thinkTimeMs: think } }), lasting(500));
    await pass(time, [worker], 1500);
    assert.equal(worker.starts.length, 30);
    time.freezeUntil(9500);
    worker.load.frozen({ fromMs: 1500, toMs: 9500 });
    await pass(time, [worker], 10_500);
    // The second thirty, at the pace of a jump of the level.
    assert.equal(worker.starts.length, 60);
    const dues = worker.starts.slice(30).map(({ dueMs }) => dueMs);
    assert.ok(
      dues.every((due, i) => Math.abs(due - (9500 + ((30 + i) * 1000) / 3000)) < 2),
      `${dues}`,
    );
    // The first thirty had thought for about one second of three.
    await pass(time, [worker], 11_300);
    assert.equal(worker.starts.length, 60);
    await pass(time, [worker], 12_500);
    assert.equal(worker.starts.length, 90);
  });

  it('counts of a backoff the time that has passed: no wait beyond the end, and no more than the time of the users', async () => {
    const stages: Stage[] = [
      { shape: 'hold', level: 10, durationMs: 4000 },
      { shape: 'hold', level: 2, durationMs: 4000 },
    ];
    const worker = begin(closed({ stages }), () => ({ afterMs: 10, outcome: 'connect_error' }));
    const cells = (): [backoff: number, user: number] => {
      const { cell } = worker.layout.slots[0]!;
      return [worker.record.values[cell.backoff]!, worker.record.values[cell.userMs]!];
    };
    for (let ms = 1000; ms <= 9000; ms += 1000) {
      await pass(time, [worker], ms);
      worker.load.account();
      const [backoff, user] = cells();
      assert.ok(backoff > 0.8 * user && backoff <= user, `${backoff} of ${user} at ${ms}`);
      assert.ok(user <= 10 * Math.min(ms, 8000), `${user} at ${ms}`);
    }
  });

  it('gives each user a stream at a time, the next when the last has ended', async () => {
    const worker = begin(closed({ stages: [{ shape: 'hold', level: 2, durationMs: 1000 }] }), lasting(300));
    await pass(time, [worker], 1100);
    assert.deepEqual(ofUser(worker.starts, '0'), [1, 302, 603, 904]);
    assert.equal(worker.starts.length, 8);
    assert.equal(worker.open, 2);
  });

  const takenOver: readonly [what: string, level: number, started: number, users: number][] = [
    ['as many as the plan wants by now', 60, 0, 30],
    ['also more than it wanted at first', 140, 0, 70],
    ['no more than the dead one left of the budget', 60, 480, 20],
  ];
  for (const [what, level, started, users] of takenOver) {
    it(`brings the users of a dead worker back one after another: ${what}`, async () => {
      const stages: Stage[] = [{ shape: 'hold', level: 100, durationMs: 9000 }];
      const scenario = closed({ stages, budget: { streams: 1000 } });
      const pieces = piecesToFollow(setLevel(livePlanOf(stages), 2000, level));
      const late = { atMs: -5000, takeOver: { pieces, started, dropped: 0, diedMs: 4000 } };
      const worker = begin(scenario, FOREVER, { index: 1, count: 2 }, late);
      await pass(time, [worker], 1000);
      assert.deepEqual(
        worker.starts.map((s) => [s.user, Math.round(s.dueMs)]),
        Array.from({ length: users }, (_, i) => [String(2 * i + 1), Math.round(((2 * i + 1) * 1000) / 3000)]),
      );
    });
  }

  it('lets users think between streams', async () => {
    const model = { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 99 } } as const;
    const worker = begin(closed({ model }), lasting(200));
    await pass(time, [worker], 1000);
    assert.deepEqual(
      worker.starts.map((s) => s.atMs),
      [1, 300, 599, 898],
    );
    assert.ok(worker.starts.every((s) => s.atMs - s.dueMs <= 1));
  });

  it('starts nothing for users whom the level leaves out, and takes them back', async () => {
    const stages: Stage[] = [{ shape: 'steps', levels: [4, 1, 4], durationMs: 3000 }];
    const worker = begin(closed({ stages }), lasting(150));
    await pass(time, [worker], 3000);
    const third = ofUser(worker.starts, '3');
    assert.equal(third.filter((at) => at < 1000).length, 7);
    assert.equal(third.filter((at) => at > 1001 && at < 2000).length, 0);
    assert.equal(third.filter((at) => at >= 2000).length, 7);
    assert.equal(ofUser(worker.starts, '0').length, 20);
  });

  it('starts nothing from the end of the plan on, and is drained when the last stream has ended', async () => {
    const worker = begin(closed({ stages: [{ shape: 'hold', level: 50, durationMs: 1000 }] }), lasting(370));
    await pass(time, [worker], 1050);
    assert.ok(worker.starts.every((s) => s.atMs < 1000));
    assert.equal(worker.open, 50);
    assert.equal(worker.load.drained, false);
    await pass(time, [worker], 1500);
    assert.equal(worker.open, 0);
    assert.equal(worker.load.drained, true);
  });

  it('starts nothing after a stop; what is open goes on', async () => {
    const worker = begin(
      closed({ stages: [{ shape: 'ramp', from: 0, to: 100, durationMs: 1000 }] }),
      lasting(300),
    );
    await pass(time, [worker], 500);
    const { length } = worker.starts;
    worker.load.stop();
    assert.equal(worker.load.drained, false);
    await pass(time, [worker], 799);
    assert.ok(worker.open > 0);
    await pass(time, [worker], 900);
    assert.equal(worker.starts.length, length);
    assert.equal(worker.load.drained, true);
  });

  describe('when its plan is changed', () => {
    const HOLD: Stage[] = [{ shape: 'hold', level: 10, durationMs: 5000 }];
    const follow = (worker: VirtualWorker, livePlan: LivePlan): void =>
      worker.load.follow(piecesToFollow(livePlan));

    it('takes more users at once, one after another, and the same ones as from the start', async () => {
      const worker = begin(closed({ stages: HOLD }), FOREVER);
      await pass(time, [worker], 1000);
      follow(worker, setLevel(livePlanOf(HOLD), 1000, 40));
      await pass(time, [worker], 1100);
      assert.equal(worker.open, 40);
      assert.deepEqual(
        worker.starts.slice(10).map((s) => s.user),
        Array.from({ length: 30 }, (_, i) => String(i + 10)),
      );
      assert.ok(worker.starts.slice(10).every((s) => s.dueMs >= 1000 && s.atMs - s.dueMs <= 1));
    });

    it('lets streams of users it no longer wants end, and starts none for these', async () => {
      const worker = begin(closed({ stages: HOLD }), lasting(700));
      await pass(time, [worker], 1000);
      follow(worker, setLevel(livePlanOf(HOLD), 1000, 3));
      await pass(time, [worker], 1300);
      assert.equal(worker.open, 10);
      await pass(time, [worker], 3000);
      assert.equal(worker.open, 3);
      assert.deepEqual(
        [...new Set(worker.starts.filter((s) => s.atMs > 1000).map((s) => s.user))],
        ['0', '1', '2'],
      );
    });

    it('cancels what is open for users it does not want, and only what was open then', async () => {
      const worker = begin(closed({ stages: HOLD }), FOREVER);
      await pass(time, [worker], 1000);
      let livePlan = setLevel(livePlanOf(HOLD), 1000, 3);
      follow(worker, livePlan);
      worker.load.cancelUnwanted(time.clock());
      assert.equal(worker.open, 3);
      livePlan = setLevel(livePlan, 1000, 10);
      follow(worker, livePlan);
      await pass(time, [worker], 1100);
      assert.equal(worker.open, 10);
      follow(worker, setLevel(livePlan, 1100, 0));
      worker.load.cancelUnwanted(1000);
      assert.equal(worker.open, 7);
    });

    it('starts nothing while it is paused, is not drained, and goes on afterwards', async () => {
      const worker = begin(closed({ stages: HOLD }), lasting(300));
      await pass(time, [worker], 1000);
      const paused = pause(livePlanOf(HOLD), 1000);
      follow(worker, paused);
      await pass(time, [worker], 9000);
      assert.equal(worker.open, 0);
      assert.equal(worker.load.drained, false);
      assert.ok(worker.starts.every((s) => s.atMs <= 1001));
      const { length } = worker.starts;
      follow(worker, resume(paused, 9000));
      await pass(time, [worker], 9100);
      assert.equal(worker.starts.length, length + 10);
      await pass(time, [worker], 13_500);
      assert.equal(worker.load.drained, true);
      assert.ok(worker.starts.every((s) => s.atMs < 13_000));
    });

    it('is not drained by a level of 0 before its end', async () => {
      const worker = begin(closed({ stages: HOLD }), lasting(300));
      await pass(time, [worker], 1000);
      follow(worker, setLevel(livePlanOf(HOLD), 1000, 0));
      await pass(time, [worker], 4900);
      assert.equal(worker.load.drained, false);
      await pass(time, [worker], 5100);
      assert.equal(worker.load.drained, true);
    });

    it('keeps the think time of a user that is in the middle of it', async () => {
      const model = { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 999 } } as const;
      const worker = begin(closed({ model, stages: HOLD }), lasting(200));
      await pass(time, [worker], 500);
      follow(worker, setLevel(livePlanOf(HOLD), 500, 20));
      await pass(time, [worker], 1300);
      const [first, second] = ofUser(worker.starts, '0');
      assert.deepEqual([first, second], [1, 1200]);
    });

    it('conserves users over workers', async () => {
      const workers = [0, 1, 2].map((index) => begin(closed({ stages: HOLD }), FOREVER, { index, count: 3 }));
      await pass(time, workers, 1000);
      const livePlan = setLevel(livePlanOf(HOLD), 1000, 50);
      for (const worker of workers) follow(worker, livePlan);
      await pass(time, workers, 1200);
      assert.equal(new Set(workers.flatMap((w) => w.starts.map((s) => s.user))).size, 50);
      assert.equal(
        workers.reduce((sum, w) => sum + w.open, 0),
        50,
      );
    });

    it('does nothing after a stop', async () => {
      const worker = begin(closed({ stages: HOLD }), lasting(100));
      await pass(time, [worker], 1000);
      worker.load.stop();
      follow(worker, setLevel(livePlanOf(HOLD), 1000, 50));
      await pass(time, [worker], 2000);
      assert.equal(worker.open, 0);
      assert.equal(worker.load.drained, true);
    });
  });

  it('is drained at once when it is stopped with nothing open', () => {
    const worker = begin(
      closed({ stages: [{ shape: 'ramp', from: 0, to: 5, durationMs: 60_000 }] }),
      FOREVER,
    );
    assert.equal(worker.load.drained, false);
    worker.load.stop();
    assert.equal(worker.load.drained, true);
  });

  it('is the same set of users, with the same streams, however many workers carry it', async () => {
    const scenario = closed({
      stages: [
        { shape: 'ramp', from: 0, to: 40, durationMs: 500 },
        { shape: 'sine', min: 10, max: 40, periodMs: 600, durationMs: 1200 },
      ],
      targets: ['a', 'b', 'c'].map((name, i) => ({ name, weight: i + 1 })),
      model: { kind: 'closed', thinkTimeMs: { kind: 'uniform', from: 1, to: 80 } },
      seed: 77,
    });
    const run = async (count: number): Promise<Map<string, Start[]>> => {
      const workers = Array.from({ length: count }, (_, index) =>
        begin(scenario, lasting(120), { index, count }),
      );
      await pass(time, workers, time.clock() + 1800);
      const users = new Map<string, Start[]>();
      for (const worker of workers) {
        for (const user of new Set(worker.starts.map((s) => s.user))) {
          assert.ok(!users.has(user), `user ${user} is carried by two of ${count} workers`);
          users.set(
            user,
            worker.starts.filter((s) => s.user === user),
          );
        }
      }
      return users;
    };
    const targetsOf = (users: Map<string, Start[]>): Record<string, string[]> =>
      Object.fromEntries([...users].sort().map(([user, starts]) => [user, starts.map((s) => s.target)]));
    const one = targetsOf(await run(1));
    assert.equal(Object.keys(one).length, 40);
    for (const count of [2, 3]) {
      const several = targetsOf(await run(count));
      assert.deepEqual(Object.keys(several), Object.keys(one));
      for (const [user, targets] of Object.entries(several)) {
        // Each worker has a gate of its own, so one may come to its last stream just before the end, or not.
        const common = Math.min(targets.length, one[user]!.length);
        assert.ok(Math.abs(targets.length - one[user]!.length) <= 1);
        assert.deepEqual(targets.slice(0, common), one[user]!.slice(0, common));
      }
    }
  });

  it('dials no faster than 3000 a second over all workers, and calls the wait by its name: lag', async () => {
    // Users come back all at once, each with a connection to open.
    const scenario = closed({ stages: [{ shape: 'hold', level: 1500, durationMs: 5000 }] });
    const ending = 2000;
    const fate: Fate = () =>
      time.clock() < ending ? { afterMs: ending - time.clock(), outcome: 'complete' } : undefined;
    const workers = [0, 1].map((index) => begin(scenario, fate, { index, count: 2 }));
    await pass(time, workers, 4000);
    const again = workers.flatMap((w) => w.starts).filter((s) => s.atMs >= ending);
    assert.equal(again.length, 1500);
    for (let from = ending; from < ending + 500; from += 100) {
      const n = again.filter((s) => s.atMs >= from && s.atMs < from + 100).length;
      assert.ok(n <= 300 + 34, `${n} dials in 100 ms`);
    }
    const worst = Math.max(...again.map((s) => s.atMs - s.dueMs));
    assert.ok(worst > 450 && worst < 550, `lag ${worst}`);
  });

  describe('with a target that refuses', () => {
    const refused = { afterMs: 1, outcome: 'connect_error' } as const;
    const perSecond = (starts: readonly Start[], fromMs: number, toMs: number): number[] => {
      const seconds = Array.from({ length: (toMs - fromMs) / 1000 }, () => 0);
      for (const { atMs } of starts)
        if (atMs >= fromMs && atMs < toMs) seconds[Math.floor((atMs - fromMs) / 1000)]!++;
      return seconds;
    };

    it('keeps the starts of 3000 users bounded, and recovers by itself', async () => {
      const aliveFromMs = 40_000;
      const fate: Fate = () => (time.clock() < aliveFromMs ? refused : undefined);
      const worker = begin(closed({ stages: [{ shape: 'hold', level: 3000, durationMs: 120_000 }] }), fate);
      await pass(time, [worker], aliveFromMs);
      // The plan's own start: everyone once, and those who were first once more.
      assert.ok(perSecond(worker.starts, 0, 1000)[0]! <= 3100);
      for (const n of perSecond(worker.starts, 1000, aliveFromMs))
        assert.ok(n <= 900, `${n} starts in a second`);
      for (const n of perSecond(worker.starts, 15_000, aliveFromMs))
        assert.ok(n > 250 && n < 550, `${n} starts in a second`);
      await pass(time, [worker], aliveFromMs + 10_100);
      assert.equal(worker.open, 3000);
    });

    for (const outcome of OUTCOMES.filter((o) => resultOf(o) === 'failed')) {
      for (const afterMs of [1, 200]) {
        it(`spares a target that fails in ${afterMs} ms, ${outcome}: 200 users`, async () => {
          const worker = begin(
            closed({ stages: [{ shape: 'hold', level: 200, durationMs: 40_000 }] }),
            () => ({
              afterMs,
              outcome,
            }),
          );
          await pass(time, [worker], 40_000);
          const starts = Array<number>(41).fill(0);
          for (const { atMs } of worker.starts) starts[Math.floor(atMs / 1000)]!++;
          assert.ok(starts[0]! >= 200 && starts[0]! <= 400, `${starts[0]} in the first second`);
          const most = Math.max(...starts.slice(10));
          assert.ok(most <= 80, `${most} in a second from the tenth on`);
          // It is not given up: every user keeps trying.
          assert.ok(starts.slice(10, 40).reduce((sum, n) => sum + n) > 600);
        });
      }
    }

    it('counts what the stream took towards the wait', async () => {
      const worker = begin(closed({ stages: [{ shape: 'hold', level: 1, durationMs: 100_000 }] }), () => ({
        afterMs: 9000,
        outcome: 'total_timeout',
      }));
      await pass(time, [worker], 50_000);
      assert.ok(worker.starts.length >= 5, `${worker.starts.length} starts`);
    });

    it('asks a lone user to wait no longer than 8 s, also after thousands have left', async () => {
      const stages: Stage[] = [
        { shape: 'hold', level: 2000, durationMs: 5000 },
        { shape: 'hold', level: 1, durationMs: 60_000 },
      ];
      const worker = begin(closed({ stages }), () => refused);
      await pass(time, [worker], 60_000);
      const own = ofUser(worker.starts, '0').filter((at) => at > 15_000);
      assert.ok(own.length >= 6, `${own.length} starts in 45 s`);
      for (const [i, at] of own.slice(1).entries())
        assert.ok(at - own[i]! <= 8003, `waited ${at - own[i]!} ms`);
    });

    it('starts with short waits again after a success', async () => {
      let count = 0;
      const worker = begin(closed({ stages: [{ shape: 'hold', level: 1, durationMs: 120_000 }] }), () =>
        ++count === 8 ? { afterMs: 1, outcome: 'complete' } : refused,
      );
      await pass(time, [worker], 60_000);
      const gaps = worker.starts.slice(1).map((s, i) => s.atMs - worker.starts[i]!.atMs);
      assert.ok(gaps[6]! >= 4000 && gaps[6]! <= 8003, `seventh in a row: ${gaps[6]}`);
      assert.ok(gaps[7]! <= 5, `after a success: ${gaps[7]}`);
      assert.ok(gaps[8]! >= 500 && gaps[8]! <= 1003, `first again: ${gaps[8]}`);
    });
  });
});
