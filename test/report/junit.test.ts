import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import type { FinishedRun, RunReason, RunVerdict, Verdict } from '../../src/core/run.ts';
import { checkedRun } from '../../src/report/checks.ts';
import { junitOfRun, junitWithoutRun } from '../../src/report/junit.ts';
import type { LoadDelivered } from '../../src/schema/summary.ts';
import { THRESHOLDS } from '../../src/thresholds/table.ts';
import { readReport } from '../../support/junit.ts';
import {
  checkedTargets,
  evaluated,
  HOSTILE,
  LOAD,
  SUCCESS,
  summaryWithTargets,
  TTFB,
} from '../../support/report/checked.ts';
import { DRIFT, summaryOf } from '../../support/report/samples.ts';

const CONTEXT = { version: '1.2.3', host: 'builder' };

function reportOf(run: Partial<FinishedRun>, load: LoadDelivered = LOAD): string {
  return junitOfRun(checkedRun(summaryOf(run, {}, {}, undefined, load)), CONTEXT);
}

describe('the JUnit report of a run', () => {
  it('has a suite for the run and one for each target, and a case for each threshold', async () => {
    const suites = await readReport(
      reportOf({ verdicts: [evaluated('pass'), evaluated('pass', { ...SUCCESS, target: 'b' })] }),
    );
    assert.deepEqual(
      suites.map((s) => [s.name, s.cases.map((c) => `${c.classname}: ${c.name}`)]),
      [
        [
          'demo',
          [
            'demo: the run ends as planned',
            'demo: at least 95 % of the planned load is delivered',
            'demo: all limits hold on every target',
          ],
        ],
        ['a', ['demo.a: TTFB p95 at most 2.5s']],
        ['b', ['demo.b: success rate at least 99 %']],
      ],
    );
    assert.ok(suites.every((s) => s.cases.every((c) => c.result === 'pass')));
  });

  it('says in every suite which run it is of', async () => {
    const suites = await readReport(reportOf({ verdicts: [evaluated('pass')] }));
    for (const [i, { properties, timestamp }] of suites.entries()) {
      assert.equal(timestamp, '2026-11-23T18:15:02');
      assert.deepEqual(properties, {
        'soakd.version': '1.2.3',
        'soakd.run': '20261123-181502-4f9a',
        'soakd.scenario': 'demo',
        'soakd.started': '2026-11-23T18:15:02.000Z',
        'soakd.ended': '2026-11-23T18:16:34.000Z',
        // Of the run, then of each target.
        ...[
          { 'soakd.verdict': 'pass', 'soakd.end-reason': 'completed' },
          { 'soakd.verdict': 'pass', 'soakd.verdict-reason': 'the one limit holds' },
          { 'soakd.verdict': 'inconclusive', 'soakd.verdict-reason': 'no limit has data' },
        ][i],
      });
    }
  });

  it('has the time of the run once, so that its suites add up to it', async () => {
    const suites = await readReport(reportOf({ verdicts: [evaluated('pass')] }));
    assert.deepEqual(
      suites.map((s) => s.seconds),
      [92, 0, 0],
    );
  });

  it('a crossed limit is a failure with its values and the times at which it was crossed', async () => {
    const crossed = [1, 2, 3, 4, 5].map((n) => ({ fromAt: n * 60_000, toAt: n * 60_000 + 5000, worst: 0.4 }));
    const failed: Verdict = { ...evaluated('fail'), observed: 4100, crossed };
    const [, a] = await readReport(reportOf({ verdict: 'fail', verdicts: [failed] }));
    assert.deepEqual(a!.cases, [
      {
        classname: 'demo.a',
        name: 'TTFB p95 at most 2.5s',
        result: 'failure',
        type: 'crossed',
        message: 'TTFB p95 4.1s > 2.5s on a',
        text:
          'observed: 4.1s (100 observations)\nthe alert of this limit would have fired at 1970-01-01T00:01:00.000Z for 5s\n' +
          'the alert of this limit would have fired at 1970-01-01T00:02:00.000Z for 5s\nthe alert of this limit would have fired at 1970-01-01T00:03:00.000Z for 5s\nand 2 times more',
        output: '',
      },
    ]);
  });

  it('a limit within the measurement error, and one without data, are errors and not skipped', async () => {
    const { observed: _, ...without } = SUCCESS;
    const verdicts = [
      { ...evaluated('inconclusive'), observed: 2510 },
      { ...evaluated('no-data', without), count: 0 },
    ];
    const [, a] = await readReport(reportOf({ verdict: 'inconclusive', verdicts }));
    assert.deepEqual(
      a!.cases.map(({ result, type, message }) => [result, type, message]),
      [
        ['error', 'inconclusive', 'inconclusive: TTFB p95 2.51s > 2.5s on a is within the measurement error'],
        ['error', 'no-data', 'inconclusive: no data for success rate on a: nothing was observed'],
      ],
    );
  });

  it('too little load is an error of the run', async () => {
    const [run] = await readReport(
      reportOf({ verdict: 'inconclusive', verdicts: [evaluated('pass')] }, { ...LOAD, ratio: 0.2432 }),
    );
    assert.deepEqual(
      run!.cases.map(({ result, type }) => [result, type]),
      [
        ['pass', ''],
        ['error', 'load-delivered'],
        ['pass', ''],
      ],
    );
    assert.match(run!.cases[1]!.message, /^inconclusive: 24\.32 % of the planned load was delivered$/);
  });

  it('a run that was broken off is an error, even where all limits hold', async () => {
    const reasons: RunReason[] = [
      'stopped',
      'interrupted',
      'target_not_allowed',
      'worker_died',
      'usage_not_reported',
    ];
    for (const reason of reasons) {
      const [run] = await readReport(reportOf({ verdict: 'aborted', reason, verdicts: [evaluated('pass')] }));
      assert.deepEqual([run!.cases[0]!.result, run!.cases[0]!.type], ['error', reason]);
      assert.match(run!.cases[0]!.message, /^aborted: \w/);
    }
  });

  it('is green exactly where the verdict is pass', async () => {
    const lists: Verdict[][] = [
      [],
      ...(['pass', 'fail', 'inconclusive', 'no-data'] as const).map((j) => [evaluated(j)]),
    ];
    for (const verdicts of lists) {
      for (const reason of ['completed', 'budget_spent', 'threshold_crossed', 'interrupted'] as const) {
        for (const verdict of ['pass', 'fail', 'inconclusive', 'aborted'] as const) {
          if (!isPossible(verdict, reason, verdicts)) continue;
          const suites = await readReport(reportOf({ verdict, reason, verdicts }));
          const green = suites.every((s) => s.cases.every((c) => c.result === 'pass'));
          assert.equal(green, verdict === 'pass', `${verdict} ${reason} ${verdicts[0]?.result}`);
        }
      }
    }
  });

  it('the suite of the run has the result that its verdict says, with the limits that did not hold', async () => {
    const second: Verdict = { ...evaluated('inconclusive', SUCCESS), target: 'b' };
    const lists: readonly Verdict[][] = [[evaluated('fail'), second], [second], [evaluated('pass')]];
    const cases = [];
    for (const [i, verdicts] of lists.entries()) {
      const verdict = (['fail', 'inconclusive', 'pass'] as const)[i]!;
      const [run] = await readReport(reportOf({ verdict, verdicts }));
      assert.equal(run!.properties['soakd.verdict'], verdict);
      const { result, type, text } = run!.cases.at(-1)!;
      cases.push([run!.cases.filter((c) => c.result !== 'pass').length, result, type, text]);
    }
    assert.deepEqual(cases, [
      [1, 'failure', 'crossed', 'a: TTFB p95 at most 2.5s\nb: success rate at least 99 %'],
      [1, 'error', 'inconclusive', 'b: success rate at least 99 %'],
      [0, 'pass', '', ''],
    ]);
    const ended = reportOf({ verdict: 'fail', reason: 'threshold_crossed', verdicts: [evaluated('pass')] });
    assert.equal((await readReport(ended))[0]!.cases.at(-1)!.result, 'failure');
  });

  it('warnings are output of their suite and no cases', async () => {
    const summary = summaryOf({ verdicts: [evaluated('pass')] }, {}, {}, DRIFT, LOAD);
    const bufferedTargets = [{ target: 'b', streams: 5, of: 20 }];
    const [run, a, b] = await readReport(junitOfRun(checkedRun({ ...summary, bufferedTargets }), CONTEXT));
    assert.match(run!.output, /^load: 1 user for 1s/);
    assert.match(run!.output, /^The measurement error is unknown/m);
    assert.match(run!.output, /^warning: .*memory/im);
    assert.match(a!.output, /^warning: TTFB p95/m);
    assert.match(b!.output, /^warning: 5 of 20 long responses arrived all at once/m);
    assert.deepEqual([a!.cases.length, b!.cases.length], [1, 0]);
  });

  it('hostile names come out as valid XML, and as they were where XML has such characters', async () => {
    const suites = await readReport(junitOfRun(checkedTargets(HOSTILE), CONTEXT));
    const wanted = HOSTILE.map((n) => n.toWellFormed().replace(/(?!\n)\p{Cc}/gu, '\ufffd'));
    assert.deepEqual(
      suites.slice(1).map((s) => s.name),
      wanted,
    );
    assert.deepEqual(
      suites.slice(1).flatMap((s) => s.cases.map((c) => c.classname)),
      wanted.map((name) => `demo.${name}`),
    );
    const summary = summaryWithTargets(['a']);
    for (const scenario of HOSTILE)
      await readReport(junitOfRun(checkedRun({ ...summary, run: { ...summary.run, scenario } }), CONTEXT));
  });

  it('no two thresholds of a target have one name', () => {
    const verdicts = THRESHOLDS.filter((t) => t.verdict !== false).map(
      ({ id, op }): Verdict => ({ ...TTFB, threshold: id, op }),
    );
    const { checks } = checkedRun(summaryOf({ verdicts }, {}, {}, undefined, LOAD));
    const names = checks.map((c) => c.name);
    assert.ok(names.length > 50);
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });
});

