import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SIMULATED_OUTCOMES } from '../../src/core/simulator.ts';
import { NO_COUNTS } from '../../src/sim/frames.ts';
import { Ledger, type StreamRecord } from '../../src/sim/ledger.ts';
import { balances } from './client.ts';

const FRAME = { ...NO_COUNTS, chunks: 1, contentChunks: 1, bytes: 15, characters: 4 };

describe('ledger', () => {
  it('balances at every moment, and its totals are the sums of its records', () => {
    const step = fc.record({ open: fc.boolean(), which: fc.nat(), frames: fc.nat(3), outcome: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new Ledger();
        const records: StreamRecord[] = [];
        for (const { open, which, frames, outcome } of steps) {
          if (open || records.length === 0) records.push(ledger.open());
          const record = records[which % records.length]!;
          if (record.outcome === null) for (let i = 0; i < frames; i++) ledger.sent(record, FRAME, 1);
          if (!open) ledger.settle(record, SIMULATED_OUTCOMES[outcome % SIMULATED_OUTCOMES.length]!);
          const totals = ledger.totals();
          assert.ok(balances(totals));
          for (const key of ['chunks', 'bytes', 'characters'] as const) {
            assert.equal(
              totals[key],
              records.reduce((sum, r) => sum + r[key], 0),
            );
          }
          const { finished, open: opened } = ledger.recent(1000);
          assert.equal(opened.length, totals.active);
          assert.equal(finished.length, totals.started - totals.active);
        }
      }),
    );
  });

  it('keeps only the last finished streams, and their sums for ever', () => {
    const ledger = new Ledger(10);
    const stays = ledger.open('stays');
    for (let i = 0; i < 25; i++) {
      const record = ledger.open(`s${i}`);
      ledger.sent(record, FRAME, 1);
      ledger.settle(record, 'complete');
    }
    const { finished, open } = ledger.recent(1000);
    assert.deepEqual(
      finished.map((r) => r.id),
      [24, 23, 22, 21, 20, 19, 18, 17, 16, 15].map((i) => `s${i}`),
    );
    assert.deepEqual(open, [stays]);
    assert.equal(ledger.recent(3).finished.length, 3);
    assert.equal(ledger.find('s3').finished.length, 0);
    assert.equal(ledger.find('s20').finished.length, 1);
    assert.equal(ledger.totals().finished.complete, 25);
    assert.equal(ledger.totals().chunks, 25);
  });

  it('holds the times of the content, of its longest gap, and of the first end', () => {
    const ledger = new Ledger();
    const record = ledger.open();
    const times = ({ ttfbMs, ttftMs, contentMs, maxGapMs, durationMs }: StreamRecord) => ({
      ttfbMs,
      ttftMs,
      contentMs,
      maxGapMs,
      durationMs,
    });
    assert.deepEqual(times(record), {
      ttfbMs: null,
      ttftMs: null,
      contentMs: 0,
      maxGapMs: 0,
      durationMs: null,
    });
    const opening = { ...NO_COUNTS, chunks: 1, bytes: 9 };
    ledger.sent(record, opening, 5);
    ledger.sent(record, FRAME, 20);
    assert.deepEqual(times(record), {
      ttfbMs: 5,
      ttftMs: 20,
      contentMs: 0,
      maxGapMs: 0,
      durationMs: null,
    });
    // Two in one write have no time between them; the opening is no content.
    ledger.sent(record, { ...FRAME, contentChunks: 2 }, 60);
    ledger.sent(record, opening, 500);
    ledger.sent(record, FRAME, 65);
    ledger.sent(record, { ...opening, outputTokens: 12 }, 70);
    ledger.sent(record, { ...opening, isTerminal: true }, 80);
    ledger.ended(record, 90);
    assert.deepEqual(times(record), { ttfbMs: 5, ttftMs: 20, contentMs: 45, maxGapMs: 40, durationMs: 80 });
    assert.deepEqual([record.contentChunks, record.outputTokens], [4, 12]);
  });

  it('takes the first outcome of a stream for good', () => {
    const ledger = new Ledger();
    const record = ledger.open();
    ledger.settle(record, 'stalled');
    ledger.settle(record, 'cancelled');
    assert.equal(record.outcome, 'stalled');
    assert.ok(balances(ledger.totals()));
  });

  it('makes an id where there is none, or one too long to keep', () => {
    const ledger = new Ledger();
    assert.equal(ledger.open('mine').id, 'mine');
    assert.equal(ledger.open().id, 'simulated-1');
    assert.equal(ledger.open('x'.repeat(1000)).id, 'simulated-2');
  });
});
