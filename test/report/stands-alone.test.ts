/** What a reader of one output alone has to find: which target held, up to what load, since when not, why, and how sure. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heldLoadOf } from '../../src/analysis/held-load.ts';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Verdict } from '../../src/core/run.ts';
import { checkedRun } from '../../src/report/checks.ts';
import { annotationsOfRun } from '../../src/report/github.ts';
import { jobSummary } from '../../src/report/job-summary.ts';
import { junitOfRun } from '../../src/report/junit.ts';
import { standingOf } from '../../src/report/standing.ts';
import { summaryText } from '../../src/report/text.ts';
import { thresholdSummary } from '../../src/report/threshold-summary.ts';
import type { LevelSummary } from '../../src/schema/level-summary.ts';
import type { TargetSummary } from '../../src/schema/streams-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { readReport } from '../../support/junit.ts';
import { QUALITY, summaryOf, UNDECIDED } from '../../support/report/samples.ts';

const START = Date.UTC(2026, 10, 30, 13, 51, 43);
const LOADS = [50, 100, 150];
const at = (s: number): string => new Date(START + s * 1000).toISOString();

interface Kind {
  readonly ttfbMs: number;
  /** At each level. */
  readonly success: readonly number[];
  readonly open: readonly number[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  slow: { ttfbMs: 4000, success: [1, 1, 1], open: [26, 51, 77] },
  dead: { ttfbMs: 0, success: [0, 0, 0], open: [0, 0, 0] },
  flapping: { ttfbMs: 150, success: [1, 0.69, 0.54], open: [4, 6, 10] },
  'good-a': { ttfbMs: 150, success: [1, 1, 1], open: [5, 9, 13] },
  'good-b': { ttfbMs: 150, success: [1, 1, 1], open: [5, 10, 13] },
};

function targetOf(base: TargetSummary, name: string, level: number): TargetSummary {
  const { ttfbMs, success, open } = KINDS[name]!;
  const timed = { ...base.ttfbMs, count: ttfbMs === 0 ? 0 : 100 };
  const stats = ttfbMs === 0 ? null : ttfbMs;
  return {
    ...base,
    name,
    successRatio: success[level]!,
    streams: { ...base.streams, openMean: open[level]! },
    ttfbMs: { ...timed, mean: stats, p50: stats, p95: stats, p99: stats, max: stats },
  };
}

function verdictOf(threshold: string, target: string, observed: number): Verdict {
  const isTime = threshold !== 'success-rate';
  const [limit, op] = isTime ? ([2500, '>'] as const) : ([0.99, '<'] as const);
  const crossed = isTime ? observed > limit : observed < limit;
  const result = crossed ? 'fail' : 'pass';
  return {
    threshold,
    target,
    result,
    observed,
    limit,
    unit: isTime ? 'ms' : 'ratio',
    op,
    count: 300,
    required: 1,
    crossed: [],
  };
}

/** A run of five targets and three levels, as a person would read it. */
function fiveTargets(more: Partial<Summary> = {}): Summary {
  const base = summaryOf({ verdict: 'fail' });
  const [one] = base.targets;
  const names = Object.keys(KINDS);
  const levels = LOADS.map((load, i): LevelSummary => {
    const { name: _, ...of } = one!;
    return {
      ...of,
      stage: 0,
      target: null,
      shape: 'hold',
      users: { from: load, to: load },
      rate: null,
      startedAt: at(40 * i),
      endedAt: at(40 * (i + 1) + (i === 2 ? 5 : 0)),
      lastedMs: i === 2 ? 45_000 : 40_000,
      furtherLevels: 0,
      measurementQuality: { windows: i === 2 ? 9 : 8, unreliable: i === 2 ? 2 : 0 },
      targets: names.map((name) => targetOf(one!, name, i)),
    };
  });
  const mean = (name: string): number => KINDS[name]!.success.reduce((sum, s) => sum + s, 0) / 3;
  const verdicts = names.flatMap((name) => [
    verdictOf('success-rate', name, mean(name)),
    ...(name === 'dead' ? [] : [verdictOf('ttfb-p95', name, KINDS[name]!.ttfbMs)]),
  ]);
  const thresholds = verdicts.map((verdict) => thresholdSummary(verdict, levels));
  const perTarget = names.map((target) => ({
    target,
    ratio: null,
    started: null,
    due: null,
    userMs: 2_000_000,
  }));
  const loadDelivered = { ratio: 1, required: 0.95, perTarget };
  const decided = { thresholds, levels, loadDelivered };
  const unevaluated = {
    threshold: 'ttfb-p95',
    measure: 'TTFB p95',
    limit: 2500,
    unit: 'ms',
    crossedWhen: '>',
    count: 0,
    required: 1,
  } as const;
  return {
    ...base,
    setup: {
      ...base.setup,
      stages: [{ shape: 'steps', levels: LOADS, durationMs: 120_000 }],
      targets: names.map((name) => ({ ...base.setup.targets[0]!, name })),
    },
    targets: names.map((name) => ({
      ...targetOf(one!, name, 2),
      ...UNDECIDED,
      ...standingOf(name, decided),
      notEvaluated: name === 'dead' ? [unevaluated] : [],
    })),
    ...decided,
    ...more,
  };
}

