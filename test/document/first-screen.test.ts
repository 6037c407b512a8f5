import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import { answerOf, sentencesOf } from '../../src/document/answer.ts';
import { certaintyOf, samplingTexts } from '../../src/document/certainty.ts';
import type { ReportedRun, ReportInput } from '../../src/document/input.ts';
import { SECTIONS } from '../../src/document/sections/list.ts';
import { loadText } from '../../src/report/load-text.ts';
import type { Block } from '../../src/schema/report.ts';
import type { TimedStats } from '../../src/schema/streams-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { inputOf, madeReportedRun } from '../../support/document/made.ts';
import { level, limit, SUCCESS, subject, timing } from '../analysis/levels.ts';
import { madeRun } from './made-report.ts';

const blocksOf = (id: string, input: ReportInput): readonly Block[] => {
  const made = SECTIONS.find((s) => s.id === id)!.make(input);
  return 'omitted' in made ? assert.fail(made.omitted) : made.blocks;
};
const textOf = (id: string, input: ReportInput): string => JSON.stringify(blocksOf(id, input));
const remade = (run: ReportedRun, change: (summary: Summary) => Partial<Summary>): ReportedRun => {
  const summary = { ...run.summary, ...change(run.summary) };
  return { ...run, summary, subjects: subjectsOf(summary) };
};
const LOADS = [500, 1000, 1500, 2000, 2500];
/** Mean TTFB: 2.1 s at 2,000 users, and 2.6 s at 2,500. Its limit is 2.5 s. */
const beyond = (names: readonly string[] = ['a'], url?: string): ReportedRun => {
  const run = madeRun({ loads: LOADS, names, ttfb: (load) => (load === 2500 ? 2600 : load + 100) });
  return remade(run, ({ setup }) => ({
    verdict: 'fail',
    verdictReason: 'mean TTFB 2.6s > 2.5s on a',
    setup: { ...setup, targets: setup.targets.map((t) => ({ ...t, url: url ?? t.url })) },
  }));
};

describe('the first screen of a run that went beyond what holds', () => {
  const { summary, subjects } = beyond();
  const [holds, recommended, verdict, first] = sentencesOf(answerOf(summary, subjects));

  it('begins with what holds, by what, and what a user is', () => {
    assert.equal(
      holds,
      'It holds up to 2,000 users: at 2,500 users mean TTFB is 2.6s, above its limit of 2.5s (warning). A user holds one stream all the time: 2,000 users are 2,000 simultaneous streams.',
    );
  });

  it('gives the recommended load with the limit that stops it', () => {
    assert.equal(
      recommended,
      'Recommended, with a margin of 20 % left of each limit: 1,500 users; at 2,000 users mean TTFB, 2.1s, leaves less than 20 % of its limit of 2.5s. Above it, up to 2,000 users, all limits hold, but not all with that margin.',
    );
  });

  it('says that the run failed because it went beyond, and that a warning is enough for that', () => {
    assert.match(verdict!, /^The run is a FAIL because it went beyond that: mean TTFB 2\.6s > 2\.5s on a, /);
    assert.match(verdict!, /This limit is a warning: a crossed warning fails a run/);
    assert.match(first!, /^First to give: mean TTFB, near /);
  });

  it('names a critical limit that is crossed too', () => {
    const critical = subjects.map((s) => ({
      ...s,
      limits: [...s.limits, limit({ threshold: 'ttfb-p50', measure: 'TTFB p50', severity: 'critical' })],
    }));
    const said = answerOf(summary, critical);
    assert.match(said.upTo, /mean TTFB is 2\.6s, .+ \(warning\); TTFB p50 is 2\.6s, .+ \(critical\)\./);
    assert.match(said.held, /A critical limit is crossed too: TTFB p50 at 2,500 users\.$/);
  });

  it('of several targets names the one that stops each load', () => {
    const run = beyond(['a', 'b']);
    const said = answerOf(run.summary, run.subjects);
    assert.match(
      said.upTo,
      /^It holds up to 2,000 users shared by 2 targets: at 2,500 users mean TTFB of [ab] /,
    );
    assert.match(said.recommended, / over all 2 targets.*; at 2,000 users mean TTFB of [ab], 2\.1s, /);
  });

  it('explains its words', () => {
    assert.match(
      textOf('executive-summary', inputOf(beyond())),
      /TTFB: time .+ to the first byte of the body\./,
    );
  });

  it('says of users with a think time that they hold no stream meanwhile', () => {
    const thinking = remade(beyond(), ({ setup }) => ({
      setup: { ...setup, model: { kind: 'closed', thinkTimeMs: { kind: 'exponential', mean: 1000 } } },
    }));
    assert.match(answerOf(thinking.summary, thinking.subjects).users!, /with a think time after each\.$/);
  });
});

