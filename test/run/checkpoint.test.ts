import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamView } from '../../src/catalog/slots.ts';
import type { Run } from '../../src/core/run.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import { DriftWatch } from '../../src/drift/watch.ts';
import { livePlanOf } from '../../src/load/live-plan.ts';
import { type CheckpointInput, checkpointParts, restoreCheckpoint } from '../../src/run/checkpoint.ts';
import { closeRun } from '../../src/run/close-run.ts';
import { LevelLog, type LevelMoment, type PlannedLevel } from '../../src/run/levels.ts';
import { LagWatch } from '../../src/run/measurement-quality/lag-watch.ts';
import { RunRecord } from '../../src/run/run-record.ts';
import { setupOf } from '../../src/run/setup.ts';
import type { KeptPoll } from '../../src/thresholds/history.ts';
import { ThresholdWatch } from '../../src/thresholds/watch.ts';
import { observe } from '../../support/core/observe.ts';
import { closed } from '../../support/load/samples.ts';
import { configOf, target } from '../../support/run/samples.ts';

const CONFIG = configOf([target('a', { thresholds: [{ id: 'concurrency-hard', limit: 5 }] }), target('b')]);
const SETUP = setupOf(CONFIG);
const { layout: LAYOUT } = SETUP;
const SCENARIO: Scenario = closed({
  name: 'soak',
  targets: [{ name: 'a', weight: 1 }],
  stages: [{ shape: 'hold', level: 2, durationMs: 60_000 }],
});
const RUNNING = { state: 'running' } as Run;
const hold = (to: number, stage = 0): PlannedLevel => ({ stage, shape: 'hold', from: to, to });

/** Evaluates thresholds second by second; keeps polls as a history does. */
class Watched {
  readonly polls = new Map<string, KeptPoll>();
  watch = new ThresholdWatch(CONFIG, () => this.at);
  /** Monotonic time of the process, ms, and calendar time. */
  ms = 0;
  at = 0;
  readonly values = new Float64Array(LAYOUT.size);

  pass(seconds: number, active: number): this {
    for (let i = 0; i < seconds; i++) {
      this.ms += 1000;
      this.at += 1000;
      this.values[LAYOUT.slots[0]!.cell['active:streaming']] = active;
      this.values[LAYOUT.slots[0]!.cell['finished:complete']]! += 1;
      const view = new StreamView(LAYOUT, this.values.slice());
      this.watch.add({ run: RUNNING, atMs: this.ms, observed: view, least: view, greatest: view });
      for (const poll of this.watch.latestPolls) this.polls.set(`${poll.level}-${poll.n}`, poll);
    }
    return this;
  }

  /** Another process continues it, whose monotonic clock is another one. */
  kill(downMs: number): this {
    const state = structuredClone(this.watch.state(this.ms));
    const next = new ThresholdWatch(CONFIG, () => this.at);
    const startMs = 5_000_000;
    next.restore(state, structuredClone([...this.polls.values()]), startMs - state.atMs - downMs);
    this.watch = next;
    this.ms = startMs;
    this.at += downMs;
    return this;
  }

  get state() {
    const found = this.watch
      .states()
      .find(({ threshold, target: of }) => threshold.id === 'concurrency-hard' && of === 'a')!;
    return { state: found.state, observed: found.observed, crossings: found.crossings };
  }
}

