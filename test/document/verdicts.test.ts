import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import type { ReportedRun } from '../../src/document/input.ts';
import { STYLE } from '../../src/document/render/html-style.ts';
import { SECTIONS } from '../../src/document/sections/list.ts';
import type { Block } from '../../src/schema/report.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { inputOf, madeReportedRun, STARTED_AT } from '../../support/document/made.ts';

const iso = (ms: number): string => new Date(STARTED_AT + ms).toISOString();
const GAP = { fromAt: iso(70_000), toAt: iso(90_000), lost: 4 };

function sectionOf(id: string, ...runs: readonly ReportedRun[]) {
  return SECTIONS.find((s) => s.id === id)!.make(inputOf(...runs));
}
function blocksOf(id: string, ...runs: readonly ReportedRun[]): readonly Block[] {
  const made = sectionOf(id, ...runs);
  return 'omitted' in made ? assert.fail(made.omitted) : made.blocks;
}
const textOf = (id: string, run: ReportedRun): string => JSON.stringify(blocksOf(id, run));

/** A run with another summary, from which its subjects are made. */
function changed(run: ReportedRun, change: (summary: Summary) => Partial<Summary>): ReportedRun {
  const summary = { ...run.summary, ...change(run.summary) };
  return { ...run, summary, subjects: subjectsOf(summary) };
}

describe('the report of a resumed run', () => {
  const run = madeReportedRun();
  const resumed = changed(run, ({ run: facts }) => ({ run: { ...facts, gaps: [GAP] } }));

  it('counts rates of a level without the gap in it', () => {
    const secondsOf = ({ subjects }: ReportedRun) => subjects[0]!.levels.map(({ seconds }) => seconds);
    assert.deepEqual(secondsOf(run), [60, 60, 60]);
    assert.deepEqual(secondsOf(resumed), [60, 40, 60]);
  });

  it('draws no line through the gap', () => {
    const [series] = run.series;
    const rows = series!.rows.filter(({ fromAt }) => {
      const at = fromAt - STARTED_AT;
      return at < 70_000 || at >= 90_000;
    });
    const blocks = blocksOf('timeline', { ...resumed, series: [{ ...series!, rows }] });
    const plots = blocks.flatMap((block) => (block.kind === 'plot' ? [block.plot] : []));
    assert.ok(plots.length >= 4);
    for (const { series: lines, id } of plots)
      assert.equal(lines[0]!.points.find(([x]) => x === STARTED_AT + 80_000)?.[1], null, id);
  });
});

describe('the report of a run that ended early', () => {
  it('says that its last level was cut short, and why', () => {
    const aborted = changed(madeReportedRun(), () => ({ verdict: 'aborted', endReason: 'interrupted' }));
    assert.match(
      textOf('executive-summary', aborted),
      /did not come to the end of its plan \(interrupted by a signal\): its last level was cut short/,
    );
    assert.doesNotMatch(textOf('executive-summary', madeReportedRun()), /cut short/);
  });
});

describe('the report of a run with too little load', () => {
  it('gives the reason of all grades once', () => {
    const late = changed(madeReportedRun(), ({ loadDelivered }) => ({
      loadDelivered: { ...loadDelivered, ratio: 0.71 },
    }));
    const made = sectionOf('grades', late);
    assert.ok('omitted' in made);
    assert.match(
      made.omitted,
      /^No category has a grade: only 71 % of the planned load was delivered, [^.]+\.$/,
    );
  });
});

describe('the report of a run whose starts were dropped', () => {
  const dropped = (freeze: number) =>
    changed(madeReportedRun(), ({ loadDelivered, streams, measurementQuality }) => ({
      loadDelivered: { ...loadDelivered, ratio: 0.32 },
      streams: { ...streams, dropped: 119 },
      measurementQuality: { ...measurementQuality, causes: { ...measurementQuality.causes, freeze } },
    }));

  it('says that no user was free, unless soakd may be the cause', () => {
    const text = (freeze: number) => textOf('executive-summary', dropped(freeze));
    assert.match(
      text(0),
      /a pass needs 95 %: no user was free for 119 starts: raise maxUsers, or lower the rate/,
    );
    assert.match(text(1), /a pass needs 95 %: raise the users, lower the load, or give soakd more CPU/);
    const aborted = changed(dropped(0), () => ({ verdict: 'aborted', endReason: 'interrupted' }));
    assert.match(textOf('executive-summary', aborted), /a pass needs 95 %: let the run come to its end/);
  });
});

describe('the report of a run that held at its highest load', () => {
  const summary = madeReportedRun();

  it('has one column for the recommended load and the highest', () => {
    const [table] = blocksOf('margins', summary);
    assert.ok(table?.kind === 'table');
    const titles = table.columns.map(({ title }) => title);
    assert.ok(titles.includes('at the recommended load, the highest'), titles.join());
    assert.ok(!titles.includes('at the highest load') && !titles.includes('at the recommended load'));
  });

  it('does not know how much headroom there is', () => {
    assert.doesNotMatch(textOf('capacity', summary), /at least 0 %/);
    assert.match(textOf('capacity', summary), /"not known"/);
  });
});

it('on paper a caption stays with its table, and short words and numbers are not divided', () => {
  const [, paper] = STYLE.split('@media print{');
  assert.match(paper!, /\.caption,p,li\{break-inside:avoid\}/);
  assert.match(paper!, /h2,h3,\.caption\{break-after:avoid\}/);
  assert.match(paper!, /td:not\(\.name\),th\{overflow-wrap:break-word\}/);
  assert.doesNotMatch(paper!, /\.right\{white-space:normal/);
});