it('the reason for the recommended load is the same in all sections', () => {
  const input = inputOf(beyond());
  const reason = /at 2,000 users mean TTFB, 2\.1s, leaves less than 20 % of its limit of 2\.5s/;
  for (const section of ['executive-summary', 'capacity', 'risks', 'next-steps'])
    assert.match(textOf(section, input), reason, section);
  assert.match(
    textOf('next-steps', input),
    /keep each server at 1,500 users or below, because at 2,000 users/,
  );
  assert.match(
    textOf('next-steps', input),
    /to hold more than 2,000 users, fix what gives first, because mean TTFB/,
  );
});

it('no report uses one word for the share left of a limit and for the distance in users', () => {
  const input = inputOf(beyond());
  for (const { id, make } of SECTIONS) {
    const made = make(input);
    const text = JSON.stringify('omitted' in made ? made.omitted : made.blocks);
    assert.doesNotMatch(text, /% headroom/i, id);
  }
  assert.match(textOf('capacity', input), /Headroom: the distance .+"395 users \(2|"\d+ users \([\d.]+ %\)"/);
});

describe('how sure a report is', () => {
  it('begins with the simulator and with what ran once', () => {
    const { summary, subjects } = beyond(['a'], 'simulator');
    const [simulator, once] = certaintyOf(summary, subjects);
    assert.equal(
      simulator,
      'a is the built-in simulator of soakd, on the same machine: the result says nothing about a real server.',
    );
    assert.equal(
      once,
      'Each of the 5 levels ran once, for 1m: how much a second run would differ was not measured.',
    );
  });

  it('says of unreliable windows why they were', () => {
    const run = madeReportedRun();
    const textOf = (causes: Partial<Summary['measurementQuality']['causes']>): string => {
      const none = { lag: 0, samples: 0, freeze: 0, death: 0 };
      const quality = { ...run.summary.measurementQuality, windows: 3, unreliable: 2, worstLagMs: null };
      const measurementQuality = { ...quality, causes: { ...none, ...causes } };
      return certaintyOf({ ...run.summary, measurementQuality }, run.subjects).join(' ');
    };
    assert.match(textOf({ samples: 2 }), /were unreliable, since soakd had too few samples of its own lag\./);
    assert.match(
      textOf({ lag: 2 }),
      /since the machine of soakd was too busy: the p99 of soakd's own lag was above /,
    );
    assert.match(textOf({ lag: 1, freeze: 1 }), /since in 1 soakd was frozen, in 1 the machine of soakd/);
  });

  it('says once for all targets that no level has enough streams', () => {
    const [text] = samplingTexts(madeReportedRun({ targets: ['a', 'b'] }).subjects);
    assert.match(
      text!,
      /independent\) no level has enough streams to be sure of the largest and recommended load of a and b:/,
    );
  });

  it('names loopback, and claims nothing of a network', () => {
    const local = beyond(['a'], 'http://127.0.0.1:9/');
    assert.match(certaintyOf(local.summary, local.subjects)[0]!, /^The load came over loopback \(a\): /);
    const far = beyond(['a'], 'https://example.org/');
    assert.doesNotMatch(certaintyOf(far.summary, far.subjects).join(' '), /loopback|simulator/);
  });

  const withUnreliable = (index: number): string => {
    const { summary, subjects } = remade(beyond(), ({ levels, measurementQuality }) => ({
      measurementQuality: { ...measurementQuality, windows: 60, unreliable: 1, worstLagMs: 30 },
      levels: levels.map((l, i) =>
        i === index ? { ...l, measurementQuality: { windows: 12, unreliable: 1 } } : l,
      ),
    }));
    return certaintyOf(summary, subjects).join(' ');
  };

  it('says in which level unreliable windows lie, and whether a limit is first crossed there', () => {
    assert.match(
      withUnreliable(1),
      /By level: 1 of 12 at 1,000 users\. The loads above do not depend on them/,
    );
    assert.match(
      withUnreliable(3),
      /1 of 12 at 2,000 users\. The result may depend on them: at 2,000 users a limit or margin is first crossed/,
    );
  });
});

