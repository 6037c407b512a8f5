import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cell, StreamView } from '../../src/catalog/slots.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import { inTurns } from '../../src/core/sequence.ts';
import { extend, livePlanOf, skip } from '../../src/load/live-plan.ts';
import { delivered, deliveredShares, isUndelivered, notLoaded } from '../../src/run/delivered.ts';
import type { PlannedLevel } from '../../src/run/levels.ts';
import { addShifts, type LagShifts, LagWatch } from '../../src/run/measurement-quality/lag-watch.ts';
import { byTarget } from '../../src/run/planned-load.ts';
import { RunRecord } from '../../src/run/run-record.ts';
import { runVerdict } from '../../src/run/run-verdicts.ts';
import { withoutWarmUp } from '../../src/run/warm-up.ts';
import { WarmUps } from '../../src/run/warm-ups.ts';
import { observe } from '../../support/core/observe.ts';
import { closed } from '../../support/load/samples.ts';
import { LAYOUT } from '../../support/run/samples.ts';

/** Turns of a at 0 and of b at 15 s, each with levels 2 and 4; a pause at 10 s; a warm-up of 6 s. */
const SCENARIO: Scenario = closed({
  targets: ['a', 'b'].map((name) => ({ name, weight: 1 })),
  stages: inTurns(
    [2, 4].map((level) => ({ shape: 'hold', level, durationMs: 5000 }) as const),
    ['a', 'b'],
    5000,
  ),
  sequence: { pauseMs: 5000 },
  warmUpMs: 6000,
});
const TARGETS = LAYOUT.targets.map((name, index) => ({ name, index }));

class Counted {
  readonly values = new Float64Array(LAYOUT.size);

  /** One stream that began and ended well. */
  streams(n: number, t: number, open = 0): this {
    const { cell } = LAYOUT.slots[t]!;
    this.values[cell.started]! += n + open;
    this.values[cell['finished:complete']]! += n;
    this.values[cell['active:streaming']]! += open;
    return this;
  }

  ends(n: number, t: number): this {
    const { cell } = LAYOUT.slots[t]!;
    this.values[cell['finished:complete']]! += n;
    this.values[cell['active:streaming']]! -= n;
    return this;
  }
}

const cellOf = (values: Float64Array, t: number, cell: Cell): number =>
  new StreamView(LAYOUT, values).cell(t, cell);

describe('warm-ups of a sequence', () => {
  const { pieces } = livePlanOf(SCENARIO.stages);

  it('end for one target after another, each its time after the start of its turn', () => {
    const warmUps = new WarmUps(SCENARIO, LAYOUT);
    const counted = new Counted().streams(10, 0);
    const read = () => counted.values.slice();
    assert.equal(warmUps.end(pieces, 5999, read), undefined);
    const first = warmUps.end(pieces, 6000, read)!;
    assert.deepEqual([first.targets, first.isFirst], [['a'], true]);
    assert.match(first.detail, /6s of a over; .* the 10 streams/);
    assert.deepEqual([warmUps.isWarmingUp(1), warmUps.isWarmingUp(3)], [false, true]);
    counted.streams(7, 0).streams(3, 1);
    assert.equal(warmUps.end(pieces, 20_999, read), undefined);
    const second = warmUps.end(pieces, 21_000, read)!;
    assert.deepEqual([second.targets, second.isFirst], [['b'], false]);
    const measured = withoutWarmUp(LAYOUT, counted.streams(1, 1).values, warmUps.leftOut(counted.values)!);
    assert.deepEqual([cellOf(measured, 0, 'started'), cellOf(measured, 1, 'started')], [7, 1]);
    assert.equal(warmUps.lengthMs, 12_000);
  });

  it('move with the plan, and end with a turn that is skipped', () => {
    const later = extend(livePlanOf(SCENARIO.stages), 1000, 2000);
    const atMs = (plan: typeof later) => new WarmUps(SCENARIO, LAYOUT).ends(plan.pieces).map((e) => e.atMs);
    assert.deepEqual(atMs(later), [6000, 23_000]);
    // All of the turn of a, and its pause.
    const skipped = [1, 2, 3].reduce((plan) => skip(plan, 1000), livePlanOf(SCENARIO.stages));
    assert.deepEqual(atMs(skipped), [1000, 7000]);
  });

  it('leave out all of a turn that ends within its warm-up, after a resume too', () => {
    const before = new WarmUps(SCENARIO, LAYOUT);
    const counted = new Counted().streams(10, 0);
    before.end(pieces, 6000, () => counted.values.slice());
    const after = new WarmUps(SCENARIO, LAYOUT, structuredClone(before.state));
    assert.deepEqual(after.left, ['b']);
    counted.streams(5, 0).streams(9, 1);
    const measured = withoutWarmUp(LAYOUT, counted.values, after.leftOut(counted.values)!);
    assert.deepEqual([cellOf(measured, 0, 'started'), cellOf(measured, 1, 'started')], [5, 0]);
  });
});