describe('state of a run', () => {
  it('continues a threshold that was about to be crossed, and one that was', () => {
    const whole = new Watched().pass(40, 7).pass(3, 7).pass(30, 7);
    const killed = new Watched().pass(40, 7).kill(3000);
    assert.deepEqual(killed.state.state, 'ok', 'not crossed for as long as it requires');
    killed.pass(30, 7);
    assert.equal(whole.state.state, 'crossed');
    assert.deepEqual(killed.state.crossings, whole.state.crossings);
    killed.kill(1000);
    assert.equal(killed.state.state, 'crossed', 'before the next evaluation');
    killed.pass(80, 1);
    assert.equal(killed.state.state, 'ok');
    assert.equal(killed.state.crossings.length, 1);
    assert.ok(killed.state.crossings[0]!.toAt! > 60_000);
  });

  it('has no polls of before a restart of the windows, such as the end of a warm-up', () => {
    const watched = new Watched().pass(30, 9);
    watched.watch.restart(['a']);
    watched.pass(20, 1);
    const before = watched.state.observed;
    watched.kill(1000);
    assert.deepEqual([before, watched.state.observed], [1, 1]);
  });

  it('keeps levels without the gap in their duration', () => {
    const at = (s: number, gapMs = 0): LevelMoment => ({
      at: s * 1000,
      gapMs,
      values: Float64Array.of(s),
      windows: 0,
      unreliable: 0,
    });
    const log = (begin: LevelMoment) =>
      new LevelLog<number>('closed', 10, (_from, _to, durationMs) => durationMs, hold(1), begin);
    const first = log(at(0));
    first.follow(hold(2), () => at(10));
    const [ended, current] = structuredClone([first.ended, first.current] as const);
    const second = log(at(99));
    second.restore(ended, current, at(20, 5000));
    second.follow(hold(3), () => at(25, 5000));
    const levels = second.finish(at(30, 5000));
    assert.deepEqual(
      levels.map(({ fromAt, toAt, counted }) => [fromAt, toAt, counted]),
      [
        [0, 10_000, 10_000],
        [10_000, 25_000, 10_000],
        [25_000, 30_000, 5000],
      ],
    );
  });

  it('keeps windows of lag, and by how much they move the timings', () => {
    const moment = (atMs: number, values: Float64Array, threads = 1) => ({
      atMs,
      layout: LAYOUT,
      values: values.slice(),
      threads,
      deaths: 0,
    });
    const values = new Float64Array(LAYOUT.size);
    const window = (lagMs: number): void => {
      observe(values, LAYOUT.shared['measurementLag:lean'], lagMs, 500);
      observe(values, LAYOUT.slots[0]!.histogram.ttfb, 100, 5);
    };
    const whole = new LagWatch(25, ['lean'], moment(0, values));
    const first = new LagWatch(25, ['lean'], moment(0, values));
    for (const [i, lagMs] of [1, 40].entries()) {
      window(lagMs);
      for (const watch of [whole, first]) watch.close(moment((i + 1) * 5000, values));
    }
    const second = new LagWatch(25, ['lean'], moment(10_000, values));
    second.restore(structuredClone(first.state));
    window(60);
    for (const watch of [whole, second]) watch.close(moment(15_000, values));
    // The clocks of two windows differ.
    assert.deepEqual({ ...second.quality, worstLagAt: '' }, { ...whole.quality, worstLagAt: '' });
    assert.ok(second.quality.worstLagAt !== null);
    assert.deepEqual(second.quality.unreliable, 2);
    assert.deepEqual(second.shifts, whole.shifts);
  });

  it('evaluates the window of lag that was open at the last record, and begins another', () => {
    const values = new Float64Array(LAYOUT.size);
    const moment = (atMs: number) => ({
      atMs,
      layout: LAYOUT,
      values: values.slice(),
      threads: 1,
      deaths: 0,
      frozenMs: 0,
    });
    const first = new LagWatch(25, ['lean'], moment(0));
    observe(values, LAYOUT.shared['measurementLag:lean'], 1, 500);
    first.close(moment(5000));
    const from = values.slice();
    observe(values, LAYOUT.shared['measurementLag:lean'], 60, 200);
    observe(values, LAYOUT.slots[0]!.histogram.ttfb, 100, 5);
    const open = first.openWindow(from, moment(7000));
    assert.deepEqual([open.lastedMs, first.quality.unreliable], [2000, 0]);
    // What the whole process has counted is not what the run has.
    const second = new LagWatch(25, ['lean'], moment(90_000));
    second.restore(structuredClone(first.state));
    second.closeKept(structuredClone(open), values.slice(), 1_700_000_000_000);
    const { windows, unreliable, causes, worstLagAt } = second.quality;
    assert.deepEqual([windows, unreliable, causes.lag, worstLagAt], [2, 1, 1, '2023-11-14T22:13:20.000Z']);
    const { offset } = LAYOUT.slots[0]!.histogram.ttfb;
    assert.ok(second.shifts.greatest[offset]! >= 5 * 60, 'five timings may be longer');
    observe(values, LAYOUT.shared['measurementLag:lean'], 1, 500);
    second.close(moment(95_000));
    assert.deepEqual([second.quality.windows, second.quality.unreliable], [3, 1]);
    // A thread that gave no sample is not reliable.
    const silent = new LagWatch(25, ['lean'], moment(0));
    silent.closeKept({ ...open, from: values.slice() }, values.slice(), 0);
    assert.equal(silent.quality.causes.samples, 1);
  });
});

