import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRuns } from '../../src/compare/compare.ts';
import type { ComparedRun } from '../../src/compare/run.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { BEGAN, type MadeRun, madeRun } from '../../support/compare/made-run.ts';

const WINDOWS = 40;
const made = (seed: number, options: Partial<MadeRun> = {}): ComparedRun =>
  madeRun({ seed, windows: WINDOWS, ...options });
const setup = (run: ComparedRun, changes: Partial<Summary['setup']>): ComparedRun => ({
  ...run,
  summary: { ...run.summary, setup: { ...run.summary.setup, ...changes } },
});

describe('a comparison', () => {
  it('names a longer TTFB as a regression, and as an improvement the other way round', () => {
    const [a, b] = [made(1), made(2, { targets: [{ name: 'a', ttfb: 1.5 }] })];
    const worse = compareRuns(a, b);
    assert.equal(worse.verdict, 'regression');
    assert.ok(worse.values.slice(0, worse.counts.regressions).every(({ result }) => result === 'regression'));
    const p50 = worse.values.find(({ name }) => name === 'TTFB p50')!;
    assert.ok(p50.difference > 150 && p50.interval[0] > 100 && p50.interval[1] < 300, JSON.stringify(p50));
    const better = compareRuns(b, a);
    assert.deepEqual([better.verdict, better.counts.regressions], ['no-regression', 0]);
    assert.ok(better.values.some(({ name, result }) => name === 'TTFB p50' && result === 'improvement'));
  });

  it('is the same for the same runs and seed', () => {
    const [a, b] = [made(1), made(2)];
    assert.deepEqual(compareRuns(a, b), compareRuns(a, b));
  });

  it('a run does not differ from itself', () => {
    const { verdict, counts, configuration, values } = compareRuns(made(1), made(1));
    assert.deepEqual([verdict, counts.regressions, counts.improvements], ['no-regression', 0, 0]);
    assert.deepEqual(configuration, []);
    assert.ok(values.every(({ difference, p }) => difference === 0 && p === 1));
  });

  it('names a lower success rate', () => {
    const { values } = compareRuns(made(1), made(2, { targets: [{ name: 'a', failures: 0.05 }] }));
    assert.equal(values[0]!.name, 'success rate');
    assert.equal(values[0]!.result, 'regression');
  });

  it('names a success rate that falls from 100 %', () => {
    const { values } = compareRuns(
      made(1, { targets: [{ name: 'a', failures: 0 }] }),
      made(2, { targets: [{ name: 'a', failures: 0.05 }] }),
    );
    assert.ok(values.some(({ name, result }) => name === 'success rate' && result === 'regression'));
  });

  it('does not name a difference below the floor', () => {
    const b = made(2, { targets: [{ name: 'a', ttfb: 1.02 }], sigma: 0.001 });
    const { values } = compareRuns(made(1, { sigma: 0.001 }), b);
    const mean = values.find(({ name }) => name === 'mean TTFB')!;
    assert.ok(mean.floor >= 0.03 * mean.a);
    assert.equal(mean.result, 'unchanged');
  });

  it('does not name a difference within the lag of the generator', () => {
    const b = made(2, { targets: [{ name: 'a', ttfb: 1.02 }], sigma: 0.001, lagMs: 18 });
    const { values } = compareRuns(made(1, { sigma: 0.001 }), b);
    const floorOf = (of: string): number => values.find(({ name }) => name === of)!.floor;
    assert.ok(Math.abs(floorOf('mean TTFB') - 18) < 0.5, String(floorOf('mean TTFB')));
    assert.ok(floorOf('TTFB p95') > 22, String(floorOf('TTFB p95')));
    assert.ok(values.every(({ result }) => result === 'unchanged'));
  });

  it('weights loads alike where one run held them for other times', () => {
    const [low, high] = [20, 40];
    const loads = (of: readonly [number, number]) => [
      { users: low, windows: of[0] },
      { users: high, windows: of[1] },
    ];
    const a = made(1, { windows: 80, loads: loads([50, 30]) });
    const b = made(2, { windows: 80, loads: loads([30, 50]) });
    const { values } = compareRuns(a, b);
    const rate = values.find(({ name }) => name === 'successes/s')!;
    // Unweighted, the second run would be a sixth higher.
    assert.ok(Math.abs(rate.difference) < 0.05 * rate.a, JSON.stringify(rate));
  });

  it('leaves out ramps, gaps, the start of a level and the drain', () => {
    const run = made(1);
    const windowsOf = (of: ComparedRun): number => compareRuns(of, made(2)).a.windows;
    assert.equal(windowsOf(run), WINDOWS - 2);
    const gap = { fromAt: BEGAN + 95_000, toAt: BEGAN + 115_000 };
    assert.equal(windowsOf({ ...run, recording: { ...run.recording!, gaps: [gap] } }), WINDOWS - 5);
    const half = new Date(BEGAN + (WINDOWS / 2) * 10_000).toISOString();
    const [level] = run.summary.levels;
    const ramp = { ...level!, shape: 'ramp' as const, endedAt: half };
    const levels = [ramp, { ...level!, stage: 1, startedAt: half }];
    assert.equal(windowsOf({ ...run, summary: { ...run.summary, levels } }), WINDOWS / 2 - 2);
  });

  it('says what it leaves out, and is inconclusive where a target is not compared', () => {
    const targets = [{ name: 'a' }, { name: 'b' }];
    const [a, b] = [made(1, { targets }), made(2, { targets })];
    const other = setup(b, {
      targets: b.summary.setup.targets.map((t) => ({ ...t, weight: t.name === 'a' ? 1 : 0 })),
    });
    const levels = other.summary.levels.map((l) => ({ ...l, users: { from: 20, to: 20 } }));
    const comparison = compareRuns(a, { ...other, summary: { ...other.summary, levels } });
    assert.equal(comparison.verdict, 'inconclusive');
    assert.match(comparison.notes.join('\n'), /b has 0 and 0 windows at a load that both runs held/);
    assert.deepEqual([...new Set(comparison.values.map(({ target }) => target))], ['a']);
  });

  it('does not compare a percentile of few streams, and says so', () => {
    const { notCompared } = compareRuns(made(1, { users: 4 }), made(2, { users: 4 }));
    const p99 = notCompared.find(({ name }) => name === 'TTFB p99')!;
    assert.match(p99.reason, /observations, expected at least 2000/);
    assert.ok(p99.a! > 0 && p99.b! > 0);
  });

  it('lists differences of configuration, and a hash where nothing else shows', () => {
    const a = made(1);
    const [target] = a.summary.setup.targets;
    const b = setup(made(2), {
      targets: [{ ...target!, url: 'http://127.0.0.1:9000/' }],
      soakd: { ...a.summary.setup.soakd, version: '0.3.0' },
      machine: { ...a.summary.setup.machine, cpuCores: 4, loadAverage: 3 },
    });
    assert.deepEqual(compareRuns(a, b).configuration, [
      { key: 'soakd.version', a: '0.2.0', b: '0.3.0' },
      { key: 'machine.cpuCores', a: '2', b: '4' },
      { key: 'targets.a.url', a: 'http://127.0.0.1:8000/', b: 'http://127.0.0.1:9000/' },
    ]);
    const hashed = setup(made(2), { configurationHash: 'f'.repeat(64) });
    assert.deepEqual(
      compareRuns(a, hashed).configuration.map(({ key }) => key),
      ['configurationHash'],
    );
  });
});

