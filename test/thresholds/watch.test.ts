import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import type { Run } from '../../src/core/run.ts';
import type { TargetThreshold } from '../../src/core/target.ts';
import { addShift, boundsOf, noShifts, UNKNOWN_LAG_MS } from '../../src/run/measurement-quality/lag-watch.ts';
import { History } from '../../src/thresholds/history.ts';
import { ThresholdWatch } from '../../src/thresholds/watch.ts';
import { observe } from '../../support/core/observe.ts';
import { configOf, target } from '../../support/run/samples.ts';

const LAYOUT = streamLayout(['a', 'b'], { ttfb: [1200, 2500] });
const RUNNING = { state: 'running' } as Run;

/** What one second brings. */
interface Second {
  readonly ok?: number;
  readonly failed?: number;
  readonly ttfbMs?: number;
  readonly durationMs?: number;
  readonly active?: number;
  readonly stalled?: number;
  /** Whether the generator was late in it. */
  readonly unreliable?: boolean;
}

/** A watch, fed with seconds that a test makes up. */
class Story {
  readonly values = new Float64Array(LAYOUT.size);
  readonly shifts = noShifts(LAYOUT.size);
  readonly watch: ThresholdWatch;
  seconds = 0;
  run: Run | undefined = RUNNING;

  constructor(own: readonly TargetThreshold[] = []) {
    const config = configOf([target('a', { thresholds: own }), target('b')]);
    this.watch = new ThresholdWatch(config, () => this.seconds * 1000);
  }

  pass(seconds: number, second: Second | ((n: number) => Second), t = 0): this {
    for (let i = 0; i < seconds; i++) {
      const {
        ok = 0,
        failed = 0,
        ttfbMs,
        durationMs,
        active,
        stalled,
        unreliable = false,
      } = typeof second === 'function' ? second(this.seconds) : second;
      const { cell, histogram } = LAYOUT.slots[t]!;
      this.values[cell['finished:complete']]! += ok;
      this.values[cell['finished:http_error']]! += failed;
      const marked = new Float64Array(LAYOUT.size);
      for (const values of unreliable ? [this.values, marked] : [this.values]) {
        if (ttfbMs !== undefined) for (let n = 0; n < ok; n++) observe(values, histogram.ttfb, ttfbMs);
      }
      addShift(this.shifts.least, new StreamView(LAYOUT, marked), -UNKNOWN_LAG_MS);
      addShift(this.shifts.greatest, new StreamView(LAYOUT, marked), UNKNOWN_LAG_MS);
      if (durationMs !== undefined) {
        for (let n = 0; n < ok; n++) observe(this.values, histogram['duration:success'], durationMs);
      }
      this.values[cell['buffered:whole']]! += ok;
      this.values[cell['active:streaming']] = active ?? 0;
      this.values[cell.stalled] = stalled ?? 0;
      this.seconds++;
      this.watch.add({
        run: this.run,
        atMs: this.seconds * 1000,
        ...boundsOf(LAYOUT, this.values, this.shifts),
      });
    }
    return this;
  }

  state(id: string, name = 'a'): string {
    return this.watch.states().find((s) => s.threshold.id === id && s.target === name)!.state;
  }

  status(id: string, name = 'a') {
    return this.watch.states().find((s) => s.threshold.id === id && s.target === name)!;
  }
}

const GOOD: Second = { ok: 5, ttfbMs: 1100, durationMs: 30_000, active: 200 };
const MINUTE = 60;