const oneLine = (summary: Summary): string => summaryText(summary).replaceAll(/\s+/g, ' ');

describe('a result that stands alone', () => {
  const summary = fiveTargets();

  it('JSON has the verdict of each target, its reason, the largest load that it held and since when it did not', () => {
    assert.deepEqual(
      summary.targets.map((t) => [
        t.name,
        t.verdict,
        t.heldUpTo?.users ?? null,
        t.notHeldFrom?.users ?? null,
        t.notHeldFrom?.startedAt ?? null,
      ]),
      [
        ['slow', 'fail', null, 50, at(0)],
        ['dead', 'fail', null, 50, at(0)],
        ['flapping', 'fail', 50, 100, at(40)],
        ['good-a', 'pass', 150, null, null],
        ['good-b', 'pass', 150, null, null],
      ],
    );
    assert.equal(summary.targets[0]!.verdictReason, 'TTFB p95 4s > 2.5s on slow');
    assert.equal(summary.targets[3]!.verdictReason, 'all 2 limits hold');
  });

  it('held loads are those of the report', () => {
    for (const subject of subjectsOf(summary)) {
      const held = heldLoadOf(subject);
      const { heldUpTo } = summary.targets.find((t) => t.name === subject.name)!;
      assert.equal('reason' in held ? null : held.maximum, heldUpTo?.users ?? null, subject.name);
    }
  });

  it('is not known where too little load was delivered, and the reason is there', () => {
    const { thresholds, levels, loadDelivered } = summary;
    const little = { thresholds, levels, loadDelivered: { ...loadDelivered, ratio: 0.5 } };
    const { heldUpTo, heldUnknown } = standingOf('good-a', little);
    assert.equal(heldUpTo, null);
    assert.match(heldUnknown!, /^only 50 % of the planned load was delivered/);
    assert.match(
      oneLine({ ...summary, ...little }),
      /All limits held on good-a, good-b, but only 50 % of the planned load was delivered, so the levels had less/,
    );
  });

  it('thresholds have the load and the time of the first crossed level and of the last held one', () => {
    const of = (target: string, threshold: string) =>
      summary.thresholds.find((t) => t.target === target && t.threshold === threshold)!;
    const flapping = of('flapping', 'success-rate');
    assert.deepEqual(flapping.heldUpTo, { level: 0, users: 50, rate: null, startedAt: at(0) });
    assert.deepEqual(flapping.crossedFrom, { level: 1, users: 100, rate: null, startedAt: at(40) });
    assert.deepEqual(
      [of('slow', 'ttfb-p95').heldUpTo, of('slow', 'ttfb-p95').crossedFrom?.users],
      [null, 50],
    );
    assert.deepEqual(
      [of('good-a', 'ttfb-p95').heldUpTo?.users, of('good-a', 'ttfb-p95').crossedFrom],
      [150, null],
    );
  });

  it('an alert that would have fired counts in the level in which it began, where no level crosses as a whole', () => {
    const verdict: Verdict = {
      ...verdictOf('ttfb-p95', 'good-a', 150),
      result: 'fail',
      crossed: [{ fromAt: START + 50_000, toAt: START + 60_000, worst: 0.3 }],
    };
    const { heldUpTo, crossedFrom, crossedAtLevels } = thresholdSummary(verdict, summary.levels);
    assert.deepEqual([heldUpTo?.users, crossedFrom?.users, crossedAtLevels], [50, 100, []]);
  });

  it('text names the loads, the times and the limits', () => {
    const text = oneLine(summary);
    for (const part of [
      'All limits held on good-a, good-b at 150 users over all targets, the highest constant load of the run (on average 13 and 13 streams open). slow and dead: no load held; limits were crossed from 50 users upwards (a level that began at 13:51:43 UTC). flapping: all limits held up to 50 users, and were crossed from 100 users upwards (a level that began at 13:52:23 UTC).',
      'The last level lasted 45s with its drain.',
      'Limits: success rate at least 99 % and TTFB p95 at most 2.5s; not evaluated for want of data: TTFB p95 on dead.'.replace(
        ' and TTFB',
        ', TTFB',
      ),
      '- TTFB p95 4s > 2.5s on slow; at every level, of which the first began at 13:51:43',
      'on flapping; held up to 50 users, crossed from 100 users on (level from 13:52:23)',
      'TTFB p95, success and average open streams of each target',
    ])
      assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
  });

  it('limits that differ are there for each target', () => {
    const thresholds = summary.thresholds.map((t) =>
      t.target === 'slow' && t.threshold === 'ttfb-p95' ? { ...t, limit: 5000 } : t,
    );
    assert.match(
      oneLine({ ...summary, thresholds }),
      /TTFB p95 at most 2\.5s; on slow: TTFB p95 at most 5s;/,
    );
  });

  it('JUnit has the same in properties and texts, observed values of passed cases, and what was not evaluated', async () => {
    const suites = await readReport(junitOfRun(checkedRun(summary), { version: '1', host: 'h' }));
    const suite = (name: string) => suites.find((s) => s.name === name)!;
    const { properties, cases, output } = suite('flapping');
    assert.equal(properties['soakd.verdict'], 'fail');
    assert.match(properties['soakd.verdict-reason']!, /^success rate 74\.33 % < 99 % on flapping$/);
    assert.deepEqual(
      ['held-up-to', 'not-held-from', 'not-held-from-started'].map((key) => properties[`soakd.${key}`]),
      ['50 users', '100 users', at(40)],
    );
    assert.match(output, /^fail: success rate/);
    assert.match(
      cases[0]!.text,
      new RegExp(`held up to: 50 users\ncrossed from: 100 users, a level that began at ${at(40)}`),
    );
    assert.deepEqual([cases[1]!.result, cases[1]!.output], ['pass', 'observed: 150ms (300 observations)']);
    assert.equal(suite('good-a').properties['soakd.held-up-to'], '150 users');
    assert.deepEqual(
      suite('dead').cases.map(({ name, result, message }) => [name, result, message.slice(0, 36)]),
      [
        ['success rate at least 99 %', 'failure', 'success rate 0 % < 99 % on dead; at '],
        ['TTFB p95 at most 2.5s', 'skipped', 'not evaluated: nothing was observed'],
      ],
    );
    assert.match(suites[0]!.output, /level: 150 users from .*, 45s with its drain/);
  });

  it('Markdown and annotations have the same, and count no skipped limit as passed or failed', () => {
    const run = checkedRun(summary);
    const markdown = jobSummary(run, '1');
    assert.match(markdown, /\| flapping \| fail \| 50 users \| 100 users, 13&#58;52&#58;23 UTC \|/);
    assert.match(markdown, /\| good&#45;a \| pass \| 150 users \| – \|/);
    assert.match(markdown, /1 default limit was not evaluated for want of data\./);
    assert.match(markdown, /3 of 11 checks did not pass:/);
    assert.match(
      annotationsOfRun(run),
      /held up to 50 users, crossed from 100 users on \(level from 13:52:23\)/,
    );
    assert.doesNotMatch(annotationsOfRun(run), /not evaluated/);
  });
});

describe('what is said of failures, users and windows', () => {
  const failure = (target: string, outcome: Outcome, count: number, from: number, to: number) => ({
    target,
    outcome,
    count,
    firstAt: at(from),
    lastAt: at(to),
    examples: [],
  });
  const outage = (from: number, to: number, outcomes: Partial<Record<Outcome, number>>) => ({
    target: 'flapping',
    from: at(from),
    to: at(to),
    servedAgainAt: at(to + 1),
    lastedMs: (to - from) * 1000,
    outcomes,
  });
  const base = fiveTargets();
  const withFlapping = (more: Partial<Summary['targets'][number]>): Summary['targets'] =>
    base.targets.map((t) => (t.name === 'flapping' ? { ...t, ...more } : t));
  const streams = {
    ...base.targets[0]!.streams,
    results: { success: 859, failed: 416, cancelled: 0, lost: 0 },
  };

  it('failures outside outages say what, when and why they are no outage', () => {
    const availability = { upMs: 110_000, downMs: 11_000, unknownMs: 3000, ratio: 0.9 };
    const failures = [
      failure('flapping', 'http_error', 129, 47, 60),
      failure('flapping', 'reset', 287, 83, 104),
    ];
    const one = {
      outages: [outage(49, 60, { http_error: 110 })],
      failures,
      targets: withFlapping({ streams, availability }),
    };
    assert.ok(
      oneLine({ ...base, ...one }).includes(
        'outside its outage, flapping failed 306 of 1,165 streams (73.73 % success): 287 reset from 13:53:06 to 13:53:27, 19 http_error; it still delivered content then, so it does not count as down',
      ),
    );
    const two = [outage(49, 60, { http_error: 110 }), outage(90, 95, { reset: 1 })];
    const downMs = 30_000;
    assert.match(
      oneLine({
        ...base,
        ...one,
        outages: two,
        targets: withFlapping({ streams, availability: { ...availability, downMs } }),
      }),
      /outside its outages, flapping failed 305 .* it delivered nothing for less than three seconds in a row, or/,
    );
  });

  it('a back-off has its share of the time of the users, and what follows for whom', () => {
    assert.ok(
      oneLine({ ...base, targets: withFlapping({ backoffMs: 1_000_000 }) }).includes(
        'users spent 10 % of their time backing off after failures on flapping (16m40s of 2h47m, summed over all users); such a user holds no stream on any target, so all targets got fewer streams',
      ),
    );
  });

  it('the quality says only what applies, when the worst was, what follows from a busy machine, and the drain', () => {
    const ttfbMs = { ...base.ttfbMs, measurementErrorMs: { p50: 1, p99: 8.2, count: 24_037 } };
    const quality = { ...QUALITY, windows: 25, unreliable: 2, worstLagMs: 115, worstLagAt: at(100) };
    const machine = { ...base.setup.machine, cpuCores: 1, loadAverage: 8 };
    const targets = base.setup.targets.map((t) => ({ ...t, url: 'http://127.0.0.1:1/' }));
    const of = (causes: Partial<typeof QUALITY.causes>): string =>
      oneLine({
        ...base,
        ttfbMs,
        setup: { ...base.setup, machine, targets },
        measurementQuality: { ...quality, causes: { ...QUALITY.causes, ...causes } },
      });
    assert.ok(
      of({ lag: 2 }).includes(
        '2 of 25 windows of 5 s were unreliable (50 users: 0 of 8, 100 users: 0 of 8, 150 users: 2 of 9 in 45s with its drain): the p99 of the lag was above 25ms, at worst 115ms at 13:53:23 UTC. The load average was 8.0 on 1 CPU, and the targets run on the same machine as soakd: timings include waits for its CPU. No threshold became inconclusive: the lag could not change any result.',
      ),
      of({ lag: 2 }),
    );
    assert.match(of({ samples: 2 }), /9 in 45s with its drain\): soakd had too few samples of its lag\. /);
    assert.match(
      of({ lag: 1, freeze: 1 }),
      /: in 1 the p99 of the lag was above 25ms, .* UTC, in 1 soakd was frozen\. /,
    );
  });
});
