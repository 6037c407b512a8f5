import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/core/random.ts';
import { bottlenecksOf } from '../../src/report/bottlenecks.ts';
import { Contention } from '../../src/run/contention.ts';
import type { LevelSummary } from '../../src/schema/level-summary.ts';
import type { LoadDelivered } from '../../src/schema/summary.ts';
import { closed, open } from '../../support/load/samples.ts';
import { summaryOf } from '../../support/report/samples.ts';
import { LAYOUT } from '../../support/run/samples.ts';

const TARGETS = LAYOUT.targets.map((name, index) => ({ name, index }));
const SCENARIO = closed({ targets: TARGETS.map(({ name }) => ({ name, weight: 1 })) });

interface Poll {
  readonly waiting: number;
  readonly streaming: number;
}

/** Polls of both targets, each with 50 users, and the streams that each of them ended. */
function watch(
  polls: readonly (readonly [Poll, Poll])[],
  ended = 1000,
): Contention['finish'] extends (v: never) => infer R ? R : never {
  const contention = new Contention(LAYOUT, TARGETS);
  const values = new Float64Array(LAYOUT.size);
  for (const both of polls) {
    both.forEach(({ waiting, streaming }, t) => {
      const { cell } = LAYOUT.slots[t]!;
      values[cell['active:waiting']] = waiting;
      values[cell['active:streaming']] = streaming;
      values[cell['finished:complete']] = ended;
    });
    contention.add(values, [50, 50]);
  }
  return contention.finish(values);
}

const binomial = (random: () => number, n: number, p: number): number =>
  Array.from({ length: n }, random).filter((x) => x < p).length;

const loadOf = (a: number, b: number): LoadDelivered => ({
  ratio: 1,
  required: 0.95,
  perTarget: [
    { target: 'a', ratio: null, started: null, due: null, userMs: a * 1000 },
    { target: 'b', ratio: null, started: null, due: null, userMs: b * 1000 },
  ],
});

/** Streams of a target, with how many succeeded and were open on average. */
function streamsOf(name: string, success: number, openMean: number) {
  const { streams } = summaryOf();
  return { name, streams: { ...streams, openMean, results: { ...streams.results, success } } };
}

const streams = { levels: [], targets: [streamsOf('a', 90, 20), streamsOf('b', 10, 3.2)] };

/** A level of 10 users, in which b had fewer streams open with the drain. */
function levelWithDrain(): LevelSummary {
  const summary = summaryOf();
  const counted = { ended: 10, chunks: 0, bytes: 0, outputTokens: 0 };
  return {
    ...summary,
    stage: 0,
    target: null,
    shape: 'hold',
    users: { from: 10, to: 10 },
    rate: null,
    startedAt: '2026-11-23T18:15:02.000Z',
    endedAt: '2026-11-23T18:16:34.000Z',
    lastedMs: 92_000,
    furtherLevels: 0,
    measurementQuality: { windows: 0, unreliable: 0 },
    targets: [{ ...summary.targets[0]!, ...streamsOf('b', 10, 5) }],
    loaded: {
      ...counted,
      endedAt: '2026-11-23T18:16:02.000Z',
      lastedMs: 60_000,
      openMean: 27,
      targets: [{ ...counted, name: 'b', openMean: 7 }],
    },
  };
}

const texts = (
  polls: readonly (readonly [Poll, Poll])[],
  ended?: number,
  load: LoadDelivered = loadOf(500, 500),
): string[] => bottlenecksOf(watch(polls, ended), load, SCENARIO, streams).map((b) => b.text);

describe('what holds users up', () => {
  const random = seededRandom(3);
  const FREE: Poll = { waiting: 2, streaming: 48 };
  /** Four workers, which take a moment from one stream to the next. */
  const pool = (): Poll => {
    const streaming = binomial(random, 4, 0.9);
    return { waiting: 50 - streaming, streaming };
  };

  it('finds a pool of workers: so many streams receive at once, and never more', () => {
    const polls = Array.from({ length: 60 }, () => [pool(), FREE] as const);
    assert.deepEqual(texts(polls), [
      'a: never more than 4 of 50 streams received at once, as from a pool of 4 workers',
    ]);
  });

  it('says nothing of streams that are slow to begin, whatever their share', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const own = seededRandom(seed);
      const share = 0.02 + own() * 0.4;
      const polls = Array.from({ length: 60 }, () => {
        const streaming = binomial(own, 50, share);
        return [{ waiting: 50 - streaming, streaming }, FREE] as const;
      });
      assert.deepEqual(texts(polls), [], `seed ${seed}, share ${share}`);
    }
  });

  it('says nothing of a short run, or before several turns were taken', () => {
    const polls = (n: number) => Array.from({ length: n }, () => [pool(), FREE] as const);
    assert.deepEqual(texts(polls(19)), []);
    assert.deepEqual(texts(polls(60), 15), []);
  });

  it('finds the target that keeps most users, and what is left to the others', () => {
    assert.deepEqual(texts([], undefined, loadOf(900, 100)), [
      'users spent 90 % of their time on a (an equal share would be 50 %), so fewer streams were open elsewhere: 3 on b on average',
    ]);
    // In the open model there are no users to be held.
    const targets = SCENARIO.targets;
    assert.deepEqual(bottlenecksOf([], loadOf(900, 100), { ...open(100), targets }, streams), []);
  });

  it('says what the others had open while the load lasted, and leaves out those without a success', () => {
    const textOf = (shown: Parameters<typeof bottlenecksOf>[3]): string =>
      bottlenecksOf([], loadOf(900, 100), SCENARIO, shown)[0]!.text;
    const targets = [...streams.targets, streamsOf('dead', 0, 0.1)];
    assert.match(
      textOf({ levels: [levelWithDrain()], targets }),
      /, so fewer streams were open elsewhere: 7 on b at 10 users$/,
    );
    assert.match(textOf({ levels: [], targets: [streamsOf('b', 0, 0.1)] }), /would be 50 %\)$/);
  });

  const shared: readonly [what: string, a: number, b: number][] = [
    ['evenly', 500, 500],
    ['nearly evenly', 600, 400],
    ['for a few seconds only', 40, 4],
  ];
  for (const [what, a, b] of shared)
    it(`says nothing where users were shared ${what}`, () => {
      assert.deepEqual(texts([], undefined, loadOf(a, b)), []);
    });

  it('forgets the warm-up', () => {
    const contention = new Contention(LAYOUT, TARGETS);
    const values = new Float64Array(LAYOUT.size);
    for (let i = 0; i < 30; i++) contention.add(values, [50, 50]);
    contention.restart(TARGETS.map(({ name }) => name));
    assert.deepEqual(contention.finish(values), []);
  });
});