describe('thresholds, live', () => {
  it('are all well where all is well, and those of a target without streams have no data', () => {
    const story = new Story().pass(10 * MINUTE, GOOD);
    for (const { threshold, target: name, state } of story.watch.states()) {
      const concurrency = threshold.metric === 'active';
      const expected = name === 'a' || concurrency ? 'ok' : 'no-data';
      // Windows of hours want more streams than ten minutes bring.
      if (threshold.minCount <= 200) assert.equal(state, expected, `${threshold.id} of ${name}`);
    }
  });

  it('of a target of a sequence are ok before and after its turn, and its crossing ends with it', () => {
    const story = new Story();
    story.run = { state: 'running', turn: 'a' } as Run;
    story.pass(6 * MINUTE, { ...GOOD, failed: 1 });
    assert.equal(story.state('success-rate'), 'crossed');
    for (const { target: name, state } of story.watch.states()) if (name === 'b') assert.equal(state, 'ok');
    story.run = { state: 'running', turn: 'b' } as Run;
    story.pass(20 * MINUTE, GOOD, 1);
    for (const { state, threshold, target: name } of story.watch.states())
      assert.equal(state, 'ok', `${threshold.id} of ${name}`);
    const [crossing, ...more] = story.status('success-rate').crossings;
    assert.deepEqual(more, []);
    assert.ok(crossing!.toAt! <= 7 * MINUTE * 1000 + 5000, `${crossing!.toAt}`);
  });

  it('of a target of a sequence do not fire by what was in its last minutes, once its turn is over', () => {
    const story = new Story();
    story.run = { state: 'running', turn: 'a' } as Run;
    story.pass(6 * MINUTE, GOOD).pass(3 * MINUTE, { ...GOOD, failed: 5 });
    assert.equal(story.status('success-rate').crossings.length, 0);
    story.run = { state: 'running', turn: 'b' } as Run;
    story.pass(10 * MINUTE, GOOD, 1);
    assert.equal(story.status('success-rate').crossings.length, 0);
  });

  it('keep the crossings of earlier turns when the warm-up of a turn ends', () => {
    const story = new Story();
    story.run = { state: 'running', turn: 'a' } as Run;
    story.pass(6 * MINUTE, { ...GOOD, failed: 1 });
    story.run = { state: 'running', turn: 'b' } as Run;
    story.pass(MINUTE, { ...GOOD, failed: 4 }, 1);
    story.watch.restart(['b']);
    story.pass(10 * MINUTE, GOOD, 1);
    assert.equal(story.status('success-rate').crossings.length, 1);
    assert.ok(story.status('success-rate').crossings[0]!.toAt !== undefined);
    assert.equal(story.status('success-rate', 'b').crossings.length, 0);
    assert.equal(story.state('success-rate', 'b'), 'ok');
  });

  it('are ok while nothing has ever run', () => {
    const states = new Story().watch.states();
    assert.ok(states.length > 20 && states.every((s) => s.state === 'ok'));
  });

  const CASES: readonly (readonly [what: string, id: string, second: Second, afterS: number])[] = [
    // 5 min of waiting time; the window is over the limit as soon as its volume is reached or the share is.
    ['success below 99 %', 'success-rate', { ...GOOD, failed: 1 }, 5 * MINUTE],
    ['success below 95 %', 'success-rate-critical', { ...GOOD, failed: 1 }, 2 * MINUTE],
    ['TTFB of all streams', 'ttfb-p95', { ...GOOD, ttfbMs: 2600 }, 5 * MINUTE],
    ['TTFB of all streams, half', 'ttfb-p50', { ...GOOD, ttfbMs: 2600 }, 5 * MINUTE],
    ['mean TTFB', 'ttfb-mean', { ...GOOD, ttfbMs: 2600 }, 10 * MINUTE],
    ['durations', 'duration-mean', { ...GOOD, durationMs: 41_000 }, 10 * MINUTE],
    ['durations, by far', 'duration-mean-critical', { ...GOOD, durationMs: 51_000 }, 5 * MINUTE],
    ['stalled streams', 'stalled-share', { ...GOOD, stalled: 3 }, 5 * MINUTE],
    ['many streams', 'concurrency-soft', { ...GOOD, active: 1600 }, 5 * MINUTE],
    ['too many streams', 'concurrency-hard', { ...GOOD, active: 2500 }, MINUTE],
    ['an outage', 'budget-burn-1h', { failed: 5 }, 2 * MINUTE],
  ];
  for (const [what, id, second, afterS] of CASES) {
    it(`${what}: ${id} is crossed after its waiting time, and not before`, () => {
      const story = new Story();
      const { threshold } = story.status(id);
      assert.equal(threshold.forMs / 1000, afterS);
      let since: number | undefined;
      for (let s = 0; s < 40 * MINUTE && story.state(id) !== 'crossed'; s++) {
        story.pass(1, second);
        const { observed, limit } = story.status(id);
        const share = threshold.statistic === 'p95' ? 0.05 : threshold.statistic === 'p50' ? 0.5 : limit;
        const over =
          observed !== null &&
          (threshold.op === '<'
            ? observed < share
            : threshold.op === '>'
              ? observed > share
              : observed >= share);
        if (over) since ??= story.seconds;
      }
      assert.ok(since !== undefined);
      assert.equal(story.state(id), 'crossed');
      assert.ok(Math.abs(story.seconds - since - afterS) <= 5, `${story.seconds - since} s`);
      assert.notEqual(story.state(id, 'b'), 'crossed');
    });
  }

  it('say when it began, how far it went and when it was over', () => {
    const story = new Story().pass(20 * MINUTE, GOOD);
    story.pass(20 * MINUTE, { ...GOOD, ok: 4, failed: 1 }).pass(30 * MINUTE, GOOD);
    const { crossings, state } = story.status('success-rate');
    assert.equal(state, 'ok');
    assert.equal(crossings.length, 1);
    const [{ fromAt, toAt, worst }] = crossings as [(typeof crossings)[0]];
    // 15 failures in the 1500 streams of the window cross the limit.
    assert.ok(Math.abs(fromAt / 1000 - (20 * MINUTE + 15)) <= 6, `${fromAt / 1000 - 20 * MINUTE}`);
    assert.ok(Math.abs(toAt! / 1000 - (45 * MINUTE - 15)) <= 6, `${toAt! / 1000 - 40 * MINUTE}`);
    assert.ok(Math.abs(worst - 0.8) < 0.001);
  });

  it('go on for as long as the alert does when it is over', () => {
    const story = new Story().pass(20 * MINUTE, GOOD).pass(20 * MINUTE, { failed: 5, active: 200 });
    story.pass(4 * MINUTE + 50, GOOD);
    assert.equal(story.state('success-rate'), 'crossed');
    story.pass(5 * MINUTE, GOOD).pass(5 * MINUTE + 10, GOOD);
    assert.equal(story.state('success-rate'), 'ok');
  });

  it('are not crossed by a moment, nor by few streams', () => {
    const moment = new Story()
      .pass(20 * MINUTE, GOOD)
      .pass(40, { failed: 5 })
      .pass(3 * MINUTE, GOOD);
    assert.equal(moment.state('success-rate'), 'ok', 'it is over before its waiting time is');
    const few = new Story().pass(60 * MINUTE, (n) => ({
      ok: n % 20 === 0 ? 1 : 0,
      failed: n % 60 === 0 ? 1 : 0,
    }));
    assert.equal(few.state('success-rate'), 'no-data');
  });

  it('wait while it is paused for longer than a minute, and say nothing once the run is over', () => {
    const story = new Story().pass(20 * MINUTE, { ...GOOD, ttfbMs: 2600 });
    assert.equal(story.state('ttfb-p95'), 'crossed');
    story.run = { state: 'paused' } as Run;
    story.pass(2 * MINUTE, {});
    assert.notEqual(story.state('ttfb-p95'), 'crossed');
    assert.equal(story.status('ttfb-p95').crossings.length, 1);
    story.watch.end();
    assert.ok(story.watch.states().every((s) => s.state === 'ok'));
    story.watch.begin();
    assert.equal(story.status('ttfb-p95').crossings.length, 0);
  });

  it('are inconclusive where it depends on what the generator saw too late', () => {
    const late = { ...GOOD, ttfbMs: 2600, unreliable: true };
    const story = new Story().pass(20 * MINUTE, GOOD).pass(10 * MINUTE, late);
    assert.equal(story.state('ttfb-p95'), 'inconclusive');
    assert.deepEqual(story.status('ttfb-p95').crossings, []);
    assert.equal(story.state('success-rate'), 'ok');
    // A few seconds of it turn nothing.
    const few = new Story()
      .pass(20 * MINUTE, GOOD)
      .pass(5, late)
      .pass(MINUTE, GOOD);
    assert.equal(few.state('ttfb-p95'), 'ok');
  });

  it('put a crossing on hold while nobody knows', () => {
    const slow = { ...GOOD, ttfbMs: 2600 };
    // More than 5 % of five minutes: crossed until they leave the window, which is not for long enough.
    const story = new Story().pass(20 * MINUTE, GOOD).pass(19, slow);
    story.pass(10 * MINUTE, { ...slow, unreliable: true });
    assert.equal(story.state('ttfb-p95'), 'inconclusive');
    story.pass(MINUTE, slow);
    assert.equal(story.state('ttfb-p95'), 'crossed', 'it goes on where it was');
    const { crossings } = story.status('ttfb-p95');
    assert.ok(crossings[0]!.fromAt < 21 * MINUTE * 1000, `${crossings[0]!.fromAt}`);
  });

  it('have the limits of their target', () => {
    const story = new Story([
      { id: 'ttfb-p95', limit: 1200 },
      { id: 'success-rate', limit: 'off' },
    ]);
    story.pass(20 * MINUTE, { ...GOOD, ttfbMs: 1300, failed: 5 });
    assert.deepEqual([story.status('ttfb-p95').limit, story.state('ttfb-p95')], [1200, 'crossed']);
    assert.equal(story.state('ttfb-p50'), 'ok', 'its twin allows as much as before');
    assert.ok(!story.watch.states().some((s) => s.target === 'a' && s.threshold.id === 'success-rate'));
  });
});

