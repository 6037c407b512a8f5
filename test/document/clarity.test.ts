import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import { detailed } from '../../src/document/analysed.ts';
import { tableOf } from '../../src/document/blocks.ts';
import type { ReportedRun, ReportInput } from '../../src/document/input.ts';
import { levelPlots } from '../../src/document/level-plots.ts';
import { patternOf } from '../../src/document/load-pattern.ts';
import { makeDocument } from '../../src/document/make.ts';
import { timeUnitOf } from '../../src/document/plot-unit.ts';
import { REPORT_FORMATS } from '../../src/document/render/formats.ts';
import { SECTIONS } from '../../src/document/sections/list.ts';
import { readTableFile } from '../../src/document/table-file.ts';
import type { Block, Plot } from '../../src/schema/report.ts';
import type { TargetSummary } from '../../src/schema/streams-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { ALERTS } from '../../src/thresholds/table.ts';
import { inputOf, madeReportedRun } from '../../support/document/made.ts';
import { ROOT } from '../../support/root.ts';
import { level, limit, SUCCESS, subject, timing } from '../analysis/levels.ts';
import { madeRun } from './made-report.ts';

const SEED = 'examples/reports/seed.json';
const seedData = () => JSON.parse(readFileSync(join(ROOT, SEED), 'utf8'));
const seedOf = (data: object): ReportInput => ({
  ...inputOf(),
  tables: [readTableFile(data, SEED)],
  questions: { users: 6000, pricePerHour: null, currency: '' },
});
const seed = seedOf(seedData());

const blocksOf = (id: string, input: ReportInput): readonly Block[] => {
  const made = SECTIONS.find((s) => s.id === id)!.make(input);
  return 'omitted' in made ? [] : made.blocks;
};
const textOf = (id: string, input: ReportInput): string => JSON.stringify(blocksOf(id, input));

/** A run of targets, of which some failed every stream without an answer. */
function runWithSilent(names: readonly string[], silent: readonly string[]): ReportedRun {
  const run = madeRun({ loads: [100, 200], names, ttfb: () => 100 });
  const none = { count: 0, mean: null, p50: null, p95: null, p99: null, max: null, measurementErrorMs: null };
  const quiet = <T extends TargetSummary>(target: T): T =>
    silent.includes(target.name)
      ? {
          ...target,
          streams: {
            ...target.streams,
            finished: { ...target.streams.finished, connect_error: 40 },
            results: { ...target.streams.results, success: 0, failed: 40 },
          },
          successRatio: 0,
          ttfbMs: none,
          headersMs: none,
          successDurationMs: none,
        }
      : target;
  const { summary } = run;
  const changed: Summary = {
    ...summary,
    targets: summary.targets.map(quiet),
    levels: summary.levels.map((l) => ({ ...l, targets: l.targets.map(quiet) })),
    failures: silent.map((target) => ({
      target,
      outcome: 'connect_error',
      count: 40,
      firstAt: null,
      lastAt: null,
      examples: [],
    })),
  };
  return { ...run, summary: changed, subjects: subjectsOf(changed) };
}

describe('the margin of a limit', () => {
  it('is shown at the recommended load, where the limits end, and at the highest load', () => {
    const text = textOf('margins', seed);
    for (const part of ['1.82s at 1,250 users: 27 % left', '2.46s at 2,000 users: 1.4 % left'])
      assert.ok(text.includes(part), part);
    assert.match(text, /3\.41s at 3,000 users: 36\.3 % over/);
  });

  it('of a success rate is of the failures that are allowed, and is not claimed where the error decides', () => {
    const of = subject(
      [level(100, { successRatio: 0.995 }), level(200, { timings: { ttfb: timing(2550, 100) } })],
      [SUCCESS, limit()],
    );
    const text = textOf('margins', {
      ...inputOf(),
      tables: [{ name: 't', subject: of, claims: [] }],
    });
    assert.match(text, /99\.5 % at 100 users: 50 % left|within the measurement error/);
    assert.match(text, /2\.55s at 200 users: 2 % over, within the measurement error/);
  });
});

