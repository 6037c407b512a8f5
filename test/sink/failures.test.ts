import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTCOMES, type Outcome } from '../../src/core/outcome.ts';
import type { Run } from '../../src/core/run.ts';
import type { OmittedFailures, StreamResult } from '../../src/core/stream-result.ts';
import { FailureLog } from '../../src/sink/failure-log.ts';
import { FailureStore } from '../../src/sink/failure-store.ts';

const START = 1_800_000_000_123;
const RUN = { id: 'run' } as Run;

type Facts = Partial<StreamResult> & { readonly stream?: string; readonly count?: number };

function failed(outcome: Outcome, overrides: Partial<StreamResult> = {}): StreamResult {
  return {
    id: 'run-1-2',
    target: 'a',
    outcome,
    startedAt: START + 0.75,
    lagMs: 0.123456,
    durationMs: 31.987654,
    chunks: 0,
    bytes: 0,
    ...overrides,
  };
}

/** Failed streams that a worker only counted. */
const more = (outcome: Outcome, count: number, atMs = 0): OmittedFailures => ({
  target: 'a',
  outcome,
  count,
  firstAt: START + atMs,
  lastAt: START + atMs + 500,
});

function logging() {
  const lines: { facts: Facts; text: string }[] = [];
  let nowMs = 0;
  const sink = new FailureLog({ warn: (facts, text) => lines.push({ facts, text }) }, () => nowMs);
  const log = {
    add: (results: readonly StreamResult[], omitted: readonly OmittedFailures[]) =>
      sink.results(RUN, results, omitted),
    flush: () => sink.stop(),
  };
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
    log.add([failed('http_error', { status: 503, detail: 'status 503', ttfbMs: 12.3456 })], []);
    assert.deepEqual(lines, [
      {
        text: 'stream failed',
        facts: {
          run: 'run',
          stream: 'run-1-2',
          target: 'a',
          outcome: 'http_error',
          startedAt: new Date(1_800_000_000_124).toISOString(),
          lagMs: 0.12,
          durationMs: 31.99,
          chunks: 0,
          bytes: 0,
          status: 503,
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
        [more('connect_error', 90)],
      );
      pass(100);
    }
    log.flush();
    assert.equal(told(), 100_000);
    // Five streams in the first ten seconds, then one a minute; and a line for what each window left out.
    assert.deepEqual(
      lines.map(({ facts }) => facts.count ?? 1),
      [1, 1, 1, 1, 1, 9995, 1, 59_999, 1, 29_999],
    );
  });

  it('is bounded also when everything fails in every way at once', () => {
    const { log, lines, told } = logging();
    const targets = Array.from({ length: 50 }, (_, i) => `t${i}`);
    for (let i = 0; i < 100_000; i++) {
      log.add([failed(OUTCOMES[i % OUTCOMES.length]!, { target: targets[i % 50]! })], []);
    }
    log.flush();
    assert.equal(told(), 100_000);
    assert.ok(lines.length <= 50 * OUTCOMES.length * 6, `${lines.length} lines`);
  });

  it('describes each kind by itself: a flood of one hides no other', () => {
    const { log, lines } = logging();
    for (let i = 0; i < 1000; i++) log.add([failed('connect_error')], []);
    log.add([failed('truncated'), failed('connect_error', { target: 'b' })], []);
    assert.deepEqual(
      lines.slice(5).map(({ facts }) => [facts.target, facts.outcome]),
      [
        ['a', 'truncated'],
        ['b', 'connect_error'],
      ],
    );
  });

  it('says what was left out when the window is over, with target, outcome and range', () => {
    const { log, lines, pass } = logging();
    for (let i = 0; i < 8; i++) log.add([failed('reset', { startedAt: START + 1000 * i })], []);
    assert.equal(lines.length, 5);
    log.add([], [more('reset', 40, 9000)]);
    pass(10_000);
    log.add([], []);
    assert.deepEqual(lines.slice(5), [
      {
        text: 'more streams failed',
        facts: {
          run: 'run',
          target: 'a',
          outcome: 'reset',
          count: 43,
          firstAt: new Date(START + 5000 + 32).toISOString(),
          lastAt: new Date(START + 9500).toISOString(),
        },
      },
    ]);
  });

  it('describes five failures again after ten quiet seconds, not sooner', () => {
    const { log, lines, pass } = logging();
    const fail = (): number => {
      const before = lines.length;
      for (let i = 0; i < 8; i++) log.add([failed('reset')], []);
      return lines.slice(before).filter(({ facts }) => facts.count === undefined).length;
    };
    assert.equal(fail(), 5);
    pass(19_000);
    assert.equal(fail(), 1);
    pass(60_000 + 10_000);
    assert.equal(fail(), 5);
  });

  it('describes one failure again where the ten seconds after a period bring one, however long the pause before', () => {
    const { log, lines, pass } = logging();
    for (let i = 0; i < 8; i++) log.add([failed('reset')], []);
    pass(19_000);
    log.add([failed('reset')], []);
    // The period of a minute has 59 s without a failure in it, and the next ten seconds count from its end.
    pass(69_000);
    const before = lines.length;
    for (let i = 0; i < 8; i++) log.add([failed('reset')], []);
    assert.equal(lines.slice(before).filter(({ facts }) => facts.count === undefined).length, 1);
  });

  it('describes the first failure after a quiet time, whatever was left out before', () => {
    const { log, lines, pass } = logging();
    for (let i = 0; i < 8; i++) log.add([failed('reset')], []);
    pass(3_600_000);
    log.add([failed('reset', { id: 'an hour later' })], []);
    assert.deepEqual(
      lines.slice(5).map(({ facts }) => facts.count ?? facts.stream),
      [3, 'an hour later'],
    );
  });

  it('says at the end what is still to be said, once', () => {
    const { log, lines } = logging();
    for (let i = 0; i < 7; i++) log.add([failed('reset')], [more('truncated', 2)]);
    log.flush();
    log.flush();
    assert.deepEqual(
      lines.slice(5).map(({ facts }) => [facts.target, facts.outcome, facts.count]),
      [
        ['a', 'reset', 2],
        ['a', 'truncated', 14],
      ],
    );
  });

  it('says nothing when nothing failed', () => {
    const { log, lines, pass } = logging();
    log.add([], []);
    pass(60_000);
    log.flush();
    assert.deepEqual(lines, []);
  });
});

describe('latest failed streams', () => {
  it('are after a restart those of both processes, at most 20 of a kind', () => {
    const store = new FailureStore();
    const at = (n: number, overrides: Partial<StreamResult> = {}) =>
      failed('reset', { id: `run-${n}`, startedAt: START + n, ...overrides });
    const numbers = (query: { readonly target?: string } = {}) =>
      store.list({ ...query, limit: 100 }).map(({ startedAt }) => startedAt - START);
    store.results(RUN, [at(30), at(31)]);
    // The history has the newest first.
    store.restore([
      at(25),
      at(24),
      ...Array.from({ length: 18 }, (_, n) => at(20 - n)),
      at(1, { target: 'b' }),
    ]);
    assert.deepEqual(numbers({ target: 'a' }).slice(0, 6), [31, 30, 25, 24, 20, 19]);
    assert.equal(numbers({ target: 'a' }).length, 20);
    assert.deepEqual(numbers({ target: 'b' }), [1]);
    store.results(RUN, [at(32)]);
    assert.deepEqual(numbers({ target: 'a' }).slice(0, 2), [32, 31]);
    assert.equal(numbers({ target: 'a' }).length, 20);
  });
});
