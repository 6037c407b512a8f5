import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerOf, answerOfTable } from '../../src/document/answer.ts';
import { makeDocument } from '../../src/document/make.ts';
import type { Summary } from '../../src/report/summary.ts';
import { summaryOf } from '../report/samples.ts';
import { inputOf, type MadeOptions, madeReportedRun, STARTED_AT, tableSubject } from './made.ts';

const answer = (options: MadeOptions) => {
  const { summary, subjects } = madeReportedRun(options);
  return answerOf(summary, subjects);
};
const verdict = (name: Summary['verdict'], verdictReason: string): Partial<Summary> => ({
  verdict: name,
  verdictReason,
});
const [LIMIT] = madeReportedRun().summary.thresholds;

describe('the three sentences that a report begins with', () => {
  it('of a run that passed say that no more load was tried, and what came closest to its limit', () => {
    const { held, upTo, first, load } = answer({
      ttfbMs: [200, 300, 1000],
      summary: verdict('pass', 'the one limit holds'),
    });
    assert.equal(held, 'It held: the one limit holds (600 streams in 3m).');
    assert.equal(
      upTo,
      'Every limit with data held at each level up to the highest, 400 users; more was not tried.',
    );
    assert.match(
      first,
      /^Nothing gave at these loads; closest to its limit came TTFB p95 of a, 1s of at most 2.5s at 400 users, n = 300, 40 % of it\.$/,
    );
    assert.equal(load, 400);
  });

  it('of a run that failed have the last load that held, and what was crossed at the next', () => {
    const { held, upTo, first, load } = answer({
      ttfbMs: [200, 300, 4100],
      summary: {
        ...verdict('fail', 'TTFB p95 4.1s > 2.5s on a'),
        thresholds: [{ ...LIMIT!, result: 'fail', observed: 4100 }],
      },
    });
    assert.match(held, /^It did not hold: TTFB p95 4\.1s > 2\.5s on a \(600 streams in 3m\)\.$/);
    assert.match(upTo, /held up to 200 users, and one was crossed at the next level, 400 users\.$/);
    assert.match(
      first,
      /^First to give: TTFB p95 of a, 4\.1s against a limit of 2\.5s at 400 users, n = 300\.$/,
    );
    assert.equal(load, 200);
  });

  it('say so where the lowest level crossed a limit', () => {
    const { upTo, load } = answer({ ttfbMs: [4000], summary: verdict('fail', 'x') });
    assert.equal(upTo, 'No level held: a limit was crossed at the lowest, 100 users.');
    assert.equal(load, null);
  });

  it('of an inconclusive run leave it open', () => {
    const { held } = answer({ summary: verdict('inconclusive', '80 % of the planned load was delivered') });
    assert.equal(
      held,
      'Whether it held is not decided: 80 % of the planned load was delivered (600 streams in 3m).',
    );
  });

  it('of an aborted run say how it ended', () => {
    const { held } = answer({ summary: { ...verdict('aborted', 'x'), endReason: 'stopped' } });
    assert.match(
      held,
      /^Whether it held is not decided: the run was aborted \(stopped through the API\) after /,
    );
  });

  it('of a run without data assert nothing', () => {
    const none = summaryOf();
    const { held, upTo, first, load } = answerOf(
      { ...none, ...verdict('inconclusive', 'no limit has data') },
      [],
    );
    assert.equal(held, 'Whether it held is not known: no stream ended, so nothing was measured.');
    assert.match(upTo, /^Up to what load it holds is not known: no level /);
    assert.equal(first, 'What gives first is not known.');
    assert.equal(load, null);
  });

  it('say that a value is within the measurement error', () => {
    const run = madeReportedRun({ ttfbMs: [200, 300, 2510], summary: verdict('inconclusive', 'x') });
    const subjects = run.subjects.map((subject) => ({
      ...subject,
      levels: subject.levels.map((level) => ({
        ...level,
        timings: { ...level.timings, ttfb: { ...level.timings.ttfb!, errorMs: 30 } },
      })),
    }));
    const { first } = answerOf(run.summary, subjects);
    assert.match(first, /within the measurement error of 30ms, so it is not certain\.$/);
  });

  it('of a written table follow from its rows', () => {
    const { held, upTo, first } = answerOfTable(
      tableSubject('seed', [
        [2000, 2465],
        [2250, 2698],
      ]),
    );
    assert.match(held, /^By its table seed did not hold at every level: mean TTFB crossed its limit\.$/);
    assert.match(upTo, /held up to 2,000 users, and one was crossed at the next level, 2,250 users\.$/);
    assert.match(
      first,
      /^First to give: mean TTFB of seed, 2\.7s against a limit of 2\.5s at 2,250 users\.$/,
    );
  });

  it('come before all else, and a resumed run says that it has gaps', () => {
    const run = madeReportedRun({
      summary: {
        run: {
          ...madeReportedRun().summary.run,
          gaps: [
            {
              fromAt: new Date(STARTED_AT + 1000).toISOString(),
              toAt: new Date(STARTED_AT + 9000).toISOString(),
              lost: 3,
            },
          ],
        },
      },
    });
    const [first] = makeDocument(inputOf(run)).sections;
    assert.equal(first!.id, 'executive-summary');
    assert.ok('blocks' in first!);
    const { held, upTo, first: gives } = answerOf(run.summary, run.subjects);
    assert.deepEqual(first.blocks[0], { kind: 'paragraph', text: `${held} ${upTo} ${gives}` });
    const sure = first.blocks.find((block) => block.kind === 'list');
    assert.match(JSON.stringify(sure), /interrupted and resumed once/);
  });
});
