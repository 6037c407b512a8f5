import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { FAULTS, type FaultShares } from '../../src/core/simulator.ts';
import { buildFrames } from '../../src/sim/frames.ts';
import { planAnswer } from '../../src/sim/plan.ts';
import { writeScript } from '../../src/sim/script.ts';
import { TINY } from './client.ts';

/** All that a plan decides, as text. */
function transcript(seed: number, index: number): string {
  const plan = planAnswer({ ...SIMULATOR_PRESETS.quick, seed }, index);
  const drawn = Array.from({ length: plan.contentChunks }, () => [
    plan.drawCharacters(),
    plan.drawText(),
    plan.drawGapMs(),
  ]);
  return JSON.stringify([plan.fault, plan.ttfbMs, plan.contentChunks, drawn]);
}

describe('plan of an answer', () => {
  it('reproduces the answers of the seed report within 2 %', () => {
    const frames = buildFrames('sse');
    const answers = 10_000;
    const durations: number[] = [];
    let ttfb = 0;
    let chunks = 0;
    let bytes = 0;
    let characters = 0;
    for (let index = 0; index < answers; index++) {
      const script = writeScript(planAnswer(SIMULATOR_PRESETS.seed, index), undefined, frames);
      let duration = script.ttfbMs;
      ttfb += script.ttfbMs;
      for (let frame = script.next(); frame !== undefined; frame = script.next()) {
        duration += script.gapMs;
        if (frame.characters > 0) chunks++;
        bytes += frame.bytes;
        characters += frame.characters;
      }
      durations.push(duration);
    }
    durations.sort((a, b) => a - b);
    const near = (name: string, actual: number, expected: number): void =>
      assert.ok(
        Math.abs(actual / expected - 1) < 0.02,
        `${name}: ${actual} is not within 2 % of ${expected}`,
      );
    near('TTFB in ms', ttfb / answers, 1100);
    near('chunks with content', chunks / answers, 403);
    near('bytes', bytes / answers, 6180);
    near('characters', characters / answers, 1550);
    near('mean duration in ms', durations.reduce((a, b) => a + b, 0) / answers, 31_800);
    near('P95 of the duration in ms', durations[Math.floor(0.95 * answers)]!, 45_700);
  });

  it('is the same for the same seed and index, and another for another', () => {
    assert.equal(transcript(1, 5), transcript(1, 5));
    assert.notEqual(transcript(1, 5), transcript(1, 6));
    assert.notEqual(transcript(1, 5), transcript(2, 5));
  });

  it('draws faults in their shares', () => {
    const faults: FaultShares = { http503: 0.1, inbandError: 0.2, truncate: 0.05, reset: 0.15, stall: 0.3 };
    const counts = new Map<string | undefined, number>();
    const answers = 20_000;
    for (let index = 0; index < answers; index++) {
      const { fault } = planAnswer({ ...TINY, faults }, index);
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
    }
    for (const fault of FAULTS) {
      assert.ok(
        Math.abs((counts.get(fault) ?? 0) / answers - (faults[fault] ?? 0)) < 0.01,
        `share of ${fault}`,
      );
    }
  });

  for (const fault of FAULTS) {
    it(`gives every answer the fault ${fault} when its share is 1`, () => {
      for (let index = 0; index < 200; index++) {
        assert.equal(planAnswer({ ...TINY, faults: { [fault]: 1 } }, index).fault, fault);
      }
    });
  }

  it('never draws fewer than one chunk of one character, nor a negative time', () => {
    const below = { kind: 'fixed', value: -3 } as const;
    const plan = planAnswer({ ...TINY, ttfbMs: below, gapMs: below, chunks: below, characters: below }, 0);
    assert.deepEqual(
      [plan.ttfbMs, plan.contentChunks, plan.drawGapMs(), plan.drawCharacters()],
      [0, 1, 0, 1],
    );
  });
});