describe('a comparison is refused', () => {
  const a = made(1);
  const stepped = (users: number): ComparedRun => made(2, { loads: [{ users, windows: WINDOWS }] });
  const ramped = {
    ...a,
    summary: { ...a.summary, levels: a.summary.levels.map((l) => ({ ...l, shape: 'ramp' as const })) },
  };
  const cases: readonly [what: string, b: ComparedRun, reason: string, text: RegExp][] = [
    [
      'without a common target',
      made(2, { targets: [{ name: 'z' }] }),
      'no-common-target',
      /run-1 has a; run-2 has z/,
    ],
    [
      'for another model',
      setup(made(2), { model: { kind: 'open', arrivals: 'poisson', maxUsers: 100 } }),
      'different-model',
      /closed, think time fixed value 0; open, poisson arrivals/,
    ],
    [
      'for another think time',
      setup(made(2), { model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 500 } } }),
      'different-model',
      /value 500/,
    ],
    ['at another load', stepped(30), 'no-common-level', /on a 20 users; 30 users/],
    ['for ramps alone', ramped, 'no-common-level', /20 users; no constant load/],
    [
      'for too few windows',
      made(2, { windows: 9 }),
      'too-few-windows',
      /a has 38 and 7 windows.*at least 12/,
    ],
    [
      'for unreliable timings',
      made(2, { lagMs: 400 }),
      'unreliable-measurement',
      /39 of 39 windows of run run-2/,
    ],
  ];
  for (const [what, b, reason, text] of cases)
    it(what, () => {
      const { verdict, refused, values } = compareRuns(a, b);
      assert.deepEqual([verdict, refused?.reason, values.length], ['refused', reason, 0]);
      assert.match(refused!.text, text);
    });
});