/** What `overall` and the runner can come to. */
function isPossible(verdict: RunVerdict, reason: RunReason, verdicts: readonly Verdict[]): boolean {
  if (reason === 'threshold_crossed') return verdict === 'fail';
  if (reason === 'interrupted') return verdict === 'aborted';
  const result = verdicts[0]?.result;
  if (result === 'fail') return verdict === 'fail';
  return result === 'pass' ? verdict === 'pass' : verdict === 'inconclusive';
}

describe('the JUnit report without a run', () => {
  const at = Date.UTC(2026, 10, 23, 18, 15, 2);

  it('says that soakd was killed where nothing came after it', async () => {
    const [suite, ...others] = await readReport(junitWithoutRun({ scenario: 'demo', at }, CONTEXT));
    assert.equal(others.length, 0);
    assert.deepEqual([suite!.name, suite!.timestamp], ['demo', '2026-11-23T18:15:02']);
    assert.deepEqual(
      suite!.cases.map(({ result, type, message }) => [result, type, message]),
      [['error', 'killed', 'soakd was killed before the run was over']],
    );
  });

  it('has the error, and every detail of it up to a hundred', async () => {
    const details = Array.from({ length: 120 }, (_, i) => `soakd.yaml:${i + 1}:1: found <b>`);
    const error = new SoakError('CONFIG_INVALID', details[0]!, details);
    const [suite] = await readReport(junitWithoutRun({ scenario: HOSTILE[0]!, at, error }, CONTEXT));
    const [only] = suite!.cases;
    assert.deepEqual([only!.type, only!.message], ['CONFIG_INVALID', details[0]]);
    assert.deepEqual(only!.text.split('\n'), [...details.slice(0, 100), '…']);
  });

  it('has an internal error as one', async () => {
    const [suite] = await readReport(
      junitWithoutRun({ scenario: 'demo', at, error: new TypeError('x is null') }, CONTEXT),
    );
    assert.deepEqual([suite!.cases[0]!.type, suite!.cases[0]!.message], ['INTERNAL', 'x is null']);
  });
});