describe('the lag of the generator in a sequence', () => {
  it('keeps the timings of other targets when the warm-up of one ends', () => {
    const begin = { atMs: 0, layout: LAYOUT, values: new Float64Array(LAYOUT.size), threads: 1, deaths: 0 };
    const watch = new LagWatch(25, ['lean'], begin);
    const values = new Float64Array(LAYOUT.size);
    for (const { histogram } of LAYOUT.slots) observe(values, histogram.ttfb, 100, 7);
    // No samples of the canary: the window is unreliable.
    watch.close({ ...begin, atMs: 5000, values });
    const moved = ({ greatest }: LagShifts) =>
      LAYOUT.slots.map(({ start, end }) => greatest.subarray(start, end).some((n) => n !== 0));
    assert.deepEqual(moved(watch.shifts), [true, true]);
    const before = structuredClone(watch.shifts);
    const { shifts, quality } = watch.without(['b']);
    assert.deepEqual(
      [moved(watch.shifts), moved(shifts)],
      [
        [true, false],
        [false, true],
      ],
    );
    // The sum of both, which the live thresholds see, stays; the window is counted once.
    assert.deepEqual(addShifts(LAYOUT, watch.shifts, shifts), before);
    assert.deepEqual([watch.quality.unreliable, quality.unreliable], [1, 0]);
  });
});