describe('claims of a written report', () => {
  it('are told apart from the values of its table, in the summary too', () => {
    for (const id of ['contradictions', 'executive-summary']) {
      const text = textOf(id, seed);
      assert.match(
        text,
        /makes 5 claims that were checked: 4 are contradicted by the numbers of its own table/,
      );
      assert.match(text, /1 is about a value that the report names and does not give/);
      assert.match(text, /not about the levels: they stand as the table has them/);
    }
  });
});

describe('next steps', () => {
  it('name the target, and ask of one that never answered only to be there', () => {
    const text = textOf('next-steps', inputOf(runWithSilent(['good', 'gone'], ['gone'])));
    assert.match(text, /"gone: check that it runs .* because gone never answered: all 40 streams failed/);
    assert.match(text, /"good: raise the load until a limit is crossed/);
    for (const step of JSON.parse(text)[0].items.filter((s: string) => !s.startsWith('gone:')))
      assert.doesNotMatch(step, /gone/);
  });

  it('of a run that no target answered are one step', () => {
    const [first] = blocksOf('next-steps', inputOf(runWithSilent(['gone'], ['gone'])));
    assert.ok(first?.kind === 'list');
    assert.equal(first.items.length, 1);
    assert.match(first.items[0]!, /^gone: check that it runs/);
  });

  it('do not count streams as failed that soakd itself cut', () => {
    const run = madeRun({ loads: [100, 200], names: ['a'], ttfb: () => 100 });
    const failures: Summary['failures'] = [
      { target: 'a', outcome: 'generator_lost', count: 5, firstAt: null, lastAt: null, examples: [] },
    ];
    const text = textOf('risks', inputOf({ ...run, summary: { ...run.summary, failures } }));
    assert.doesNotMatch(text, /streams failed/);
  });
});

describe('what a table leaves open', () => {
  it('names loopback, the one machine and the one wave of each level', () => {
    const text = textOf('method', seed);
    for (const part of [
      'over loopback',
      'shared one machine',
      'one wave of streams',
      'up to 3,000 users started at once',
    ])
      assert.ok(text.includes(part), part);
  });

  it('names them whatever its text says of itself', () => {
    const { method: _, ...data } = seedData();
    const text = textOf(
      'method',
      seedOf({ ...data, facts: { method: 'a real network, many machines, hours' } }),
    );
    assert.match(text, /one wave of streams/);
    assert.match(text, /[Ww]hether there was a network between load and server is not stated/);
    assert.match(text, /[Ww]hether load and server shared a machine is not stated/);
  });
});

describe('bursts', () => {
  const pattern = (...stages: Parameters<typeof patternOf>[0]['stages']) =>
    patternOf(
      { targets: [], stages, sequence: null },
      stages.map((_, stage) => ({ stage })),
    );
  const hold = (load: number) => ({ shape: 'hold', level: load, durationMs: 1000 }) as const;
  it('are the largest rise at once, and no ramp', () => {
    assert.deepEqual(pattern(hold(10), hold(50), hold(60)).jump, { from: 10, to: 50 });
    assert.equal(pattern({ shape: 'ramp', from: 0, to: 100, durationMs: 1000 }).jump, null);
    assert.deepEqual(pattern(hold(10), hold(5)).falls, true);
    assert.deepEqual(pattern(hold(10), { shape: 'ramp', from: 10, to: 0, durationMs: 1 }).falls, false);
  });
});

describe('a table', () => {
  it('explains only columns that it has, and cells only where one needs it', () => {
    const columns = [
      { title: 'a', cell: (x: string) => x },
      { title: 'b', cell: () => '–', note: 'B: nothing.' },
      { title: 'c', cell: (x: string) => x, note: 'C: set.', needsNote: (cell: unknown) => cell === 'set' },
    ];
    const plain = tableOf('Rows.', columns, ['x']);
    assert.deepEqual([plain.caption, plain.columns.map((c) => c.title)], ['Rows.', ['a', 'c']]);
    assert.equal(tableOf('Rows.', columns, ['set']).caption, 'Rows. C: set.');
  });

  it('of settings explains "set" only where it is there', () => {
    const [run] = [madeReportedRun()];
    const changed = [{ key: 'a', value: 5, default: null }];
    const of = (value: number | string) => {
      const setup = { ...run.summary.setup, changed: changed.map((c) => ({ ...c, value })) };
      return textOf('configuration', inputOf({ ...run, summary: { ...run.summary, setup } }));
    };
    assert.doesNotMatch(of(5), /“set”/);
    assert.match(of('set'), /“set” stands for/);
  });

  it('with details of some targets has the worst', () => {
    const all = [0.9, 1, 1, 1, 0.5].map((successRatio, i) => ({
      subject: { ...subject([level(100, { successRatio })]), name: `t${i}` },
    }));
    const { shown, more } = detailed(all, (one) => one);
    assert.deepEqual(shown.map((s) => s.subject.name).slice(0, 2), ['t4', 't0']);
    assert.match(more, /^Details of 4 of 5 targets: those with the lowest success/);
  });
});

describe('a plot', () => {
  const plots = (...ms: readonly number[]): Plot[] =>
    levelPlots(
      [
        {
          ...subject(
            [100, 200].map((load, i) => level(load, { timings: { ttfb: timing(ms[i]!) } })),
            [limit()],
          ),
          name: 'a',
        },
        { ...subject([level(100), level(200)]), name: 'gone' },
      ],
      'x',
    );

  it('has one unit, in its axis, its limits and its text', () => {
    const [slow] = plots(800, 2460);
    assert.deepEqual([slow!.y.label, slow!.series[0]!.points[1]![1], slow!.limits[0]?.y], ['s', 2.46, 2.5]);
    assert.match(slow!.text, /0\.8 s at 100 users, 2\.46 s at 200/);
    assert.doesNotMatch(`${slow!.text} ${slow!.limits[0]?.label}`, /\dms| ms/);
    const [quick] = plots(80, 246);
    assert.deepEqual([quick!.y.label, quick!.series[0]!.points[1]![1]], ['ms', 246]);
    assert.equal(timeUnitOf([null, 999]).label, 'ms');
  });

  it('names a target that has no values, and says why', async () => {
    const [plot] = plots(80, 246);
    assert.deepEqual(plot!.without, [{ name: 'gone', reason: 'no answer' }]);
    assert.match(plot!.text, /gone: no answer\.$/);
    const html = await REPORT_FORMATS.html(makeDocument(inputOf(runWithSilent(['good', 'gone'], ['gone']))));
    assert.match(html, /<li>gone: no answer<\/li>/);
  });
});

it('an unknown measurement error is said to be unknown, and no bound of a value', () => {
  const run = madeReportedRun();
  const levels = run.summary.levels.map((l) => ({
    ...l,
    targets: l.targets.map((t) => ({ ...t, ttfbMs: { ...t.ttfbMs, measurementErrorMs: null } })),
  }));
  const summary = { ...run.summary, levels };
  const text = textOf('grades', inputOf({ ...run, summary, subjects: subjectsOf(summary) }));
  assert.match(text, /measurement error not known/);
  assert.doesNotMatch(text, /from 0ms/);
});

it('less load than planned gives no recommended load and no grade', () => {
  const run = madeRun({ loads: [100, 200], names: ['a'], ttfb: () => 100 });
  const summary = {
    ...run.summary,
    loadDelivered: { ...run.summary.loadDelivered, ratio: 0.41, required: 0.95 },
  };
  const input = inputOf({ ...run, summary, subjects: subjectsOf(summary) });
  assert.match(textOf('executive-summary', input), /not known: only 41 % of the planned load was delivered/);
  for (const id of ['grades', 'deployment', 'capacity']) assert.deepEqual(blocksOf(id, input), [], id);
});

it('an action of an alert stands by itself', () => {
  assert.doesNotMatch(ALERTS.SoakTTFBMeanHigh!.action, /[Aa]s for/);
  assert.match(textOf('monitoring', seed), /SoakTTFBMeanHigh: Rule out the generator/);
});
