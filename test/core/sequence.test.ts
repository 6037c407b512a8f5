import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inTurns, stagesOfTurn, targetsIn, turnMs, withStages } from '../../src/core/sequence.ts';
import type { Stage } from '../../src/shapes/list.ts';
import { closed } from '../../support/load/samples.ts';

const STAGES: readonly Stage[] = [
  { shape: 'hold', level: 5, durationMs: 1000 },
  { shape: 'ramp', from: 5, to: 9, durationMs: 2000 },
];
const TARGETS = ['a', 'b', 'c'].map((name) => ({ name, weight: 1 }));

function compared(pauseMs: number) {
  const names = TARGETS.map(({ name }) => name);
  return closed({ targets: TARGETS, stages: inTurns(STAGES, names, pauseMs), sequence: { pauseMs } });
}

describe('a sequence', () => {
  it('has all stages for each target, and a pause between two', () => {
    const { stages } = compared(700);
    assert.deepEqual(
      stages.map(({ target, durationMs }) => `${target} ${durationMs}`),
      ['a 1000', 'a 2000', 'a 700', 'b 1000', 'b 2000', 'b 700', 'c 1000', 'c 2000'],
    );
    assert.deepEqual(stages[2], { shape: 'hold', level: 0, durationMs: 700, target: 'a' });
    assert.equal(compared(0).stages.length, 6);
  });

  for (const pauseMs of [0, 700])
    it(`gives back the stages of one turn with a pause of ${pauseMs} ms`, () => {
      const scenario = compared(pauseMs);
      assert.deepEqual(stagesOfTurn(scenario), STAGES);
      assert.equal(turnMs(scenario), 3000);
      assert.deepEqual(withStages(scenario, STAGES), scenario.stages);
    });

  it('loads the target of a stage alone; without a sequence all targets', () => {
    const scenario = compared(700);
    assert.deepEqual(
      scenario.stages.map((_, i) => targetsIn(scenario, i).map(({ name }) => name)),
      [['a'], ['a'], ['a'], ['b'], ['b'], ['b'], ['c'], ['c']],
    );
    const all = closed({ targets: TARGETS, stages: STAGES });
    assert.deepEqual(targetsIn(all, 1), TARGETS);
    assert.deepEqual(stagesOfTurn(all), STAGES);
  });
});