describe('history of looks', () => {
  it('keeps days in few looks, the near past close', () => {
    const history = new History();
    for (let s = 0; s < 4 * 86_400; s += 5)
      history.add({ atMs: s * 1000, rows: [Float64Array.of(s)], activeMax: [0] });
    assert.ok(history.size < 1000, String(history.size));
    const now = history.last!.atMs;
    for (const [windowMs, toleranceMs] of [
      [300_000, 5000],
      [3_600_000, 60_000],
      [6 * 3_600_000, 60_000],
      [72 * 3_600_000, 900_000],
    ] as const) {
      const age = now - history.startOf(windowMs)!.atMs;
      assert.ok(age >= windowMs && age <= windowMs + toleranceMs, `${windowMs}: ${age}`);
    }
  });

  it('begins a window that is longer than the watch with the first look', () => {
    const history = new History();
    assert.equal(history.startOf(1000), undefined);
    for (let s = 0; s < 100; s += 5) history.add({ atMs: s * 1000, rows: [], activeMax: [] });
    assert.equal(history.startOf(3_600_000)!.atMs, 0);
  });
});

describe('a threshold with abort', () => {
  it('is told so by its own target alone, and by those that inherit it', () => {
    const story = new Story([{ id: 'ttfb-p95', abort: true }]);
    assert.deepEqual(
      story.watch
        .states()
        .filter((s) => s.abort)
        .map((s) => [s.threshold.id, s.target, s.limit]),
      [['ttfb-p95', 'a', 2500]],
    );
  });
});
