import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cell, StreamView } from '../../src/catalog/slots.ts';
import { seededRandom } from '../../src/core/random.ts';
import { Availability, MAX_OUTAGES, type OutageChange } from '../../src/run/availability.ts';
import { LAYOUT } from '../../support/run/samples.ts';

const START_AT = Date.UTC(2026, 0, 1);

/** What happens in one second: cells of a target that rise. */
type Second = Partial<Record<Cell, number>>;
const UP: Second = { characters: 10 };
const DOWN: Second = { 'finished:connect_error': 3 };
const NOTHING: Second = {};

class Clock {
  readonly values = new Float64Array(LAYOUT.size);
  readonly availability: Availability;
  readonly changes: OutageChange[] = [];
  #atMs = 5000;
  #frozenToMs: number | undefined;

  constructor() {
    const targets = LAYOUT.targets.map((name, index) => ({ name, index }));
    this.availability = new Availability(targets, LAYOUT, {
      atMs: this.#atMs,
      at: START_AT,
      values: this.values.slice(),
    });
  }

  /**
   * @param frozenForMs how long soakd was frozen in it, from its start; 0: not at all
   * @param isEnd whether a level ends with it
   */
  second(what: Second, spanMs = 1000, target = 0, frozenForMs = 0, isEnd = false): void {
    if (frozenForMs > 0) this.#frozenToMs = this.#atMs + frozenForMs;
    for (const [cell, n] of Object.entries(what)) this.values[LAYOUT.slots[target]!.cell[cell as Cell]]! += n;
    this.#atMs += spanMs;
    const moment = {
      atMs: this.#atMs,
      at: START_AT + this.#atMs - 5000,
      values: this.values.slice(),
      ...(this.#frozenToMs === undefined ? {} : { frozenToMs: this.#frozenToMs }),
    };
    this.changes.push(...this.availability.add(moment, undefined, isEnd));
  }

  seconds(...all: Second[]): this {
    for (const one of all) this.second(one);
    return this;
  }

  /** Sum of the times that the values of the run have now, s. */
  get counted(): number {
    const view = new StreamView(LAYOUT, this.availability.counted(this.values));
    return (
      (['upMs', 'downMs', 'unknownMs'] as const).reduce((sum, cell) => sum + view.cell(0, cell), 0) / 1000
    );
  }

  /** Up, down and unknown, s. */
  get times(): number[] {
    const values = new Float64Array(LAYOUT.size);
    this.availability.addTo(values);
    const view = new StreamView(LAYOUT, values);
    return (['upMs', 'downMs', 'unknownMs'] as const).map((cell) => view.cell(0, cell) / 1000);
  }

  /** From and to of each outage, s from the start. */
  get outages(): number[][] {
    return this.availability
      .outages('a')
      .outages.map(({ fromAt, toAt }) => [(fromAt - START_AT) / 1000, (toAt - START_AT) / 1000]);
  }
}

describe('availability of a target', () => {
  it('is not down in a second in which soakd was frozen, however short the freeze was', () => {
    const clock = new Clock();
    clock.second(DOWN, 2400, 0, 1200);
    assert.deepEqual(clock.times, [0, 0, 2.4]);
    clock.second(UP, 2400, 0, 1200);
    assert.deepEqual(clock.times, [2.4, 0, 2.4]);
    clock.seconds(DOWN, DOWN);
    assert.deepEqual(clock.times, [2.4, 2, 2.4], 'the seconds after it are as usual');
  });

  it('has all time up to the end of a level, which cuts its last second; another end at that moment changes nothing', () => {
    const clock = new Clock();
    clock.second(UP);
    clock.second(UP, 400);
    assert.deepEqual(clock.times, [1, 0, 0], 'a second is not over');
    clock.second(NOTHING, 250, 0, 0, true);
    assert.deepEqual(clock.times, [1.65, 0, 0]);
    clock.second(DOWN, 0, 0, 0, true);
    assert.deepEqual(clock.times, [1.65, 0, 0]);
    clock.second(NOTHING, 350);
    clock.second(NOTHING, 1000);
    assert.deepEqual(clock.times, [1.65, 1.35, 0], 'the rest is a part of the next second');
    assert.equal(clock.counted, 3);
  });

  it('has an outage through a freeze, whose seconds are unknown', () => {
    const clock = new Clock().seconds(UP, DOWN, DOWN);
    clock.second(DOWN, 2000, 0, 1500);
    clock.seconds(DOWN, UP);
    assert.deepEqual(clock.outages, [[1, 6]]);
    assert.deepEqual(clock.times, [2, 3, 2]);
  });

  const table: readonly [what: string, seconds: Second[], times: number[]][] = [
    ['content makes a second up', [UP], [1, 0, 0]],
    ['a success makes it up, also without content', [{ 'finished:limited': 1 }], [1, 0, 0]],
    ['a failure alone makes it down', [DOWN], [0, 1, 0]],
    ['a failure beside content is up', [{ ...UP, ...DOWN }], [1, 0, 0]],
    ['nothing makes it unknown', [NOTHING], [0, 0, 1]],
    [
      'what soakd cancelled or lost says nothing',
      [{ 'finished:cancelled': 2, 'finished:generator_lost': 1 }],
      [0, 0, 1],
    ],
    ['a stream that began says nothing', [{ started: 2, 'active:waiting': 2 }], [0, 0, 1]],
  ];
  for (const [what, seconds, times] of table)
    it(what, () => assert.deepEqual(new Clock().seconds(...seconds).times, times));

  const outages: readonly [what: string, seconds: Second[], outages: number[][]][] = [
    ['two seconds down are none', [UP, DOWN, DOWN, UP], []],
    ['three seconds down are one', [UP, DOWN, DOWN, DOWN, UP], [[1, 4]]],
    ['four are found with both ends', [UP, UP, DOWN, DOWN, DOWN, DOWN, UP], [[2, 6]]],
    [
      'silence of users who back off belongs to it',
      [UP, DOWN, NOTHING, NOTHING, DOWN, NOTHING, UP],
      [[1, 5]],
    ],
    ['silence at its end does not', [UP, DOWN, DOWN, NOTHING, NOTHING, UP], []],
    ['it lasts to the end of the run', [UP, DOWN, DOWN, DOWN], [[1, 4]]],
    [
      'each is one of its own',
      [DOWN, DOWN, DOWN, UP, DOWN, DOWN, DOWN, UP],
      [
        [0, 3],
        [4, 7],
      ],
    ],
    [
      'one failure and another later are no outage: both may be chance',
      [{ 'finished:reset': 1 }, NOTHING, NOTHING, NOTHING, { 'finished:reset': 1 }, UP],
      [],
    ],
  ];
  for (const [what, seconds, expected] of outages)
    it(`of outages: ${what}`, () => {
      const clock = new Clock().seconds(...seconds);
      clock.availability.finish();
      assert.deepEqual(clock.outages, expected);
    });

  it('counts failures of seconds in which soakd was frozen, where the outage continues after them', () => {
    const clock = new Clock().seconds(UP, DOWN, DOWN, DOWN);
    clock.second(DOWN, 2000, 0, 1500);
    clock.seconds(DOWN);
    const [outage] = clock.availability.finish();
    assert.deepEqual(outage?.outcomes, { connect_error: 15 });
    const over = new Clock().seconds(UP, DOWN, DOWN, DOWN);
    over.second(DOWN, 2000, 0, 1500);
    over.seconds(UP);
    assert.deepEqual(over.changes.at(-1)!.outage.outcomes, { connect_error: 9 });
  });

  it('says when an outage began, as soon as it is one, and when it ended, with its failures', () => {
    const clock = new Clock().seconds(UP, DOWN, DOWN);
    assert.equal(clock.changes.length, 0);
    clock.seconds({ 'finished:reset': 1 });
    assert.deepEqual(
      clock.changes.map((c) => c.kind),
      ['began'],
    );
    clock.seconds(DOWN, UP, UP);
    const [, ended] = clock.changes;
    assert.deepEqual(ended, {
      kind: 'ended',
      outage: {
        target: 'a',
        fromAt: START_AT + 1000,
        toAt: START_AT + 5000,
        upAt: START_AT + 6000,
        outcomes: { connect_error: 9, reset: 1 },
      },
    });
    assert.equal(clock.changes.length, 2);
  });

  it('says when a kind of failure was first and last seen', () => {
    const clock = new Clock().seconds(UP, { 'finished:reset': 1 }, UP, { 'finished:reset': 5 }, UP);
    const times = clock.availability.failureTimes('a', 'reset');
    assert.deepEqual(times, { firstAt: START_AT + 1000, lastAt: START_AT + 4000 });
    assert.equal(clock.availability.failureTimes('a', 'truncated'), undefined);
    assert.equal(clock.availability.failureTimes('b', 'reset'), undefined);
  });

  it('a generator that stood still for longer than three seconds blames nobody', () => {
    const clock = new Clock().seconds(UP);
    clock.second(DOWN, 8000);
    assert.deepEqual(clock.times, [1, 0, 8]);
    clock.second(UP, 8000);
    assert.deepEqual(clock.times, [9, 0, 8]);
  });

  it('polls between two seconds wait until a second is over', () => {
    const clock = new Clock().seconds(UP);
    for (let i = 0; i < 10; i++) clock.second(i === 4 ? DOWN : NOTHING, 100);
    assert.deepEqual(clock.times, [1, 0.9, 0]);
  });

  it('adds up open streams over time', () => {
    const clock = new Clock();
    clock.seconds({ 'active:streaming': 4 }, {}, { 'active:streaming': -4 });
    const values = new Float64Array(LAYOUT.size);
    clock.availability.addTo(values);
    assert.equal(new StreamView(LAYOUT, values).cell(0, 'activeMs'), 8000);
  });

  it('forgets the outages of a warm-up, and not the time', () => {
    const clock = new Clock().seconds(DOWN, DOWN, DOWN, UP);
    clock.availability.restart(['a']);
    assert.deepEqual([clock.outages, clock.availability.failureTimes('a', 'connect_error')], [[], undefined]);
    assert.deepEqual(clock.times, [1, 3, 0]);
  });

  it('keeps a bounded number of outages, and counts all', () => {
    const clock = new Clock();
    for (let i = 0; i < MAX_OUTAGES + 7; i++) clock.seconds(DOWN, DOWN, DOWN, UP);
    const { outages: kept, count } = clock.availability.outages('a');
    assert.deepEqual([kept.length, count], [MAX_OUTAGES, MAX_OUTAGES + 7]);
    assert.equal(clock.times[1], 3 * (MAX_OUTAGES + 7));
  });

  it('invents no outage in 20,000 streams that fail at random, and finds those of 2, 4 and 30 s', () => {
    const random = seededRandom(7);
    const clock = new Clock();
    const faults = ['reset', 'truncated', 'inband_error', 'http_error', 'stalled'] as const;
    /** Seconds in which nothing is served. */
    const down = [
      [100, 102],
      [200, 204],
      [300, 330],
    ] as const;
    let streams = 0;
    for (let s = 0; streams < 20_000; s++) {
      const isDown = down.some(([from, to]) => s >= from && s < to);
      const second: Record<string, number> = {};
      for (let n = Math.floor(random() * 60); n > 0; n--) {
        streams++;
        const fails = isDown || random() < 0.4;
        const cell = fails ? `finished:${faults[Math.floor(random() * faults.length)]}` : 'finished:complete';
        second[cell] = (second[cell] ?? 0) + 1;
        if (!isDown) second.characters = (second.characters ?? 0) + 1;
      }
      clock.second(second as Second, 950 + Math.floor(random() * 100));
    }
    clock.availability.finish();
    assert.deepEqual(clock.availability.finish(), [], 'each is ended once');
    assert.equal(clock.outages.length, 2, JSON.stringify(clock.outages));
    clock.outages.forEach(([from, to], i) => {
      const [start, end] = down[i + 1]!;
      assert.ok(Math.abs(to! - from! - (end - start)) <= 2, `${from} to ${to}`);
    });
  });
});
