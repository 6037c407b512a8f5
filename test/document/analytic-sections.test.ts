import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectsOf, unheldLevels } from '../../src/analysis/subjects.ts';
import type { Content, ReportInput } from '../../src/document/input.ts';
import { SECTIONS } from '../../src/document/sections/list.ts';
import { inputOf, type MadeLevels, madeRun, madeSummary } from './made-report.ts';

const LOADS = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000];
/** 2500 ms are crossed between 700 and 800. */
const BENT: MadeLevels = {
  loads: LOADS,
  names: ['a'],
  ttfb: (load) => 1000 + load + Math.max(0, load - 500) * 4 + (load % 200 === 0 ? 8 : 0),
};

const made = (id: string, input: ReportInput) => SECTIONS.find((s) => s.id === id)!.make(input);

function content(id: string, input: ReportInput): Content {
  const of = made(id, input);
  assert.ok(!('omitted' in of), `${id}: ${'omitted' in of ? of.omitted : ''}`);
  return of;
}

describe('the subjects of a run', () => {
  it('have the levels that were held, with n and the bound of the error', () => {
    const [subject] = subjectsOf(madeSummary(BENT));
    assert.equal(subject!.levels.length, 10);
    const { load, streams, seconds, timings, bytesPerStream, windows } = subject!.levels[0]!;
    assert.deepEqual([load, streams, seconds, bytesPerStream, windows], [100, 300, 60, 6000, 12]);
    assert.deepEqual([timings.ttfb!.n, timings.ttfb!.mean, timings.ttfb!.errorMs], [300, 1100, 5]);
    assert.equal(timings.gap, null);
    assert.deepEqual(
      subject!.limits.map((l) => [l.threshold, l.severity, l.result]),
      [
        ['ttfb-mean', 'warning', 'fail'],
        ['success-rate-critical', 'critical', 'pass'],
        ['duration-mean-critical', 'critical', 'pass'],
      ],
    );
  });

  it('have the critical limits that the run was configured with', () => {
    const { setup } = madeSummary(BENT);
    const changed = [
      { key: 'thresholds.success-rate-critical', value: 'off', default: null },
      { key: 'targets.a.thresholds.duration-mean-critical', value: 15_000, default: null },
    ];
    const [subject] = subjectsOf(madeSummary({ ...BENT, part: { setup: { ...setup, changed } } }));
    assert.deepEqual(
      subject!.limits.slice(1).map((l) => [l.threshold, l.limit, l.result]),
      [['duration-mean-critical', 15_000, 'fail']],
    );
  });

  it('leave out ramps, sines, pauses and merged levels, and name them', () => {
    const { levels } = madeSummary(BENT);
    const [a, b, c, d] = levels;
    const summary = madeSummary({
      ...BENT,
      part: {
        levels: [
          a!,
          { ...b!, shape: 'ramp', users: { from: 100, to: 300 } },
          { ...c!, shape: 'sine' },
          { ...d!, furtherLevels: 2 },
        ],
      },
    });
    assert.equal(subjectsOf(summary)[0]!.levels.length, 1);
    assert.deepEqual(unheldLevels(summary), [
      'level 1 (100 to 300 users) is a ramp',
      'level 2 (300 to 300 users) is a sine',
      'level 3 (400 to 400 users) holds 2 further levels',
    ]);
  });
});