describe('the record of a sequence', () => {
  const level = (stage: number): PlannedLevel => {
    const to = [2, 4, 0, 2, 4][stage]!;
    return { stage, shape: to === 0 ? 'pause' : 'hold', from: to, to };
  };

  /** Carries out the run of 25 s. @param missed seconds that soakd is too busy to follow */
  const carryOut = (missed: readonly number[] = []) => {
    const counted = new Counted();
    const moment = (s: number) => {
      const values = counted.values.slice();
      record?.addTo(values);
      return { atMs: s * 1000, at: s * 1000, values, windows: 0, unreliable: 0 };
    };
    let record: RunRecord | undefined;
    record = new RunRecord(
      { layout: LAYOUT, scenario: SCENARIO, targets: TARGETS, objectives: [] },
      level(0),
      moment(0),
    );
    const warmUps = new WarmUps(SCENARIO, LAYOUT);
    const { pieces } = livePlanOf(SCENARIO.stages);
    const stageAt = (s: number) => Math.min(4, Math.floor(s / 5));
    for (let s = 1; s <= 25; s++) {
      const now = level(stageAt(s));
      const t = stageAt(s - 1) < 3 ? 0 : 1;
      if (level(stageAt(s - 1)).to > 0) counted.streams(2, t);
      // A stream of a that is open from before the pause until within the warm-up of b.
      if (s === 9) counted.streams(0, 0, 1);
      if (s === 17) counted.ends(1, 0);
      if (missed.includes(s)) continue;
      const ended = warmUps.end(pieces, s * 1000, () => record!.endSecond(moment(s)).values);
      if (ended !== undefined) record.restart(moment(s), now, ended.targets);
      record.add(moment(s), now, [0, 0], warmUps.isWarmingUp(now.stage));
    }
    const { levels } = record.finish(moment(25));
    const final = moment(25).values;
    return { levels, measured: withoutWarmUp(LAYOUT, final, warmUps.leftOut(final)!) };
  };
  const assertSums = ({ levels, measured }: ReturnType<typeof carryOut>): void => {
    for (const [t, name] of ['a', 'b'].entries())
      for (const cell of ['started', 'finished:complete'] as const) {
        const inLevels = levels.reduce((sum, l) => {
          const of = l.counted.targets.find((target) => target.name === name)?.streams;
          return sum + ((cell === 'started' ? of?.started : of?.finished.complete) ?? 0);
        }, 0);
        assert.equal(inLevels, cellOf(measured, t, cell), `${name} ${cell}`);
      }
  };

  it('has levels that add up to what the warm-ups leave, and time of each target in its turn alone', () => {
    const run = carryOut();
    assert.deepEqual(
      run.levels.map((l) => [
        l.stage,
        l.fromAt / 1000,
        l.counted.targets.map((t) => [t.name, t.streams.started]),
      ]),
      [
        [1, 6, [['a', 9]]],
        [2, 10, [['a', 0]]],
        // The stream of a that ended within the warm-up of b is in the level after it.
        [
          4,
          21,
          [
            ['a', 0],
            ['b', 8],
          ],
        ],
      ],
    );
    assertSums(run);
    const seconds = (t: number) =>
      (['upMs', 'downMs', 'unknownMs'] as const).reduce(
        (sum, c) => sum + cellOf(run.measured, t, c) / 1000,
        0,
      );
    // Of a: the rest of its turn, and the time of its open stream; of b: the rest of its turn.
    assert.deepEqual([seconds(0), seconds(1)], [4 + 7, 4]);
  });

  for (const [name, missed] of [
    ['the first second of a warm-up comes late', [15]],
    ['no second is within a warm-up', [15, 16, 17, 18, 19, 20]],
    ['the seconds around the end of a warm-up come late', [20, 21]],
  ] as const)
    it(`has levels that add up where ${name}`, () => {
      const run = carryOut(missed);
      assert.deepEqual(
        run.levels.map((l) => l.stage),
        [1, 2, 4],
      );
      assertSums(run);
    });
});

describe('the load of a sequence', () => {
  it('is wanted of the target alone whose turn it is', () => {
    const wanted = (stage: number) => byTarget(SCENARIO, stage, ['x', 'a', 'b'], 4);
    assert.deepEqual(
      [wanted(0), wanted(4)],
      [
        [0, 4, 0],
        [0, 0, 4],
      ],
    );
    const { sequence: _, ...together } = SCENARIO;
    const stages = SCENARIO.stages.map(({ target: __, ...stage }) => stage);
    assert.deepEqual(byTarget({ ...together, stages }, 0, ['x', 'a', 'b'], 4), [0, 2, 2]);
  });

  const of = (a: Partial<Record<Cell, number>>, b: Partial<Record<Cell, number>>) =>
    delivered('closed', TARGETS, { cell: (t, name) => [a, b][t]![name as Cell] ?? 0 }, true);

  it('is delivered to each target by itself: one that got too little is not hidden by the others', () => {
    const load = of({ userMs: 99_000 }, { userMs: 800, lateMs: 200 });
    assert.deepEqual([load.ratio, isUndelivered(load)], [0.8, true]);
    assert.deepEqual(deliveredShares(['a', 'b'], load), [1, 0.8]);
  });

  it('lacks nothing for a target before its turn; a run that ends before it cannot pass', () => {
    const load = of({ userMs: 1000 }, {});
    assert.deepEqual(deliveredShares(['a', 'b'], load), [1, 1]);
    assert.equal(isUndelivered(load), false);
    assert.deepEqual(notLoaded(SCENARIO, load), ['b']);
    assert.deepEqual(notLoaded({}, load), []);
    const passed = {
      threshold: 'x',
      target: 'a',
      result: 'pass',
      limit: 1,
      unit: 'ms',
      op: '>',
      count: 1,
      required: 1,
      crossed: [],
    } as const;
    assert.equal(runVerdict('budget_spent', [passed], load, ['b']), 'inconclusive');
    assert.equal(runVerdict('budget_spent', [passed], load, []), 'pass');
  });
});
