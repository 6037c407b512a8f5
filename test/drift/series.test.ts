import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { memoryOf } from '../../src/drift/autocorrelation.ts';
import { blocksOf } from '../../src/drift/blocks.ts';
import { warmUpOf } from '../../src/drift/examine.ts';
import { levelsOf } from '../../src/drift/levels.ts';
import { LoadGate } from '../../src/drift/load-gate.ts';
import { periodOf } from '../../src/drift/period.ts';
import {
  FALSE_ALARMS,
  FIRST_EVALUATION,
  holmBound,
  levelOf,
  nextEvaluation,
} from '../../src/drift/significance.ts';
import { type Grid, WindowSeries } from '../../src/drift/window-series.ts';
import { ar, NOISES, randoms } from '../../support/drift/noise.ts';

const grid = (values: ArrayLike<number>): Grid => ({
  values: Float64Array.from(values),
  weights: new Float64Array(values.length).fill(1),
});
const list = (values: Float64Array): number[] => [...values];

describe('the windows of a signal', () => {
  it('stand at their places, with gaps where none came', () => {
    const series = new WindowSeries(1000, 8);
    series.add(11_000, 1, 1);
    series.add(12_030, 2, 1);
    series.add(14_990, 5, 1);
    assert.deepEqual(list(series.grid().values), [1, 2, Number.NaN, Number.NaN, 5]);
    assert.equal(series.firstMs, 10_500);
  });

  it('that say nothing are gaps too', () => {
    const series = new WindowSeries(1000, 8);
    series.add(1000, Number.NaN, 1);
    series.add(2000, 7, 0);
    series.add(3000, 3, 1);
    assert.deepEqual(list(series.grid().values), [Number.NaN, Number.NaN, 3]);
  });

  it('merge by weight when there are too many, gaps left out', () => {
    const series = new WindowSeries(1000, 4);
    series.add(1000, 10, 1);
    series.add(2000, 40, 3);
    series.add(3000, Number.NaN, 0);
    series.add(4000, 8, 2);
    series.add(5000, 100, 1);
    assert.deepEqual(list(series.grid().values), [32.5, 8, 100]);
    assert.deepEqual(list(series.grid().weights), [4, 2, 1]);
    assert.deepEqual([series.stepMs, series.firstMs], [2000, 1000]);
  });

  it('keep level and slope however long a run lasts, and never more than their capacity', () => {
    const series = new WindowSeries(1000, 64);
    for (let i = 0; i < 100_000; i++) {
      series.add((i + 1) * 1000, 500 + i / 100, 1);
      assert.ok(series.length <= 64);
    }
    const { values } = series.grid();
    assert.ok(values.length > 32);
    // Each window holds the mean of a straight line over itself, which is the line at its middle; the last is not full.
    for (const [i, v] of values.slice(0, -1).entries()) {
      const middle = (series.firstMs + i * series.stepMs) / 1000 - 0.5;
      assert.ok(Math.abs(v - (500 + middle / 100)) < 0.01, `${i}: ${v}`);
    }
  });

  it('take a pause of a week without filling memory or time', () => {
    const series = new WindowSeries(1000, 512);
    series.add(1000, 1, 1);
    series.add(7 * 86_400_000, 2, 1);
    const { values } = series.grid();
    assert.ok(values.length <= 512);
    assert.deepEqual([values[0], values.at(-1)], [1, 2]);
  });
});

describe('blocks', () => {
  it('are the mean of the middle half, so that pauses in a quarter of the windows do not count', () => {
    assert.deepEqual(list(blocksOf(grid([1, 2, 3, 1000, 4, 5, 6, 900]), 4, 'middle').values), [2.5, 5.5]);
  });

  it('pool ratios by weight', () => {
    const values = Float64Array.from([0, 0.5, 0, 1]);
    const weights = Float64Array.from([90, 10, 100, 100]);
    assert.deepEqual(list(blocksOf({ values, weights }, 2, 'weighted').values), [0.05, 0.5]);
  });

  it('leave over at the start, and leave out what is mostly missing', () => {
    const { times, values } = blocksOf(grid([9, 1, 3, Number.NaN, 7, Number.NaN, Number.NaN]), 2, 'middle');
    assert.deepEqual(
      [list(times), list(values)],
      [
        [1.5, 4],
        [2, 7],
      ],
    );
  });
});

describe('what a signal remembers', () => {
  for (const [phi, expected] of [
    [0, 1],
    [0.5, 3],
    [0.8, 9],
  ] as const) {
    it(`of AR ${phi} is about ${expected} windows`, () => {
      const memory = memoryOf(ar(phi)(20_000, randoms(1)(1)));
      assert.ok(Math.abs(memory - expected) < 0.12 * expected, `${memory}`);
    });
  }

  it('is not hidden by spikes and gaps', () => {
    const values = ar(0.8)(20_000, randoms(1)(1)).map((v, i) =>
      i % 50 === 0 ? 1e6 : i % 7 === 0 ? Number.NaN : v,
    );
    const memory = memoryOf(values);
    assert.ok(memory > 7 && memory < 11, `${memory}`);
  });

  it('of a constant is nothing', () => assert.equal(memoryOf(new Float64Array(50)), 1));
});

