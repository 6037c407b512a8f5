import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { carryOut, healthyRun, LEVELS, STREAMS } from '../../support/drift/made-run.ts';
import { ar, failures, randoms } from '../../support/drift/noise.ts';

/** bench/drift.ts does the same with thousands. */
const RUNS = 200;
const HOURS = 8;

describe('runs without drift', () => {
  it(`of ${RUNS} healthy ones over ${HOURS} h at most 1 % report any, with all their live looks`, () => {
    const alarmed: string[] = [];
    let looked = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const { made, noises } = healthyRun(HOURS * 60, seed);
      const { lives, report } = carryOut(made);
      looked += report.evaluated;
      const drifts = [...lives.flatMap((l) => l.drifts), ...report.drifts];
      if (drifts.length > 0) {
        alarmed.push(`${seed}: ${drifts.map((d) => `${d.signal} ${d.kind} in ${noises[d.signal]}`)}`);
      }
    }
    assert.equal(looked, RUNS * 6, 'every signal was judged');
    assert.ok(alarmed.length <= RUNS / 100, alarmed.join('\n'));
  });

  it('of 100 short ones whose signals all remember 80 % of the window before, at most 1 %', () => {
    let alarmed = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = randoms(seed);
      const made = Object.entries(LEVELS).map(
        ([signal, level], i) => [signal, ar(0.8)(90, random(i)).map((v) => level * (1 + 0.05 * v))] as const,
      );
      const ratio = failures(90, random(9), 0.004, STREAMS);
      const { lives, report } = carryOut({ ...Object.fromEntries(made), 'failure-ratio': ratio });
      if (lives.length + report.drifts.length > 0) alarmed++;
    }
    assert.ok(alarmed <= 1, `${alarmed} of 100`);
  });
});
