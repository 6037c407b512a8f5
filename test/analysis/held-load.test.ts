import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type HeldLoad, heldLoadOf } from '../../src/analysis/held-load.ts';
import type { Subject } from '../../src/analysis/level-point.ts';
import { level, limit, SUCCESS, subject, timing, ttfbLevels } from './levels.ts';

function held(of: Subject): HeldLoad {
  const found = heldLoadOf(of);
  assert.ok(!('reason' in found), 'reason' in found ? found.reason : '');
  return found;
}

describe('the load that limits allow', () => {
  it('is conservative with a margin of 20 %, and maximum without', () => {
    const found = held(subject(ttfbLevels({ 100: 1000, 200: 1900, 300: 2400, 400: 3000, 500: 4000 })));
    assert.equal(found.conservative, 200);
    assert.equal(found.maximum, 300);
    assert.equal(found.isAtLeast, false);
    const [crossing] = found.crossings;
    assert.deepEqual([crossing!.held, crossing!.crossed], [300, 400]);
    assert.ok(Math.abs(crossing!.at! - (300 + 100 / 6)) < 1e-9);
  });

  it('is "at least" where nothing was crossed', () => {
    const found = held(subject(ttfbLevels({ 100: 1000, 200: 1500 })));
    assert.deepEqual([found.maximum, found.isAtLeast, found.crossings.length], [200, true, 0]);
    assert.equal(found.isConservativeAtLeast, true);
  });

  it('is unknown where the lowest level crosses a limit', () => {
    const found = held(subject(ttfbLevels({ 100: 3000, 200: 1500 })));
    assert.deepEqual([found.conservative, found.maximum, found.heldAgain], [null, null, [200]]);
    assert.deepEqual([found.crossings[0]!.held, found.crossings[0]!.at], [null, null]);
  });

  it('ends at a value within its measurement error of the limit, which is neither held nor crossed', () => {
    const found = held(subject(ttfbLevels({ 100: 1000, 200: 2600, 300: 2700 }, 200)));
    // 2700 less 200 is the limit itself.
    assert.deepEqual([found.maximum, found.inconclusive], [100, [200, 300]]);
    const wide = held(subject(ttfbLevels({ 100: 1000, 200: 2600, 300: 2750 }, 200)));
    assert.deepEqual([wide.crossings[0]!.held, wide.crossings[0]!.crossed], [100, 300]);
  });

  it('takes a lag that is not known as all of the value, in a run', () => {
    const levels = [level(100, { timings: { ttfb: timing(9000, null) } })];
    assert.deepEqual(held(subject(levels)).inconclusive, [100]);
    const table = levels.map((l) => ({ ...l, fromAt: null }));
    assert.equal(held(subject(table)).crossings.length, 1);
  });

  it('of a burst is that at which streams still succeed', () => {
    const levels = [
      level(100, { timings: { ttfb: timing(1000) } }),
      level(200, { timings: { ttfb: timing(3000) } }),
      level(300, { timings: { ttfb: timing(4000) }, successRatio: 0.995 }),
      level(400, { timings: { ttfb: timing(5000) }, successRatio: 0.9 }),
    ];
    const found = held(subject(levels, [limit(), SUCCESS]));
    assert.deepEqual([found.maximum, found.burst, found.isBurstAtLeast], [100, 300, false]);
    assert.deepEqual(
      found.crossings.map((c) => c.limit.threshold),
      ['ttfb-p95', 'success-rate'],
    );
    // 1 % may fail and 0.5 % did: within 80 % of the allowance.
    assert.equal(held(subject(levels.slice(2, 3), [SUCCESS])).conservative, 300);
  });

  it('counts a load that was held twice by its worse time', () => {
    const levels = [...ttfbLevels({ 100: 1000, 200: 1000 }), ...ttfbLevels({ 200: 3000 })];
    assert.equal(held(subject(levels)).maximum, 100);
  });

  it('says which limits levels have no value of, and needs one', () => {
    const goodput = limit({ threshold: 'goodput', unit: 'ratio', crossedWhen: '<', limit: 0.9 });
    const found = held(subject(ttfbLevels({ 100: 1 }), [limit(), goodput]));
    assert.deepEqual(found.notByLevel, [goodput]);
    assert.ok('reason' in heldLoadOf(subject(ttfbLevels({ 100: 1 }), [goodput])));
    assert.ok('reason' in heldLoadOf(subject([])));
  });

  it('has its crossing within the bracket, and is never above what gives', () => {
    const values = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 500 }), (ttfb, error) => {
        const levels = ttfb.map((ms, i) => level((i + 1) * 10, { timings: { ttfb: timing(ms, error) } }));
        const found = held(subject(levels));
        for (const { held: low, at, crossed } of found.crossings) {
          if (low === null) assert.equal(at, null);
          else assert.ok(low <= at! && at! <= crossed, `${low} ${at} ${crossed}`);
          assert.ok((found.maximum ?? 0) < crossed);
        }
        assert.ok((found.conservative ?? 0) <= (found.maximum ?? 0));
      }),
    );
  });
});
