import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Capacity } from '../../src/calibrate/search.ts';
import { calibrateExit, verdictLines } from '../../src/calibrate/verdict.ts';

const capacity = (of: Partial<Capacity>): Capacity => ({
  streams: 5,
  more: false,
  disturbed: false,
  held: [],
  ...of,
});

describe('the result of calibrate', () => {
  it('is inconclusive and names --most where that ended the search below what the scenario asks for', () => {
    const held = capacity({ more: true });
    assert.deepEqual(verdictLines(held, { asked: 20, maxLagMs: 25, boundBy: 'most' }), [
      '5 and perhaps more streams with a p99 of lag of at most 25ms; the scenario has 20',
      '--most ended the search at 5: raise it to 20 or more',
    ]);
    assert.equal(calibrateExit(held, 20, 'most'), 5);
    assert.equal(calibrateExit(held, 5, 'most'), 0);
    assert.equal(verdictLines(held, { asked: 5, maxLagMs: 25, boundBy: 'most' }).length, 1);
  });

  it('is too little where file descriptors end the search below what the scenario asks for', () => {
    const held = capacity({ more: true, streams: 1000 });
    assert.match(
      verdictLines(held, { asked: 2000, maxLagMs: 25, boundBy: 'descriptors' })[1]!,
      /^file descriptors ended the search at 1,000: raise the limit/,
    );
    assert.equal(calibrateExit(held, 2000, 'descriptors'), 1);
  });

  it('is inconclusive and asks for a quiet machine where something else made soakd late', () => {
    const held = capacity({ disturbed: true });
    assert.match(
      verdictLines(held, { asked: 20, maxLagMs: 25, boundBy: 'scenario' }).at(-1)!,
      /^soakd was late although it used little CPU: another program .*repeat on an idle machine$/,
    );
    assert.equal(calibrateExit(held, 20, 'scenario'), 5);
    assert.equal(calibrateExit(held, 3, 'scenario'), 0);
  });

  it('is too little where the machine itself cannot hold what the scenario asks for, whatever --most is', () => {
    assert.equal(calibrateExit(capacity({}), 20, 'most'), 1);
    assert.equal(verdictLines(capacity({}), { asked: 20, maxLagMs: 25, boundBy: 'most' }).length, 1);
  });
});