describe('a last level that includes the end of its streams', () => {
  const drained = remade(beyond(), ({ levels }) => ({
    levels: levels.map((l, i) => {
      const endedAt = new Date(Date.parse(l.endedAt) + 70_000).toISOString();
      return i === LOADS.length - 1 ? { ...l, endedAt, lastedMs: l.lastedMs + 70_000 } : l;
    }),
  }));

  it('has no rates, which would bend a curve, and says so', () => {
    const last = drained.subjects[0]!.levels.at(-1)!;
    assert.deepEqual(
      [last.drainSeconds, last.openMean, last.streamsPerSecond, last.chunksPerSecond, last.bytesPerSecond],
      [70, null, null, null, null],
    );
    assert.equal(beyond().subjects[0]!.levels.at(-1)!.openMean, 2500);
    for (const section of ['levels', 'throughput', 'scalability'])
      assert.match(
        textOf(section, inputOf(drained)),
        /The last level, 2,500 users, includes 1m10s after the end of the load/,
        section,
      );
  });

  it('has those of its load where the summary has them', () => {
    const known = remade(drained, ({ levels }) => ({
      levels: levels.map((l, i) => {
        if (i !== LOADS.length - 1) return l;
        const counts = { ended: 3000, openMean: 2499, chunks: 600_000, bytes: 9_000_000, outputTokens: 0 };
        const endedAt = new Date(Date.parse(l.endedAt) - 70_000).toISOString();
        return {
          ...l,
          loaded: { endedAt, lastedMs: 60_000, ...counts, targets: [{ name: 'a', ...counts }] },
        };
      }),
    }));
    const last = known.subjects[0]!.levels.at(-1)!;
    assert.deepEqual(
      [last.drainSeconds, last.openMean, last.streamsPerSecond, last.chunksPerSecond, last.bytesPerSecond],
      [70, 2499, 50, 10_000, 150_000],
    );
    assert.match(
      textOf('throughput', inputOf(known)),
      /its rates and open streams are those of the time before/,
    );
  });

  it('keeps them where it is the only one, and says what they are of', () => {
    const single = remade(drained, ({ levels, setup }) => ({
      levels: levels.slice(-1),
      setup: { ...setup, stages: setup.stages.slice(-1) },
    }));
    assert.equal(single.subjects[0]!.levels[0]!.openMean, 2500);
    assert.match(
      textOf('throughput', inputOf(single)),
      /its rates and open streams are those of the whole time/,
    );
  });
});

