import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { livePlanOf, pause, piecesToFollow, resume, setLevel } from '../../src/load/live-plan.ts';
import { LevelLog, type LevelMoment, levelAt, maxLevels, type PlannedLevel } from '../../src/run/levels.ts';
import { piecesOf } from '../../src/shapes/list.ts';

const hold = (level: number, stage = 0): PlannedLevel => ({ stage, shape: 'hold', from: level, to: level });

/** One number is counted; a level keeps how much it rose. */
function logOf(max: number, first: PlannedLevel): { log: LevelLog<number>; at: (s: number) => LevelMoment } {
  const at = (s: number) => ({
    at: s * 1000,
    values: Float64Array.of(s * s),
    windows: s,
    unreliable: Math.floor(s / 2),
  });
  return { log: new LevelLog('closed', max, (from, to) => to[0]! - from[0]!, first, at(0)), at };
}

describe('levels of a plan', () => {
  it('are its steps, ramps and sines', () => {
    const pieces = piecesOf([
      { shape: 'steps', levels: [10, 20], durationMs: 2000 },
      { shape: 'ramp', from: 20, to: 40, durationMs: 1000 },
      { shape: 'sine', min: 10, max: 30, periodMs: 500, durationMs: 1000 },
    ]);
    assert.deepEqual(
      [0, 1000, 2500, 3500, 9000].map((ms) => levelAt(pieces, ms)),
      [
        hold(10),
        hold(20),
        { stage: 1, shape: 'ramp', from: 20, to: 40 },
        { stage: 2, shape: 'sine', from: 20, to: 20 },
        { stage: 2, shape: 'sine', from: 20, to: 20 },
      ],
    );
  });

  it('follow what is changed on the way: a pause, and another level', () => {
    let livePlan = livePlanOf([{ shape: 'hold', level: 10, durationMs: 10_000 }]);
    livePlan = pause(livePlan, 1000);
    assert.equal(levelAt(piecesToFollow(livePlan), 1500).shape, 'pause');
    livePlan = resume(livePlan, 3000);
    assert.deepEqual(levelAt(piecesToFollow(livePlan), 3500), hold(10));
    livePlan = setLevel(livePlan, 4000, 25);
    assert.deepEqual(levelAt(piecesToFollow(livePlan), 4500), hold(25));
  });
});

describe('log of levels', () => {
  it('cuts what is counted where the level changes, so that all levels add up to the run', () => {
    const { log, at } = logOf(100, hold(10));
    log.follow(hold(10), () => at(1));
    log.follow(hold(20), () => at(2));
    log.follow(hold(20, 1), () => at(5));
    const levels = log.finish(at(7));
    assert.deepEqual(
      levels.map((l) => [l.stage, l.to, l.fromAt, l.toAt, l.counted, l.merged, l.windows, l.unreliable]),
      [
        [0, 10, 0, 2000, 4, 0, 2, 1],
        [0, 20, 2000, 5000, 21, 0, 3, 1],
        [1, 20, 5000, 7000, 24, 0, 2, 1],
      ],
    );
  });

  it('counts a window of lag where its middle lies, so that levels of 40 s have eight windows of 5 s', () => {
    // Windows end at 5.9 s, 10.8 s, …: the first one of the second level began in the first.
    const moment = (s: number, windows: number) => ({
      at: s * 1000,
      values: Float64Array.of(s),
      windows,
      unreliable: windows,
    });
    const log = new LevelLog<number>('closed', 10, () => 0, hold(50), moment(0, 0));
    let windows = 0;
    for (let s = 1; s <= 125; s++) {
      const isEnd = s % 5 === 1 && s > 1;
      log.follow(hold(s < 40 ? 50 : s < 80 ? 100 : 150), () => moment(s, windows));
      if (isEnd) log.windowsAt(moment(s, ++windows));
    }
    const levels = log.finish(moment(125, ++windows));
    assert.deepEqual(
      levels.map((l) => [l.windows, l.unreliable]),
      [
        [8, 8],
        [8, 8],
        [9, 9],
      ],
    );
  });

  it('has what a level counted before its drain, once', () => {
    const { log, at } = logOf(100, hold(10));
    log.follow(hold(20), () => at(2));
    log.endLoad({ ...at(5), gapMs: 1000 });
    log.endLoad(at(6));
    const levels = log.finish(at(9));
    assert.deepEqual(
      levels.map((l) => [l.counted, l.loaded]),
      [
        [4, undefined],
        [77, { toAt: 5000, durationMs: 2000, counted: 21 }],
      ],
    );
  });

  it('counts a window that spans a whole level in that one', () => {
    const at = (s: number, windows: number) => ({
      at: s * 1000,
      values: Float64Array.of(s),
      windows,
      unreliable: 0,
    });
    const log = new LevelLog<number>('closed', 10, () => 0, hold(1), at(0, 0));
    log.follow(hold(2), () => at(2, 0));
    log.follow(hold(3), () => at(3, 0));
    log.windowsAt(at(5, 1));
    assert.deepEqual(
      log.finish(at(9, 2)).map((l) => l.windows),
      [0, 1, 1],
    );
  });

  it('has no drain in a level that begins with it, as the pause of a sequence', () => {
    const { log, at } = logOf(100, hold(10));
    log.follow({ stage: 0, shape: 'pause', from: 0, to: 0 }, () => at(2));
    log.endLoad(at(2));
    assert.deepEqual(
      log.finish(at(9)).map((l) => l.loaded),
      [undefined, undefined],
    );
  });

  it('keeps a bounded number; the last holds all further ones', () => {
    const { log, at } = logOf(3, hold(1));
    for (let n = 2; n <= 10; n++) log.follow(hold(n), () => at(n));
    const levels = log.finish(at(11));
    assert.deepEqual(
      levels.map((l) => [l.counted, l.merged]),
      [
        [4, 0],
        [5, 0],
        [121 - 9, 7],
      ],
    );
  });

  it('leaves out the warm-up', () => {
    const { log, at } = logOf(10, hold(1));
    log.pass(hold(2));
    log.restart(hold(2), at(3));
    assert.deepEqual(
      log.finish(at(5)).map((l) => [l.to, l.fromAt, l.counted]),
      [[2, 3000, 16]],
    );
  });

  it('of many targets are fewer: the memory is bounded by both', () => {
    assert.deepEqual(
      [1, 10, 50, 5000].map((n) => maxLevels(n)),
      [100, 100, 20, 1],
    );
    // In a sequence each level is of one target.
    assert.deepEqual(
      [2, 10, 50].map((n) => maxLevels(n, true)),
      [200, 1000, 1000],
    );
  });
});