/** State of a run of 20 s, 10 streams of which 3 are open. */
function input(): CheckpointInput {
  const values = new Float64Array(LAYOUT.size);
  const { cell, histogram } = LAYOUT.slots[0]!;
  values[cell.started] = 10;
  values[cell['finished:complete']] = 7;
  values[cell['active:streaming']] = 3;
  values[cell.upMs] = 20_000;
  observe(values, histogram.ttfb, 120, 10);
  const begin = { atMs: 0, at: 1000, values: new Float64Array(LAYOUT.size), windows: 0, unreliable: 0 };
  const record = new RunRecord(
    { layout: LAYOUT, scenario: SCENARIO, targets: [{ name: 'a', index: 0 }], objectives: [] },
    hold(1),
    begin,
  );
  record.add({ ...begin, atMs: 10_000, at: 11_000, values: values.slice() }, hold(2), [2, 0]);
  const lag = new LagWatch(25, ['lean'], { atMs: 0, layout: LAYOUT, values, threads: 1, deaths: 0 });
  const openLag = lag.openWindow(new Float64Array(LAYOUT.size), { atMs: 3000, deaths: 0, frozenMs: 0 });
  return {
    openLag,
    active: {
      id: 'r-1',
      scenario: SCENARIO,
      startedAt: 1000,
      at: 21_000,
      state: 'running',
      gaps: [],
      elapsedMs: 20_000,
      livePlan: livePlanOf(SCENARIO.stages),
      warmedUp: ['a'],
      learned: [],
      use: { cpuSeconds: 1, rssMaxBytes: 2, workerRestarts: 0 },
    },
    engine: { segments: [{ started: 10, dropped: 0 }], learned: [0, 0], restarts: 0, deaths: 0, lives: 1 },
    watch: new ThresholdWatch(CONFIG).state(20_000),
    lag: lag.state,
    record: record.state,
    values,
    warmUp: undefined,
    polls: [],
    drift: { watch: DRIFT.state, measured: { fromMs: 0, toMs: 20_000 }, turns: [] },
  };
}

const DRIFT = new DriftWatch({
  watched: [{ target: 'a', signals: ['ttfb-p95'] }],
  windowMs: 1000,
  limitOf: () => undefined,
});

function packed(from: CheckpointInput): Map<string, Uint8Array> {
  return new Map(checkpointParts(from).map((part) => [part.key, part.pack()]));
}

describe('parts of a state', () => {
  it('give back what they were made of', () => {
    const from = input();
    const restored = restoreCheckpoint(packed(from), LAYOUT.size, (values) => values);
    assert.deepEqual({ ...restored }, structuredClone({ ...from }));
  });

  it('have the shifts of the warm-up and of earlier runs, if there are any', () => {
    const past = { least: new Float64Array(LAYOUT.size), greatest: new Float64Array(LAYOUT.size) };
    past.least.fill(-3, 100, 110);
    past.greatest.fill(5, 120, 130);
    const parts = packed({ ...input(), pastShifts: past });
    const restored = restoreCheckpoint(parts, LAYOUT.size, (values) => values);
    assert.deepEqual(restored!.pastShifts, past);
    assert.equal('pastShifts' in restoreCheckpoint(packed(input()), LAYOUT.size, (v) => v)!, false);
  });

  it('give nothing where one is missing, damaged or of another version', () => {
    const restore = (parts: Map<string, Uint8Array>) =>
      restoreCheckpoint(parts, LAYOUT.size, (values) => values);
    for (const key of packed(input()).keys()) {
      const parts = packed(input());
      parts.delete(key);
      // Not `equal`: the difference of two states is megabytes of text.
      assert.ok(restore(parts) === undefined, `without ${key}`);
    }
    const damaged = packed(input());
    damaged.set('state', damaged.get('state')!.slice(0, 40));
    assert.ok(restore(damaged) === undefined);
  });
});

describe('a run that nobody continues', () => {
  it('ends as aborted with its last record; what was open is lost', () => {
    const state = restoreCheckpoint(packed(input()), LAYOUT.size, (values) => values)!;
    const result = closeRun({ ...state, events: [] }, SETUP);
    const { run, measured, levels } = result;
    assert.deepEqual(
      [run.state, run.verdict, run.reason, run.endedAt, run.gaps],
      ['finished', 'aborted', 'process_died', 21_000, []],
    );
    const view = new StreamView(LAYOUT, measured);
    assert.deepEqual(view.results(0), { success: 7, failed: 0, cancelled: 0, lost: 3 });
    assert.equal(view.allActive(), 0);
    assert.equal(levels.length, 2);
    // Hours later, too: the last level ends with the last record.
    assert.deepEqual([levels[1]!.toAt, levels[1]!.loaded], [21_000, undefined]);
    assert.equal(result.measuredMs, 20_000);
    // The window of lag that was open has no sample.
    assert.deepEqual([result.quality.windows, result.quality.causes.samples], [1, 1]);
  });
});