describe('the words of the sections', () => {
  const table = (
    levels: Parameters<typeof subject>[0],
    limits: Parameters<typeof subject>[1],
  ): ReportInput => ({
    ...inputOf(),
    tables: [{ name: 't', subject: subject(levels, limits), claims: [] }],
  });
  const P50 = limit({ threshold: 'ttfb-p50', measure: 'TTFB p50', severity: 'critical' });
  const DURATION = limit({ threshold: 'duration-mean', measure: 'mean success duration', limit: 40_000 });
  const two = table(
    [
      level(100, { timings: { ttfb: timing(1000), duration: timing(31_000) } }),
      level(200, { timings: { ttfb: timing(3000, 20), duration: timing(33_000) } }),
    ],
    [P50, DURATION, SUCCESS],
  );

  it('mark the tightest limit of each load', () => {
    const text = textOf('margins', two);
    assert.match(text, /31s at 100 users: 22\.5 % left \(least left\)/);
    assert.match(text, /3s at 200 users: 20 % over \(least left\)/);
    assert.doesNotMatch(text, /the tightest first/);
  });

  it('give a crossed critical limit the same sign everywhere', () => {
    const tones = (['margins', 'monitoring'] as const).map((section) =>
      [...textOf(section, two).matchAll(/"tone":"(bad|warning)"/g)].map(([, tone]) => tone),
    );
    for (const found of tones) assert.deepEqual([...new Set(found)], ['bad']);
  });

  it('name the loads of a grade, both ends of a true value, and the source of a limit', () => {
    const text = textOf('grades', two);
    assert.match(text, /Performance \(low load: 100 users\)/);
    assert.match(text, /true value 2\.98s to 3s/);
    assert.match(text, /share of complete streams .+ warning if < 99 %, the limit of success rate \(/);
  });

  it('claim no more than they know', () => {
    const made = SECTIONS.find((s) => s.id === 'contradictions')!.make(inputOf(beyond()));
    assert.ok('omitted' in made);
    assert.match(made.omitted, /^This section compares the text of a written report with its own table/);
    assert.doesNotMatch(textOf('method', inputOf(beyond())), /Bursts were tested/);
  });

  it('give one mean length of an answer, over all streams', () => {
    const text = textOf(
      'consistency',
      table(
        [
          level(100, { streams: 100, chunksPerStream: 500 }),
          level(200, { streams: 300, chunksPerStream: 400 }),
        ],
        [SUCCESS],
      ),
    );
    assert.match(text, /"425"/);
  });

  it('name the last level of a long plan', () => {
    const { setup } = beyond().summary;
    const levels = [1, 2, 3, 4, 5, 6, 7, 3000];
    const text = loadText({
      ...setup,
      targets: setup.targets.slice(0, 1),
      stages: [{ shape: 'steps', levels, durationMs: 480_000 }],
    });
    assert.equal(text, '1, then 2, then 3, then 4, then 5, … then 3,000 users (8 levels), 1m each');
  });

  it('relate a bend to the recommended load', () => {
    const loads = [100, 200, 300, 400, 500, 600, 700, 800];
    const input = table(
      loads.map((load) =>
        level(load, { timings: { ttfb: timing(load < 400 ? 1000 : 1000 + 3 * (load - 400)) } }),
      ),
      [P50],
    );
    assert.match(
      textOf('scalability', input),
      /bends at 4\d\d users .+; below the recommended load, 700 users/,
    );
  });
});

it('a value within its sampling error of the border leaves loads open', () => {
  const of = (mean: number): TimedStats => ({
    count: 2695,
    mean,
    p50: mean - 1000,
    p95: mean + 14_000,
    p99: mean + 23_000,
    max: 74_000,
    measurementErrorMs: { p50: 0.1, p99: 2, count: 12_000 },
  });
  const means = [31_000, 31_753, 31_800, 32_243, 33_000];
  const run = remade(beyond(), ({ levels, thresholds }) => ({
    thresholds: thresholds.map((t) => ({
      ...t,
      threshold: 'duration-mean',
      measure: 'mean success duration',
      limit: 40_000,
    })),
    levels: levels.map((l, i) => ({
      ...l,
      targets: l.targets.map((t) => ({ ...t, successDurationMs: of(means[i]!) })),
    })),
  }));
  const { recommended } = answerOf(run.summary, run.subjects);
  assert.match(
    recommended,
    /limit: 1,500 users \(500 to 2,000 users within the sampling error\); at 2,000 users mean success duration, 32\.2s, leaves less than 20 % of its limit of 40s\./,
  );
});
