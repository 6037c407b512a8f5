import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTCOMES, type Outcome } from '../../src/core/outcome.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import { FailureLog } from '../../src/sink/failure-log.ts';

type Facts = Partial<StreamResult> & { readonly count?: number };

function failed(outcome: Outcome, overrides: Partial<StreamResult> = {}): StreamResult {
  return {
    id: 'run-1-2',
    target: 'a',
    outcome,
    startedAt: 1_800_000_000_123.75,
    lagMs: 0.123456,
    durationMs: 31.987654,
    chunks: 0,
    bytes: 0,
    ...overrides,
  };
}

function logging() {
  const lines: { facts: Facts; text: string }[] = [];
  let nowMs = 0;
  const log = new FailureLog({ warn: (facts, text) => lines.push({ facts, text }) }, () => nowMs);
  return {
    log,
    lines,
    pass(ms: number): void {
      nowMs += ms;
    },
    /** Failures that a line tells of, one by one or as a number. */
    told: (): number => lines.reduce((sum, { facts }) => sum + (facts.count ?? 1), 0),
  };
}

describe('failure log', () => {
  it('writes a failed stream as one line with target, outcome and rounded timings', () => {
    const { log, lines } = logging();
    log.add([failed('http_error', { status: 503, detail: 'status 503', ttfbMs: 12.3456 })], 0);
    assert.deepEqual(lines, [
      {
        text: 'stream failed: http_error',
        facts: {
          id: 'run-1-2',
          target: 'a',
          outcome: 'http_error',
          startedAt: 1_800_000_000_124,
          lagMs: 0.12,
          durationMs: 31.99,
          chunks: 0,
          bytes: 0,
          status: 503,
          detail: 'status 503',
          ttfbMs: 12.35,
        },
      },
    ]);
  });

  it('makes a bounded number of lines of 100,000 failures, and counts all that it leaves out', () => {
    const { log, lines, pass, told } = logging();
    // A dead target for 100 s: ten messages a second, in which a worker described 10 of 100.
    for (let message = 0; message < 1000; message++) {
      log.add(
        Array.from({ length: 10 }, () => failed('connect_error')),
        90,
      );
      pass(100);
    }
    log.flush();
    assert.equal(told(), 100_000);
    // In each of ten windows: five streams, and two lines about those left out.
    assert.ok(lines.length <= 10 * 7, `${lines.length} lines`);
    assert.ok(lines.filter((l) => l.facts.count === undefined).length >= 50);
  });

  it('is bounded also when everything fails in every way at once', () => {
    const { log, lines, told } = logging();
    const targets = Array.from({ length: 50 }, (_, i) => `t${i}`);
    for (let i = 0; i < 100_000; i++) {
      log.add([failed(OUTCOMES[i % OUTCOMES.length]!, { target: targets[i % 50]! })], 0);
    }
    log.flush();
    assert.equal(told(), 100_000);
    assert.ok(lines.length <= 50 * OUTCOMES.length * 6, `${lines.length} lines`);
  });

  it('describes each kind by itself: a flood of one hides no other', () => {
    const { log, lines } = logging();
    for (let i = 0; i < 1000; i++) log.add([failed('connect_error')], 0);
    log.add([failed('truncated'), failed('connect_error', { target: 'b' })], 0);
    assert.deepEqual(
      lines.slice(5).map(({ facts }) => [facts.target, facts.outcome]),
      [
        ['a', 'truncated'],
        ['b', 'connect_error'],
      ],
    );
  });

  it('says what was left out when the window is over, with target and outcome', () => {
    const { log, lines, pass } = logging();
    for (let i = 0; i < 8; i++) log.add([failed('reset')], 0);
    assert.equal(lines.length, 5);
    pass(10_000);
    log.add([], 0);
    assert.deepEqual(lines.slice(5), [
      {
        text: 'more streams failed, not logged one by one',
        facts: { target: 'a', outcome: 'reset', count: 3 },
      },
    ]);
  });

  it('describes the first failure after a quiet time, whatever was left out before', () => {
    const { log, lines, pass } = logging();
    for (let i = 0; i < 8; i++) log.add([failed('reset')], 0);
    pass(3_600_000);
    log.add([failed('reset', { id: 'an hour later' })], 0);
    assert.deepEqual(
      lines.slice(5).map(({ facts }) => facts.count ?? facts.id),
      [3, 'an hour later'],
    );
  });

  it('says at the end what is still to be said, once', () => {
    const { log, lines } = logging();
    for (let i = 0; i < 7; i++) log.add([failed('reset')], 2);
    log.flush();
    log.flush();
    const rest = lines.slice(5).map(({ facts }) => facts);
    assert.equal(rest.length, 2);
    assert.deepEqual(
      rest.find((f) => f.target === 'a'),
      { target: 'a', outcome: 'reset', count: 2 },
    );
    assert.deepEqual(
      rest.find((f) => f.target === undefined),
      { count: 14 },
    );
  });

  it('says nothing when nothing failed', () => {
    const { log, lines, pass } = logging();
    log.add([], 0);
    pass(60_000);
    log.flush();
    assert.deepEqual(lines, []);
  });
});
