import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectsOf, unheldLevels } from '../../src/analysis/subjects.ts';
import { heldLevels } from '../../src/compare/levels.ts';
import { inTurns } from '../../src/core/sequence.ts';
import { bottlenecksOf } from '../../src/report/bottlenecks.ts';
import { checkedRun } from '../../src/report/checks.ts';
import { levelsCrossed } from '../../src/report/levels-crossed.ts';
import { verdictReason } from '../../src/report/reason.ts';
import { summaryText } from '../../src/report/text.ts';
import { levelsText } from '../../src/report/what-went-wrong.ts';
import type { LevelSummary } from '../../src/schema/level-summary.ts';
import type { LoadDelivered, Summary } from '../../src/schema/summary.ts';
import { summaryOf } from '../../support/report/samples.ts';

const STAGES = inTurns(
  [10, 40].map((level) => ({ shape: 'hold', level, durationMs: 60_000 }) as const),
  ['a', 'b'],
  30_000,
);

/** Targets a and b, each at 10 and 40 users; b fails half of its streams at 40 users, and a stream of a outlasts its turn. */
function compared(): Summary {
  const base = summaryOf({}, { started: 100, 'finished:complete': 100 });
  const levels = STAGES.map(({ target, durationMs, ...stage }, i): LevelSummary => {
    const load = stage.shape === 'hold' ? stage.level : 0;
    const failing = target === 'b' && load === 40;
    const { name: _, ...of } = base.targets[0]!;
    const own = { ...of, successRatio: failing ? 0.5 : 1 };
    const late = target === 'b' ? [{ ...of, name: 'a', successRatio: 0 }] : [];
    return {
      ...own,
      targets: [...late, { ...own, name: target! }],
      stage: i,
      target: target!,
      shape: load === 0 ? 'pause' : 'hold',
      users: { from: load, to: load },
      rate: null,
      startedAt: new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(),
      endedAt: new Date(Date.UTC(2026, 0, 1, 0, i) + durationMs).toISOString(),
      lastedMs: durationMs,
      furtherLevels: 0,
      measurementQuality: { windows: 12, unreliable: 0 },
    };
  });
  return {
    ...base,
    setup: { ...base.setup, stages: STAGES, sequence: { pauseMs: 30_000 }, warmUpMs: 5000 },
    levels,
  };
}

describe('the summary of a sequence', () => {
  const summary = compared();

  it('gives each target its own levels, at the full load', () => {
    assert.deepEqual(
      subjectsOf(summary).map(({ name, sharedBy, levels }) => [name, sharedBy, levels.map((l) => l.load)]),
      [
        ['a', 1, [10, 40]],
        ['b', 1, [10, 40]],
      ],
    );
    assert.deepEqual(
      ['a', 'b'].map((name) => heldLevels(summary, name).map(({ index, load }) => [index, load])),
      [
        [
          [0, 10],
          [1, 40],
        ],
        [
          [3, 10],
          [4, 40],
        ],
      ],
    );
    assert.deepEqual(unheldLevels(summary), []);
  });

  it('says at which levels of its turn a limit was crossed, by no stream that outlasted another turn', () => {
    const limit = { threshold: 'success-rate', crossedWhen: '<', limit: 0.99 } as const;
    const crossed = ['a', 'b'].map((target) => levelsCrossed({ ...limit, target }, summary.levels));
    assert.deepEqual(crossed, [[], [4]]);
    const threshold = { target: 'b', crossedAtLevels: [4] } as unknown as Summary['thresholds'][number];
    assert.equal(
      levelsText(threshold, summary),
      `; held up to 10 users, crossed from 40 users on (level from ${summary.levels[4]!.startedAt.slice(11, 19)})`,
    );
  });

  it('is shown by target and load', () => {
    const text = summaryText(summary);
    assert.match(
      text,
      /10 users for 1m, then 40 users for 1m, for 2 targets one after another with pauses\s+of 30s/,
    );
    assert.match(text, /the\s+first\s+5s\s+of\s+each\s+left\s+out/);
    const rows = text
      .split('\n')
      .filter((line) => /^ {2}[ab] +\d+ /.test(line) && !/^ {2}[ab] +100 /.test(line));
    assert.deepEqual(
      rows.map((line) => line.slice(0, 20).trim().split(/ +/)),
      [
        ['a', '10'],
        ['a', '40'],
        ['b', '10'],
        ['b', '40'],
      ],
    );
    // The table of levels and targets would be half empty.
    assert.doesNotMatch(text, /TTFB p95, success and average open streams/);
    assert.ok(checkedRun(summary).facts.some((line) => line.startsWith('level: 40 users on b from ')));
  });

  it('does not say of a target that it held all users: they were its own', () => {
    const load: LoadDelivered = {
      ratio: 1,
      required: 0.95,
      perTarget: [
        { target: 'a', ratio: 1, started: null, due: null, userMs: 900_000 },
        { target: 'b', ratio: 1, started: null, due: null, userMs: 100_000 },
      ],
    };
    const scenario = {
      model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } },
      targets: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 1 },
      ],
    } as const;
    const streams = { levels: [], targets: [] };
    assert.deepEqual(bottlenecksOf([], load, { ...scenario, sequence: { pauseMs: 0 } }, streams), []);
    assert.deepEqual(
      bottlenecksOf([], load, scenario, streams).map(({ kind, target }) => [kind, target]),
      [['held', 'a']],
    );
  });

  it('names a target whose turn did not come as the reason', () => {
    const perTarget = ['a', 'b'].map((target) => {
      return { target, ratio: target === 'a' ? 1 : null, started: null, due: null, userMs: 0 };
    });
    const load: LoadDelivered = { ratio: 1, required: 0.95, perTarget };
    const decided = { verdict: 'inconclusive', endReason: 'budget_spent', loadDelivered: load } as const;
    assert.equal(
      verdictReason({ ...decided, thresholds: [], notLoaded: ['b'] }),
      'b had no load: the run ended before its turn',
    );
    assert.match(
      summaryText({ ...summary, ...decided, endReason: 'budget_spent', loadDelivered: load }),
      /- b had no load: the run ended before its turn/,
    );
  });
});