describe('the analytic sections of a run', () => {
  it('find the bend, the capacity and what gives first', () => {
    const input = inputOf(madeRun(BENT));
    const { blocks, values } = content('scalability', input);
    const [ttfb] = values as [{ bend: { kind: string; at: number; interval: [number, number] } }];
    assert.equal(ttfb.bend.kind, 'bend');
    assert.ok(Math.abs(ttfb.bend.at - 500) < 20, String(ttfb.bend.at));
    const plot = blocks.flatMap((b) => (b.kind === 'plot' ? [b.plot] : []))[0]!;
    assert.deepEqual([plot.bands[0]!.from, plot.bands[0]!.to], ttfb.bend.interval);
    const [held] = content('capacity', input).values as [
      { conservative: number; maximum: number; burst: number },
    ];
    assert.deepEqual([held.conservative, held.maximum], [500, 700]);
  });

  it('put the growth of the wait down to the server only above the measurement error', () => {
    const text = (errorMs: number) =>
      JSON.stringify(content('bottleneck', inputOf(madeRun({ ...BENT, errorMs }))).blocks);
    assert.match(text(5), /"the server"/);
    assert.match(text(5000), /own lag could explain it: not known/);
  });

  it('say where the error decides: neither held nor crossed', () => {
    const input = inputOf(madeRun({ ...BENT, errorMs: 600 }));
    const [held] = content('capacity', input).values as [{ maximum: number; inconclusive: number[] }];
    assert.deepEqual([held.maximum, held.inconclusive], [700, [800]]);
  });

  it('give a row for each of 50 targets, and details of few', () => {
    const names = Array.from({ length: 50 }, (_, i) => `target-${i}`);
    const input = inputOf(madeRun({ ...BENT, names }));
    const started = process.cpuUsage();
    for (const section of SECTIONS) {
      const of = section.make(input);
      if ('omitted' in of) continue;
      const headings = of.blocks.filter((b) => b.kind === 'heading').length;
      assert.ok(headings <= 6, `${section.id}: ${headings} headings`);
      assert.ok(of.blocks.filter((b) => b.kind === 'plot').length <= 8, section.id);
    }
    const { user, system } = process.cpuUsage(started);
    assert.ok(user + system < 3e6, `${(user + system) / 1000} ms of CPU`);
    const [table] = content('capacity', input).blocks;
    assert.ok(table!.kind === 'table' && table!.rows.length === 50);
  });

  it('compare targets, and later runs with the first', () => {
    const a = madeRun({ ...BENT, names: ['a', 'b'] });
    const { values } = content('comparison', inputOf(a, madeRun(BENT, 'r2')));
    const { targets, runs } = values as { targets: { of: string }[]; runs: unknown[] };
    assert.deepEqual(
      targets.map((t) => t.of),
      ['r1: a', 'r1: b', 'r2: a'],
    );
    assert.equal(runs.length, 1);
    assert.ok('omitted' in made('comparison', inputOf(madeRun(BENT))));
  });

  it('show the targets of a sequence by load, each with its own level', () => {
    const { setup, levels } = madeSummary({ ...BENT, loads: [100, 200, 100, 200, 300], names: ['a', 'b'] });
    const inTurn = levels.map((level, i) => {
      const name = i < 2 ? 'a' : 'b';
      return { ...level, target: name, targets: level.targets.filter((t) => t.name === name) };
    });
    const part = { setup: { ...setup, sequence: { pauseMs: 1000 } }, levels: inTurn };
    const { blocks } = content('comparison', inputOf(madeRun({ ...BENT, names: ['a', 'b'], part })));
    const [targets, loads] = blocks.filter((b) => b.kind === 'table');
    assert.match(targets!.caption, /one after another/);
    const cells = loads!.rows.map((row) => row.slice(0, 2).map((c) => (typeof c === 'string' ? c : c.text)));
    // Only b held 300 users.
    assert.deepEqual(cells, [
      ['100 users', 'a'],
      ['100 users', 'b'],
      ['200 users', 'a'],
      ['200 users', 'b'],
    ]);
    const together = content('comparison', inputOf(madeRun({ ...BENT, names: ['a', 'b'] })));
    assert.equal(together.blocks.length, 1);
  });

  it('have risks and steps that follow from the run', () => {
    const text = JSON.stringify(content('risks', inputOf(madeRun(BENT))).blocks);
    for (const part of ['measured', 'one machine generated', 'never fell', 'mean TTFB crosses'])
      assert.ok(text.includes(part), part);
    const spiky = madeRun({ ...BENT, loads: [...LOADS, 100] });
    assert.ok(!JSON.stringify(made('risks', inputOf(spiky))).includes('never fell'));
    const quiet = madeRun({ ...BENT, ttfb: () => 100 });
    assert.match(JSON.stringify(made('risks', inputOf(quiet))), /no limit was crossed up to 1,000 users/);
    assert.match(JSON.stringify(made('next-steps', inputOf(quiet))), /a: raise the load until/);
  });

  it('show the use of a target, and grade it', () => {
    const use = {
      a: [
        {
          level: 9,
          cpuMean: 0.9,
          cpuMax: 1,
          memoryMean: 0.4,
          memoryMax: 0.5,
          receiveBytesPerSecond: 10,
          transmitBytesPerSecond: 2048,
        },
      ],
    };
    const input = inputOf({ ...madeRun(BENT), use });
    assert.match(JSON.stringify(content('secondary-observations', input).blocks), /1,000 users.*90 %.*2 KiB/);
    const [{ grades }] = content('grades', input).values as [
      { grades: { category: string; graded: { grade: string } }[] },
    ];
    assert.equal(grades.find((g) => g.category === 'Resource efficiency')!.graded.grade, 'B');
    const without = made('secondary-observations', inputOf({ ...madeRun(BENT), useReason: 'no series' }));
    assert.match('omitted' in without ? without.omitted : '', /no series/);
  });

  it('withstand names of every kind, and runs without data', () => {
    const names = [
      '<script>alert(1)</script>',
      'x'.repeat(60),
      '\u202Eabc',
      '🦀',
      '__proto__',
      'constructor',
    ];
    const hostile = { ...madeRun({ ...BENT, names }), use: {} };
    const empty = madeRun({ ...BENT, loads: [] });
    const single = madeRun({ ...BENT, loads: [100] });
    for (const run of [hostile, empty, single])
      for (const section of SECTIONS) {
        const of = section.make(inputOf(run));
        if ('omitted' in of) assert.ok(of.omitted.length > 10, section.id);
        else assert.ok(of.blocks.length > 0 && JSON.stringify(of.values).length > 2, section.id);
      }
  });
});

describe('the gaps of a run', () => {
  const text = (actions: readonly ('start' | 'freeze')[]): string => {
    const { run } = madeSummary(BENT);
    const events = actions.map((action) => ({ at: run.startedAt, action, by: 'soakd', detail: action }));
    const part = { run: { ...run, events, gaps: [] } };
    return JSON.stringify(content('events', inputOf(madeRun({ ...BENT, part }))));
  };

  it('are none where one process carried out the run; its freezes are named beside', () => {
    assert.match(text(['start']), /The run has no gap: one process carried it out from start to end\./);
    assert.match(text(['start', 'freeze']), /, but soakd was frozen once during the run\./);
    assert.match(text(['start', 'freeze', 'freeze']), /, but soakd was frozen 2 times during the run\./);
  });
});
