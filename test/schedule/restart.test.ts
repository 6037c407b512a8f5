import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import {
  MAX_SCHEDULE_RECORDS,
  type Schedule,
  type ScheduleMemory,
  type ScheduleRecord,
} from '../../src/core/schedule.ts';
import { Schedules } from '../../src/schedule/schedules.ts';

const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

const NIGHTLY: Schedule = {
  name: 'nightly',
  scenario: 'demo',
  cron: '0 2 * * *',
  timezone: 'UTC',
  missed: 'skip',
};
const HOURLY: Schedule = { ...NIGHTLY, name: 'hourly', cron: '0 * * * *' };
const BERLIN: Schedule = { ...NIGHTLY, cron: '30 2 * * *', timezone: 'Europe/Berlin' };

/** In the order of the last `save`, and bounded, as the contract has it. */
class InMemory implements ScheduleMemory {
  readonly records = new Map<string, ScheduleRecord>();
  saves = 0;

  load(): readonly ScheduleRecord[] {
    return [...this.records.values()];
  }

  save(record: ScheduleRecord): void {
    this.saves++;
    this.records.delete(record.name);
    this.records.set(record.name, record);
    for (const name of this.records.keys()) {
      if (this.records.size <= MAX_SCHEDULE_RECORDS) return;
      this.records.delete(name);
    }
  }
}

