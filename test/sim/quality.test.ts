import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ledger, type StreamRecord } from '../../src/sim/ledger.ts';
import { isWithin, tpotMs } from '../../src/sim/quality.ts';

function recordOf(overrides: Partial<StreamRecord>): StreamRecord {
  return {
    ...new Ledger().open(),
    outcome: 'complete',
    ttftMs: 100,
    contentMs: 90,
    contentChunks: 10,
    maxGapMs: 30,
    durationMs: 200,
    ...overrides,
  };
}

describe('quality by what was sent', () => {
  it('TPOT is over the reported tokens less one, else over the content chunks less one', () => {
    assert.equal(tpotMs(recordOf({})), 10);
    assert.equal(tpotMs(recordOf({ outputTokens: 46 })), 2);
    assert.equal(tpotMs(recordOf({ outputTokens: 2 })), 90);
  });

  it('TPOT is null for fewer than two content chunks or tokens', () => {
    assert.equal(tpotMs(recordOf({ contentChunks: 1, contentMs: 0 })), null);
    assert.equal(tpotMs(recordOf({ contentChunks: 1, contentMs: 0, outputTokens: 40 })), null);
    assert.equal(tpotMs(recordOf({ outputTokens: 1 })), null);
    assert.equal(tpotMs(recordOf({ outputTokens: 0 })), null);
  });

  it('a success is within limits that it just meets, and outside of any that it passes', () => {
    const met = { ttftMs: 100, maxGapMs: 30, tpotMs: 10, durationMs: 200 };
    assert.ok(isWithin(recordOf({}), met));
    assert.ok(isWithin(recordOf({ outcome: 'limited' }), met));
    for (const [limit, ms] of Object.entries(met))
      assert.ok(!isWithin(recordOf({}), { ...met, [limit]: ms - 0.25 }), limit);
  });

  it('a stream that failed, or is still open, is within nothing', () => {
    for (const outcome of ['truncated', 'stalled', 'cancelled', null] as const)
      assert.ok(!isWithin(recordOf({ outcome }), { ttftMs: 1e6 }));
  });

  it('an answer without content meets limits of gap and TPOT, and none of TTFT', () => {
    const empty = recordOf({ ttftMs: null, contentMs: 0, contentChunks: 0, maxGapMs: 0 });
    assert.ok(isWithin(empty, { maxGapMs: 1, tpotMs: 1, durationMs: 200 }));
    assert.ok(!isWithin(empty, { ttftMs: 1e6 }));
  });
});
