import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { examine, type ShapeResult } from '../../src/drift/examine.ts';
import { levelOf } from '../../src/drift/significance.ts';
import { carryOut } from '../../support/drift/made-run.ts';
import { ar, randoms } from '../../support/drift/noise.ts';
import { SHAPES, type ShapeName } from '../../support/drift/shapes.ts';

type Kind = ShapeResult['kind'] | 'none';

const WINDOWS = 480;
const SEEDS = 5;
/** As at the end of a run with five signals of one target. */
const BOUND = levelOf('last') / 20;

/** What each shape is called, whatever the seed. bench/drift.ts tells how often, and what of those in between. */
const KINDS: Readonly<Partial<Record<ShapeName, Kind>>> = {
  flat: 'none',
  'falls by 6': 'none',
  'climbs by 6': 'trend',
  'climbs by 60': 'trend',
  'climbs by 6, pauses of 8': 'trend',
  'climbs ever faster, by 8': 'trend',
  '12 steps of 1': 'trend',
  '8 steps of 3': 'staircase',
  '5 steps of 3': 'staircase',
  'one step of 4 in the middle': 'step',
  'one step of 4 at 95 %': 'none',
  'pauses of 8 in every tenth': 'none',
  'fast wave of 3': 'none',
  'two waves of 3': 'none',
  'one and a half wave of 3': 'none',
  'one wave of 3': 'none',
  'saturates, time constant 30 %': 'none',
  'burst of 6 in the middle': 'none',
};

function find(shape: ShapeName, seed: number): ShapeResult | undefined {
  const values = ar(0.4)(WINDOWS, randoms(seed)(1)).map((v, i) => v + SHAPES[shape](i, WINDOWS));
  return examine({ values, weights: new Float64Array(WINDOWS).fill(1) }, 'middle').conclude(BOUND);
}

describe('what a signal does is', () => {
  for (const [shape, kind] of Object.entries(KINDS) as [ShapeName, Kind][]) {
    it(`${kind}: ${shape}`, () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const finding = find(shape, seed);
        assert.equal(finding?.kind ?? 'none', kind, `seed ${seed}: ${JSON.stringify(finding)}`);
      }
    });
  }
});

describe('what is said of steps', () => {
  it('about the height and the time from one to the next of a staircase', () => {
    const finding = find('8 steps of 3', 1);
    assert.ok(finding?.kind === 'staircase');
    assert.ok(Math.abs(finding.height - 3) < 0.75, `${finding.height}`);
    assert.ok(Math.abs(finding.every - 60) < 15, `${finding.every}`);
    assert.ok(Math.abs(finding.slope * 60 - 3) < 0.3, `${finding.slope}`);
  });

  it('height and place of a single one', () => {
    const finding = find('one step of 4 in the middle', 1);
    assert.ok(finding?.kind === 'step');
    assert.ok(Math.abs(finding.height - 4) < 0.5, `${finding.height}`);
    assert.ok(Math.abs(finding.at - 240) < 12, `${finding.at}`);
  });

  it('a pause every ten windows is no drift, and its period is told', () => {
    const made = ar(0.3)(480, randoms(4)(1)).map((v, i) => 1350 + 20 * v + (i % 10 === 0 ? 400 : 0));
    const { lives, report } = carryOut({ 'ttfb-p95': made });
    assert.deepEqual([lives, report.drifts], [[], []]);
    assert.deepEqual(
      report.periodic.map((s) => [s.signal, s.periodMs]),
      [['ttfb-p95', 600_000]],
    );
  });

  it('nor is a period told that is hardly there', () => {
    const made = ar(0.3)(480, randoms(4)(1)).map((v, i) => 1350 + v + (i % 10 === 0 ? 20 : 0));
    assert.deepEqual(carryOut({ 'ttfb-p95': made }).report.periodic, []);
  });
});
