import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planSearch, type SearchFlags } from '../../src/capacity/search-plan.ts';

import { closed, open } from '../../support/load/samples.ts';
import { configOf, target } from '../../support/run/samples.ts';

const CONFIG = configOf([target('a', { thresholds: [{ id: 'success-rate', limit: 0.9, abort: true }] })], {
  thresholds: [{ id: 'ttfb-p95', abort: true }],
  limits: { maxUsers: 500, maxRate: 100, maxDurationMs: 1_800_000 },
  workers: 'auto',
});
const CLOSED = closed({ targets: [{ name: 'a', weight: 1 }], warmUpMs: 5000 });
const OPEN = open(50, { targets: [{ name: 'a', weight: 1 }] });

const plan = (flags: SearchFlags = {}, scenario = CLOSED) => planSearch(CONFIG, scenario, flags);

describe('the plan of a search', () => {
  it('holds one level for the longest time of the search, which is at most limits.maxDuration', () => {
    const { config, maxTimeMs, search } = plan({ from: 20 });
    const { stages, warmUpMs } = config.scenarios[CLOSED.name]!;
    assert.equal(maxTimeMs, 1_800_000);
    assert.equal(
      stages.reduce((sum, s) => sum + s.durationMs, 0),
      maxTimeMs,
    );
    assert.deepEqual(stages.at(-1), { shape: 'hold', level: 20, durationMs: 1_795_000 });
    assert.equal(warmUpMs, 0);
    assert.deepEqual([search.from, search.most, search.whole], [20, 500, true]);
  });

  it('ends at no threshold, since the search crosses them on purpose', () => {
    const { config } = plan();
    const all = [...config.thresholds, ...config.targets[0]!.thresholds];
    assert.deepEqual(all, [{ id: 'ttfb-p95' }, { id: 'success-rate', limit: 0.9 }]);
  });

  it('begins at the highest level of the scenario, as far as the limits allow', () => {
    const stages = [{ shape: 'ramp', from: 0, to: 900, durationMs: 1000 }] as const;
    assert.equal(plan({}, { ...CLOSED, stages }).search.from, 500);
  });

  it('refuses a sequence, whose targets share no load', () => {
    assert.throws(() => plan({}, { ...CLOSED, sequence: { pauseMs: 0 } }), /found a sequence of 1 targets/);
  });

  it('searches over rates in the open model', () => {
    const { search, context } = plan({ from: 0.5, most: 20.5 }, OPEN);
    assert.deepEqual([search.from, search.most, search.whole, context.model], [0.5, 20.5, false, 'open']);
  });

  const mistakes: readonly [what: string, flags: SearchFlags, message: RegExp][] = [
    [
      'more users than the limit',
      { most: 501 },
      /^--max-users: found 501, expected at most 500 \(limits\.maxUsers\); /,
    ],
    [
      'a start above the largest load',
      { from: 9, most: 8 },
      /^--from: found 9, expected at most 8, the largest load/,
    ],
    ['a part of a user', { from: 2.5 }, /^--from: found 2\.5, expected a whole number of users/],
    [
      'more time than the limit',
      { maxTimeMs: 3_600_000 },
      /^--max-time: found 1h, expected at most 30m \(limits\.max/,
    ],
    [
      'less time than a step',
      { maxTimeMs: 5000 },
      /^--max-time: found 5s, expected at least the time of one step, 20s/,
    ],
  ];
  for (const [what, flags, message] of mistakes)
    it(`refuses ${what}`, () => assert.throws(() => plan(flags), { message }));

  it('refuses a scenario without a threshold that decides', () => {
    const off = THRESHOLD_IDS.map((id) => ({ id, limit: 'off' }) as const);
    const config = { ...CONFIG, thresholds: off, targets: [target('a')] };
    assert.throws(() => planSearch(config, CLOSED, {}), {
      message: /found no threshold that decides a verdict/,
    });
  });
});

const THRESHOLD_IDS = ['success-rate', 'ttfb-p95', 'ttfb-p50', 'ttfb-mean', 'duration-mean'];