describe('warm-up', () => {
  const quiet = (n: number): Float64Array => ar(0)(n, randoms(3)(1));

  it('is what lies far from the rest at the start', () => {
    const values = quiet(320).map((v, i) => v - 40 * Math.exp(-i / 10));
    const skip = warmUpOf(grid(values), 'middle');
    assert.ok(skip >= 20 && skip <= 60, `${skip}`);
  });

  it('is none where the start fits', () => assert.equal(warmUpOf(grid(quiet(320)), 'middle'), 0));

  it('is none of a leak, which has no level', () => {
    assert.equal(warmUpOf(grid(quiet(320).map((v, i) => v + i)), 'middle'), 0);
  });

  it('is never more than a quarter', () => {
    assert.ok(warmUpOf(grid(quiet(320).map((v, i) => v + (i < 160 ? 50 : 0))), 'middle') <= 80);
  });
});

describe('the load gate', () => {
  const admit = (loads: readonly number[]): string => {
    const gate = new LoadGate();
    return loads.map((load) => ({ use: '+', skip: '-', restart: '!' })[gate.admit(load)]).join('');
  };
  const times = (n: number, load: number): number[] => Array.from({ length: n }, () => load);

  const cases: readonly (readonly [what: string, loads: readonly number[], admissions: string])[] = [
    ['a steady load after five windows of warm-up', times(9, 100), '-----!+++'],
    ['a ramp never', [10, 20, 40, 60, 80, 100, 120], '-------'],
    ['what follows a ramp', [10, 50, ...times(7, 100)], '-------!+'],
    ['a load that is within 2 %', [...times(6, 100), 98.5, 101.5, 97, 103, 100], '-----!++--+'],
    ['not a slow ramp', Array.from({ length: 30 }, (_, i) => 100 + i), '-'.repeat(30)],
    ['not a spike', [...times(8, 100), 1000, 1000, 100], '-----!++--+'],
    ['not a pause', [...times(8, 100), 0, 0, 100], '-----!++--+'],
    ['a new load that stays, from the beginning', [...times(8, 100), ...times(8, 200)], '-----!++-----!++'],
  ];
  for (const [what, loads, admissions] of cases)
    it(`uses ${what}`, () => assert.equal(admit(loads), admissions));

  it('gives up a long past only for a load that stays for an hour', () => {
    const admissions = admit([...times(1000, 100), ...times(70, 200)]);
    assert.equal(admissions.indexOf('!', 10), 1060);
  });
});

describe('significance', () => {
  it('of all looks together uses up no more than what may be false', () => {
    let sum = levelOf('last');
    for (let look = 1; look <= 100_000; look++) sum += levelOf(look);
    assert.ok(sum <= FALSE_ALARMS && sum > 0.999 * FALSE_ALARMS, `${sum}`);
  });

  it('looks are further apart as a run goes on, up to an hour of minutes', () => {
    const looks = [FIRST_EVALUATION];
    while (looks.at(-1)! < 2000) looks.push(nextEvaluation(looks.at(-1)!));
    const gaps = looks.slice(1).map((at, i) => at - looks[i]!);
    assert.deepEqual(
      gaps,
      [...gaps].sort((a, b) => a - b),
    );
    assert.deepEqual([gaps[0], gaps.at(-1)], [5, 60]);
  });

  it("is Holm's: each p against what is left", () => {
    assert.equal(holmBound([0.04, 0.001, 0.5, 0.012], 0.05), 0.012);
    assert.equal(holmBound([0.02, 0.02, 0.02], 0.05), -1);
    assert.equal(holmBound([0.01, 0.02, 0.05], 0.05), 0.05);
    assert.equal(holmBound([], 0.05), -1);
  });
});

describe('levels', () => {
  it('are found where they are', () => {
    const values = [1, 1, 1, 1, 5, 5, 5, 2, 2, 2];
    const three = levelsOf(values, 2, 5)[2]!;
    assert.deepEqual(
      [three.starts, three.means],
      [
        [0, 4, 7],
        [1, 5, 2],
      ],
    );
    assert.ok(three.squares < 1e-9);
  });

  it('no other places are better', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 12 }), (values) => {
        const two = levelsOf(values, 2, 2)[1]!;
        for (let cut = 2; cut <= values.length - 2; cut++) {
          assert.ok(two.squares <= squaresOf(values.slice(0, cut)) + squaresOf(values.slice(cut)) + 1e-9);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

function squaresOf(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
}

describe('periods', () => {
  it('are found of pauses and of waves', () => {
    const noise = ar(0.3)(480, randoms(1)(1));
    assert.equal(periodOf(grid(noise.map((v, i) => v + (i % 12 === 0 ? 15 : 0))))?.length, 12);
    const wave = periodOf(grid(noise.map((v, i) => v + 3 * Math.sin((2 * Math.PI * i) / 30))))!.length;
    assert.ok(Math.abs(wave - 30) <= 1, `${wave}`);
  });

  it('are hardly ever seen in noise', () => {
    let seen = 0;
    for (let seed = 0; seed < 40; seed++) {
      for (const name of ['white', 'AR 0.4', 'AR 0.8', 'bursts', 'lognormal', 'in gusts'] as const) {
        if (periodOf(grid(NOISES[name](240, randoms(seed)(1)))) !== undefined) seen++;
      }
    }
    assert.ok(seen <= 2, `${seen} of 240`);
  });

  it('are none of a constant, and of next to nothing', () => {
    assert.equal(periodOf(grid(new Float64Array(100).fill(3))), undefined);
    assert.equal(periodOf(grid([1, 2, 1, 2])), undefined);
    assert.equal(periodOf(grid([Number.NaN, Number.NaN])), undefined);
  });
});
