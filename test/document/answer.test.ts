import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerOf, answerOfTable, sentencesOf } from '../../src/document/answer.ts';
import { makeDocument } from '../../src/document/make.ts';
import type { Summary } from '../../src/schema/summary.ts';
import {
  inputOf,
  type MadeOptions,
  madeReportedRun,
  STARTED_AT,
  tableSubject,
} from '../../support/document/made.ts';
import { summaryOf } from '../../support/report/samples.ts';

const answer = (options: MadeOptions) => {
  const { summary, subjects } = madeReportedRun(options);
  return answerOf(summary, subjects);
};
const verdict = (name: Summary['verdict'], verdictReason: string): Partial<Summary> => ({
  verdict: name,
  verdictReason,
});
const [LIMIT] = madeReportedRun().summary.thresholds;

describe('the sentences that a report begins with', () => {
  it('of a run that passed say that no more load was tried, and what came closest to its limit', () => {
    const { held, upTo, first, load } = answer({
      ttfbMs: [200, 300, 1000],
      summary: verdict('pass', 'the one limit holds'),
    });
    assert.equal(held, 'It held: the one limit holds (600 streams in 3m).');
    assert.equal(
      upTo,
      'It holds at each level up to the highest, 400 users (by the sampling error sure of no level: too few streams), by the limits with values by level; more was not tried.',
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
    assert.equal(
      held,
      'The run is a FAIL because it went beyond that: TTFB p95 4.1s > 2.5s on a, over all levels together (600 streams in 3m). This limit is a warning: a crossed warning fails a run, as a critical limit does.',
    );
    assert.match(
      upTo,
      /^It holds up to 200 users \(.+\), .+: at 400 users TTFB p95 is 4\.1s, above its limit of 2\.5s \(warning\)\.$/,
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
      'No level holds all limits: at the lowest, 100 users TTFB p95 is 4s, above its limit of 2.5s (warning).',
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
      /holds up to 200 users .+: at 400 users TTFB p95, 2\.51s, lies within its measurement error of its limit of 2\.5s\.$/,
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
      /200 users shared by 2 targets \(.+\), .+: at 400 users TTFB p95 of b is 4\.1s, above its limit/,
    );
    assert.match(first, /^First to give: TTFB p95 of b, near 316 users /);
  });

  it('of a written table follow from its rows', () => {
    const { held, upTo, recommended, first } = answerOfTable(
      tableSubject('seed', [
        [2000, 2465],
        [2250, 2698],
      ]),
    );
    assert.match(
      held,
      /^By its table seed did not hold at all of its levels: mean TTFB crossed its limit\.$/,
    );
    assert.equal(
      upTo,
      'By its table it holds up to 2,000 users: at 2,250 users mean TTFB is 2.7s, above its limit of 2.5s (critical).',
    );
    assert.equal(
      recommended,
      'Recommended, with a margin of 20 % left of each limit: none: already at 2,000 users mean TTFB, 2.46s, leaves less than 20 % of its limit of 2.5s.',
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
    const sentences = sentencesOf(answerOf(run.summary, run.subjects));
    assert.deepEqual(
      first.blocks.slice(0, sentences.length),
      sentences.map((text) => ({ kind: 'paragraph', text })),
    );
    const sure = first.blocks.find((block) => block.kind === 'list');
    assert.match(JSON.stringify(sure), /interrupted and resumed once/);
  });
});
