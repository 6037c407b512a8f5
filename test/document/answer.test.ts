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
      'All limits with values by level hold at each level up to the highest, 400 users (recommended, with 20 % headroom: at least 400 users); more was not tried.',
    );
    assert.match(
      first,
      /^Nothing gave at these loads; closest to its limit came TTFB p95, 1s of at most 2\.5s at 400 users \(n = 3 first bytes\): 60 % left\.$/,
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
    assert.match(
      upTo,
      /hold up to 200 users \(recommended, with 20 % headroom: 200 users\); at the next level, 400 users, the limit of TTFB p95 is crossed\.$/,
    );
    assert.match(
      first,
      /^First to give: TTFB p95, near 316 users \(between 200 users and 400 users\), with 4\.1s > 2\.5s \(n = \d+ first bytes, measurement error 5ms \(p99\); /,
    );
    assert.equal(load, 200);
  });

  it('say so where the lowest level crossed a limit', () => {
    const { upTo, load } = answer({ ttfbMs: [4000], summary: verdict('fail', 'x') });
    assert.equal(
      upTo,
      'No level holds all limits: at the lowest level, 100 users, the limit of TTFB p95 is crossed.',
    );
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
    assert.match(upTo, /^Up to what load it holds is not known: there are no targets/);
    assert.equal(first, 'What gives first is not known.');
    assert.equal(load, null);
  });

  it('say that a value is within the measurement error', () => {
    const { upTo, first, load } = answer({
      ttfbMs: [200, 300, 2510],
      errorMs: 30,
      summary: verdict('inconclusive', 'x'),
    });
    assert.equal(load, 200);
    assert.match(
      upTo,
      /hold up to 200 users \(.+\); at the next level, 400 users, a value lies within its meas/,
    );
    assert.match(first, /^What gives first is not certain: no limit is crossed for certain, /);
  });

  it('of a run that passed as a whole say that a level crossed a limit', () => {
    const { held } = answer({ ttfbMs: [200, 300, 4100], summary: verdict('pass', 'the one limit holds') });
    assert.match(held, /^It held over the run as a whole, though not at every level: /);
  });

  it('of several targets name the one that gives', () => {
    const { subjects, summary } = madeReportedRun({ targets: ['a', 'b'], ttfbMs: [200, 300, 4100] });
    const [a, b] = subjects;
    const { upTo, first, load } = answerOf(summary, [{ ...a!, levels: a!.levels.slice(0, 2) }, b!]);
    assert.equal(load, 200);
    assert.match(
      upTo,
      /200 users shared by 2 targets \(.+\); at the next level, 400 users, the limit of TTFB p95 of b is/,
    );
    assert.match(first, /^First to give: TTFB p95 of b, near 316 users /);
  });

  it('of a written table follow from its rows', () => {
    const { held, upTo, first } = answerOfTable(
      tableSubject('seed', [
        [2000, 2465],
        [2250, 2698],
      ]),
    );
    assert.match(
      held,
      /^By its table seed did not hold at all of its levels: mean TTFB crossed its limit\.$/,
    );
    assert.match(
      upTo,
      /^All limits hold up to 2,000 users \(recommended: none, since no level has 20 % headroom\); at the next level, 2,250 users, the limit of mean TTFB is crossed\.$/,
    );
    assert.match(
      first,
      /^First to give: mean TTFB, near 2,038 users \(between 2,000 users and 2,250 users\), with 2\.7s > 2\.5s \(n not stated, /,
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