describe('schedules over a restart', () => {
  let memory: InMemory;
  let schedules: Schedules;
  /** `<time> <note>` of each start. */
  let started: string[];
  let lines: { readonly facts: Record<string, unknown>; readonly text: string }[];
  let answer: () => Promise<{ readonly id: string }>;
  /** By how much the clock on the wall differs from the one that the timers run by, ms. */
  let setBy: number;
  const now = (): number => Date.now() + setBy;

  beforeEach(() => {
    memory = new InMemory();
    started = [];
    lines = [];
    setBy = 0;
    answer = async () => ({ id: 'r-1' });
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: Date.parse('2026-06-01T00:00:00Z') });
  });
  afterEach(() => {
    schedules.close();
    mock.timers.reset();
  });

  /** Starts soakd at this time; what ran before it is gone. */
  async function boot(instant: string, configured: readonly Schedule[]): Promise<void> {
    schedules?.close();
    clockTo(instant);
    const log = (facts: object, text: string) => lines.push({ facts: { ...facts }, text });
    schedules = new Schedules({
      start: (scenario, by, note) => {
        started.push([iso(now() - (now() % 1000)), scenario, by, note].filter(Boolean).join(' | '));
        return answer();
      },
      log: { info: log, warn: log, error: log },
      now,
      memory,
    });
    schedules.replace(configured);
    assert.deepEqual(
      started.filter((line) => line.startsWith(instant)),
      [],
      'nothing starts within `replace`',
    );
    await pass(100);
  }
  async function pass(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await flush();
  }
  async function until(instant: string): Promise<void> {
    while (now() < Date.parse(instant)) await pass(Math.min(5000, Date.parse(instant) - now()));
  }
  /** The clock shows another time, and no timer knows. */
  const clockTo = (instant: string): void => {
    setBy = Date.parse(instant) - Date.now();
  };
  const state = () => schedules.states()[0]!;
  const missedLines = () => lines.filter((line) => line.text.includes('missed its times'));

  interface Case {
    readonly schedule: Schedule;
    /** What is configured after the restart; the same if absent. */
    readonly after?: Schedule;
    readonly ends: string;
    readonly restarts: string;
    /** Counted, from and to; absent: nothing was missed. */
    readonly missed?: readonly [number, string, string];
    readonly next: string;
  }
  const CASES: Readonly<Record<string, Case>> = {
    'with no time between': {
      schedule: NIGHTLY,
      ends: '2026-06-01T03:00:00Z',
      restarts: '2026-06-02T01:59:00Z',
      next: '2026-06-02T02:00:00Z',
    },
    'after 1 time, with another scenario': {
      schedule: NIGHTLY,
      after: { ...NIGHTLY, scenario: 'other' },
      ends: '2026-06-01T00:10:00Z',
      restarts: '2026-06-01T02:01:01Z',
      missed: [1, '2026-06-01T02:00:00Z', '2026-06-01T02:00:00Z'],
      next: '2026-06-02T02:00:00Z',
    },
    'after 3 times': {
      schedule: HOURLY,
      ends: '2026-06-01T00:10:00Z',
      restarts: '2026-06-01T03:30:00Z',
      missed: [3, '2026-06-01T01:00:00Z', '2026-06-01T03:00:00Z'],
      next: '2026-06-01T04:00:00Z',
    },
    'after 500 times, of which 100 are counted': {
      schedule: HOURLY,
      ends: '2026-06-01T00:10:00Z',
      restarts: '2026-06-21T20:30:00Z',
      missed: [100, '2026-06-01T01:00:00Z', '2026-06-21T20:00:00Z'],
      next: '2026-06-21T21:00:00Z',
    },
    'after a night in which the wall clock skipped the time': {
      schedule: BERLIN,
      ends: '2026-03-28T12:00:00Z',
      restarts: '2026-03-29T06:00:00Z',
      missed: [1, '2026-03-29T01:30:00Z', '2026-03-29T01:30:00Z'],
      next: '2026-03-30T00:30:00Z',
    },
    'after a night in which the wall clock showed the time twice': {
      schedule: BERLIN,
      ends: '2026-10-24T12:00:00Z',
      restarts: '2026-10-25T06:00:00Z',
      missed: [1, '2026-10-25T00:30:00Z', '2026-10-25T00:30:00Z'],
      next: '2026-10-26T01:30:00Z',
    },
    'after an hour that the wall clock showed twice, with a pattern of every hour': {
      schedule: { ...HOURLY, timezone: 'Europe/Berlin' },
      ends: '2026-10-24T23:30:00Z',
      restarts: '2026-10-25T02:30:00Z',
      missed: [3, '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z'],
      next: '2026-10-25T03:00:00Z',
    },
    'with another pattern': {
      schedule: HOURLY,
      after: { ...HOURLY, cron: '30 * * * *' },
      ends: '2026-06-01T00:10:00Z',
      restarts: '2026-06-01T05:40:00Z',
      next: '2026-06-01T06:30:00Z',
    },
    'with another time zone': {
      schedule: NIGHTLY,
      after: { ...NIGHTLY, timezone: 'Asia/Kolkata' },
      ends: '2026-06-01T00:10:00Z',
      restarts: '2026-06-03T05:40:00Z',
      next: '2026-06-03T20:30:00Z',
    },
    'with a clock that was set back by days': {
      schedule: HOURLY,
      ends: '2026-06-10T00:10:00Z',
      restarts: '2026-06-01T05:40:00Z',
      next: '2026-06-01T06:00:00Z',
    },
  };

  for (const [name, { schedule, after = schedule, ends, restarts, missed, next }] of Object.entries(CASES)) {
    for (const policy of ['skip', 'once'] as const) {
      it(`${name}, policy ${policy}: the missed times are counted, and ${policy === 'once' ? 'one start' : 'no start'} follows`, async () => {
        const begin = iso(Date.parse(ends) - 60_000);
        await boot(begin, [{ ...schedule, missed: policy }]);
        await until(ends);
        assert.deepEqual([started, state().skipped], [[], 0], 'before the restart');
        await boot(restarts, [{ ...after, missed: policy }]);
        await pass(20_000);
        assert.equal(iso(state().nextAt), next);
        assert.equal(state().skipped, missed?.[0] ?? 0);
        assert.deepEqual(
          missedLines().map(({ facts }) => [
            facts.missed,
            String(facts.firstAt).replace('.000Z', 'Z'),
            String(facts.lastAt).replace(/\.\d+Z/, 'Z'),
            facts.policy,
          ]),
          missed === undefined ? [] : [[...missed, policy]],
        );
        assert.deepEqual(
          started.map((line) => line.split(' | ').slice(0, 3)),
          missed === undefined || policy === 'skip'
            ? []
            : [[restarts, after.scenario, `schedule ${after.name}`]],
        );
        // Neither again with the next restart.
        const many = started.length;
        await boot(iso(now()), [{ ...after, missed: policy }]);
        await pass(20_000);
        assert.deepEqual([started.length, state().skipped], [many, missed?.[0] ?? 0]);
        assert.equal(missedLines().length, missed === undefined ? 0 : 1);
      });
    }
  }

  it('of every minute are handled at once after a week, and after ten years', async () => {
    const minutely: Schedule = { ...NIGHTLY, name: 'minutely', cron: '* * * * *', missed: 'once' };
    await boot('2026-06-01T00:00:30Z', [minutely]);
    for (const [restarts, last, next, skipped] of [
      ['2026-06-08T00:00:30Z', '2026-06-07T23:59:00.000Z', '2026-06-08T00:01:00Z', 100],
      ['2036-06-08T00:00:30Z', '2036-06-07T23:59:00.000Z', '2036-06-08T00:01:00Z', 200],
    ] as const) {
      started.length = 0;
      await boot(restarts, [minutely]);
      await pass(10_000);
      // The time of half a minute ago is not missed.
      assert.equal(started.length, 1);
      assert.ok(!started[0]!.includes('makes up'));
      assert.equal(state().skipped, skipped, 'a lower bound');
      assert.equal(iso(state().nextAt), next);
      const { missed, isAtLeast, lastAt } = missedLines().at(-1)!.facts;
      assert.deepEqual([missed, isAtLeast, lastAt], [100, true, last]);
      await pass(60_000);
      assert.equal(started.length, 2, 'the next time is as usual');
      assert.equal(state().skipped, skipped);
    }
  });

  it('start once with a note of the missed times', async () => {
    const once: Schedule = { ...HOURLY, missed: 'once' };
    await boot('2026-06-01T00:10:00Z', [once]);
    await boot('2026-06-01T01:30:00Z', [once]);
    await boot('2026-06-01T04:30:00Z', [once]);
    assert.deepEqual(started, [
      '2026-06-01T01:30:00Z | demo | schedule hourly | makes up for the missed time 2026-06-01T01:00:00.000Z',
      '2026-06-01T04:30:00Z | demo | schedule hourly | makes up for 3 missed times from 2026-06-01T02:00:00.000Z to 2026-06-01T04:00:00.000Z',
    ]);
    assert.ok(state().lastStartedAt! >= Date.parse('2026-06-01T04:30:00Z'));
    assert.equal(lines.at(-1)!.facts.makesUpFor, 3);
  });

  it('start a time of less than a minute ago as usual, and make up for nothing besides', async () => {
    const once: Schedule = { ...HOURLY, missed: 'once' };
    await boot('2026-06-01T00:10:00Z', [once]);
    await boot('2026-06-01T03:00:30Z', [once]);
    assert.deepEqual(started, ['2026-06-01T03:00:30Z | demo | schedule hourly']);
    assert.deepEqual([state().skipped, missedLines()[0]!.facts.missed], [2, 2]);
  });

  it('do not start a time again that was started before the restart', async () => {
    await boot('2026-06-01T01:59:59Z', [NIGHTLY]);
    await until('2026-06-01T02:00:05Z');
    await boot('2026-06-01T02:00:10Z', [NIGHTLY]);
    assert.equal(started.length, 1);
    assert.deepEqual([state().skipped, missedLines()], [0, []]);
    assert.equal(Math.floor(state().lastStartedAt! / 5000) * 5000, Date.parse('2026-06-01T02:00:00Z'));
  });

  it('do not repeat a start that ended the process', async () => {
    answer = () => new Promise(() => {});
    const once: Schedule = { ...NIGHTLY, missed: 'once' };
    await boot('2026-06-01T00:10:00Z', [once]);
    await boot('2026-06-01T05:00:00Z', [once]);
    await boot('2026-06-01T05:00:10Z', [once]);
    assert.equal(started.length, 1);
  });

  it('skip the start for missed times while a run is active, and count no time twice', async () => {
    const once: Schedule = { ...HOURLY, missed: 'once' };
    await boot('2026-06-01T00:10:00Z', [once]);
    answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'a run is active: r-17 (demo)'));
    await boot('2026-06-01T03:30:00Z', [once]);
    await pass(20_000);
    assert.deepEqual([started.length, state().skipped, state().lastStartedAt], [1, 3, null]);
    assert.deepEqual(lines.at(-1), {
      facts: { schedule: 'hourly', scenario: 'demo', detail: 'a run is active: r-17 (demo)', makesUpFor: 3 },
      text: 'schedule skipped',
    });
  });

  it('continue their counts, with another pattern too', async () => {
    answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'r'));
    await boot('2026-06-01T00:10:00Z', [HOURLY]);
    await until('2026-06-01T02:10:00Z');
    await boot('2026-06-01T02:20:00Z', [HOURLY]);
    assert.equal(state().skipped, 2);
    await boot('2026-06-01T02:30:00Z', [{ ...HOURLY, cron: '30 * * * *' }]);
    assert.equal(state().skipped, 2);
    await until('2026-06-01T03:31:00Z');
    assert.equal(state().skipped, 3);
    await boot('2026-05-01T00:00:00Z', [HOURLY]);
    assert.equal(state().skipped, 3, 'a counter does not fall with the clock');
  });

  it('forget a start that lies in the future of a clock that was set back', async () => {
    await boot('2026-06-01T01:59:00Z', [NIGHTLY]);
    await until('2026-06-01T02:00:10Z');
    await boot('2026-05-01T00:00:00Z', [NIGHTLY]);
    assert.equal(state().lastStartedAt, null);
  });

  it('start nothing twice after a clock that was set back by less than an hour', async () => {
    await boot('2026-06-01T01:59:00Z', [NIGHTLY]);
    await until('2026-06-01T02:00:10Z');
    await boot('2026-06-01T01:40:00Z', [NIGHTLY]);
    await until('2026-06-01T02:10:00Z');
    assert.equal(started.length, 1);
    assert.equal(iso(state().nextAt), '2026-06-02T02:00:00Z');
  });

  it('remember a clock that was set back while soakd ran', async () => {
    await boot('2026-06-10T00:10:00Z', [HOURLY]);
    await until('2026-06-10T01:00:10Z');
    clockTo('2026-06-01T00:10:00Z');
    await pass(20_000);
    await boot('2026-06-01T02:30:00Z', [HOURLY]);
    assert.equal(state().skipped, 2);
  });

  for (const [how, remove, add] of [
    [
      'by a reload',
      async () => schedules.replace([NIGHTLY]),
      async () => schedules.replace([{ ...HOURLY, missed: 'once' }]),
    ],
    [
      'over restarts',
      () => boot('2026-06-01T02:30:00Z', [NIGHTLY]),
      () => boot('2026-06-01T09:30:00Z', [{ ...HOURLY, missed: 'once' }]),
    ],
    [
      'by a reload, and then over a restart',
      async () => schedules.replace([NIGHTLY]),
      () => boot('2026-06-01T09:30:00Z', [{ ...HOURLY, missed: 'once' }]),
    ],
  ] as const) {
    it(`that are removed and added again ${how} keep their counts and miss no time between`, async () => {
      answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'r'));
      await boot('2026-06-01T00:30:00Z', [{ ...HOURLY, missed: 'once' }]);
      await until('2026-06-01T01:30:00Z');
      assert.deepEqual([started.length, state().skipped], [1, 1]);
      await remove();
      await until('2026-06-01T09:30:00Z');
      const before = started.length;
      await add();
      await pass(20_000);
      assert.deepEqual([started.length - before, state().skipped], [0, 1]);
      assert.equal(iso(state().nextAt), '2026-06-01T10:00:00Z');
      await boot('2026-06-01T11:30:00Z', [{ ...HOURLY, missed: 'once' }]);
      assert.equal(state().skipped, 3);
    });
  }

  it('keep at most 200 records, those in use among them', async () => {
    const rare: Schedule = { ...NIGHTLY, name: 'rare', cron: '@yearly' };
    await boot('2026-06-01T00:00:00Z', [rare]);
    for (let i = 0; i < 500; i += 25) {
      const others = Array.from({ length: 25 }, (_, n) => ({ ...NIGHTLY, name: `n${i + n}` }));
      await boot(`2026-06-01T01:00:${String(i / 25).padStart(2, '0')}Z`, [rare, ...others]);
    }
    assert.equal(memory.records.size, MAX_SCHEDULE_RECORDS);
    await boot('2027-01-01T06:00:00Z', [rare]);
    assert.equal(state().skipped, 1);
  });

  it('are saved when they are first seen, and when a time was handled, and not between', async () => {
    await boot('2026-06-01T00:00:00Z', [NIGHTLY]);
    assert.deepEqual(memory.load(), [
      {
        name: 'nightly',
        cron: '0 2 * * *',
        timezone: 'UTC',
        doneAt: Date.parse('2026-06-01T00:00:00Z'),
        skipped: 0,
        lastStartedAt: null,
      },
    ]);
    await until('2026-06-01T01:59:00Z');
    assert.equal(memory.saves, 1);
    await until('2026-06-01T04:00:00Z');
    assert.equal(memory.saves, 3, 'before and after the start');
    const [record] = memory.load();
    assert.equal(record!.doneAt, Date.parse('2026-06-01T02:00:00Z'));
    assert.equal(record!.lastStartedAt, state().lastStartedAt);
  });

  it('of policy once make up too for times over which soakd was paused', async () => {
    const once: Schedule = { ...HOURLY, missed: 'once' };
    await boot('2026-06-01T00:30:00Z', [once, NIGHTLY]);
    clockTo('2026-06-01T05:30:00Z');
    await pass(20_000);
    assert.deepEqual(
      started.map((line) => line.split(' | ')[3]),
      ['makes up for 5 missed times from 2026-06-01T01:00:00.000Z to 2026-06-01T05:00:00.000Z'],
    );
    assert.deepEqual(
      schedules.states().map((s) => s.skipped),
      [5, 1],
    );
    await pass(20_000);
    assert.equal(started.length, 1);
  });
});
