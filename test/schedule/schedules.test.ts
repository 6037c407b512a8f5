import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { Schedules } from '../../src/schedule/schedules.ts';

const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const iso = (ms: number): string => new Date(ms).toISOString();

const NIGHTLY: Schedule = {
  name: 'nightly',
  scenario: 'demo',
  cron: '0 2 * * *',
  timezone: 'UTC',
  missed: 'skip',
};
const HOURLY: Schedule = { ...NIGHTLY, name: 'hourly', scenario: 'short', cron: '0 * * * *' };
const EVERY_MINUTE: Schedule = { ...HOURLY, name: 'often', cron: '* * * * *' };

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: Record<string, unknown>;
  readonly text: string;
}

describe('schedules', () => {
  let schedules: Schedules;
  let started: string[];
  let lines: Line[];
  let answer: () => Promise<{ readonly id: string }>;
  /** By how much the clock on the wall differs from the one that the timers run by, ms. */
  let setBy: number;
  const now = (): number => Date.now() + setBy;

  beforeEach(() => {
    started = [];
    lines = [];
    setBy = 0;
    answer = async () => ({ id: 'r-1' });
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: Date.parse('2026-06-01T00:00:00Z') });
    const log = (level: Line['level']) => (facts: object, text: string) =>
      lines.push({ level, facts: facts as Line['facts'], text });
    schedules = new Schedules({
      start: (scenario, by) => {
        started.push(`${iso(now()).replace('.000Z', 'Z')} ${scenario} by ${by}`);
        return answer();
      },
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      now,
    });
  });

  afterEach(() => {
    schedules.close();
    mock.timers.reset();
  });

  /** Time goes by, and everything happens in it: a timer of the mock knows no time but the end of its step. */
  async function until(instant: string, stepMs = 5000): Promise<void> {
    const end = Date.parse(instant);
    while (now() < end) {
      mock.timers.tick(Math.min(stepMs - (now() % stepMs), end - now()));
      await flush();
    }
  }

  /** The clock shows another time, and no timer knows: a machine that slept, or a clock that is set. */
  const clockTo = (instant: string): void => {
    setBy = Date.parse(instant) - Date.now();
  };
  const state = (name = 'nightly') => schedules.states().find((s) => s.name === name)!;
  const troubles = () => lines.filter((line) => line.level !== 'info');

  it('start their scenarios at their times, and tell who did', async () => {
    schedules.replace([NIGHTLY, { ...HOURLY, cron: '30 1,3 * * *' }]);
    await until('2026-06-02T03:00:00Z');
    assert.deepEqual(started, [
      '2026-06-01T01:30:00Z short by schedule hourly',
      '2026-06-01T02:00:00Z demo by schedule nightly',
      '2026-06-01T03:30:00Z short by schedule hourly',
      '2026-06-02T01:30:00Z short by schedule hourly',
      '2026-06-02T02:00:00Z demo by schedule nightly',
    ]);
    assert.deepEqual(troubles(), []);
    assert.equal(lines.length, 5);
    assert.deepEqual(lines[1]!.facts, { run: 'r-1', schedule: 'nightly', scenario: 'demo' });
  });

  it('of the same time start in the order of the configuration', async () => {
    schedules.replace([NIGHTLY, { ...NIGHTLY, name: 'also' }, { ...NIGHTLY, name: 'a-third' }]);
    await until('2026-06-01T02:00:00Z');
    assert.deepEqual(
      started.map((line) => line.split(' ').at(-1)),
      ['nightly', 'also', 'a-third'],
    );
  });

  it('show when they are due, when they last started, and what was skipped', async () => {
    schedules.replace([NIGHTLY]);
    assert.deepEqual(schedules.states(), [
      { ...NIGHTLY, nextAt: Date.parse('2026-06-01T02:00:00Z'), lastStartedAt: null, skipped: 0 },
    ]);
    await until('2026-06-01T02:00:10Z');
    assert.deepEqual(schedules.states(), [
      {
        ...NIGHTLY,
        nextAt: Date.parse('2026-06-02T02:00:00Z'),
        lastStartedAt: Date.parse('2026-06-01T02:00:00Z'),
        skipped: 0,
      },
    ]);
  });

  it('keep to the wall clock of their zone when it is changed', async () => {
    clockTo('2026-10-24T12:00:00Z');
    schedules.replace([
      { ...NIGHTLY, cron: '30 2 * * *', timezone: 'Europe/Berlin' },
      { ...HOURLY, timezone: 'Europe/Berlin', cron: '0 * 25 10 *' },
    ]);
    await until('2026-10-25T04:00:00Z');
    assert.deepEqual(started, [
      '2026-10-24T22:00:00Z short by schedule hourly',
      '2026-10-24T23:00:00Z short by schedule hourly',
      '2026-10-25T00:00:00Z short by schedule hourly',
      '2026-10-25T00:30:00Z demo by schedule nightly',
      '2026-10-25T01:00:00Z short by schedule hourly',
      '2026-10-25T02:00:00Z short by schedule hourly',
      '2026-10-25T03:00:00Z short by schedule hourly',
      '2026-10-25T04:00:00Z short by schedule hourly',
    ]);
  });

  it('wait for longer than a timer can', async () => {
    schedules.replace([{ ...NIGHTLY, cron: '0 0 15 7 *' }]);
    await until('2026-07-14T23:59:59Z', 60_000);
    assert.deepEqual(started, []);
    await until('2026-07-15T00:00:00Z');
    assert.equal(started.length, 1);
  });

  it('are skipped while a run is active, and say which', async () => {
    answer = async () => {
      throw new SoakError('RUN_ACTIVE', 'a run is active: r-17 (demo)');
    };
    schedules.replace([HOURLY]);
    await until('2026-06-01T02:30:00Z');
    assert.equal(started.length, 2);
    assert.deepEqual([state('hourly').skipped, state('hourly').lastStartedAt], [2, null]);
    assert.deepEqual(
      troubles().map(({ level, facts, text }) => [level, facts, text]),
      Array(2).fill([
        'warn',
        { schedule: 'hourly', scenario: 'short', detail: 'a run is active: r-17 (demo)' },
        'schedule skipped',
      ]),
    );
  });

  it('are skipped while their own start is being prepared, and go on after it', async () => {
    const through = Promise.withResolvers<{ readonly id: string }>();
    answer = () => through.promise;
    schedules.replace([EVERY_MINUTE]);
    await until('2026-06-01T00:03:10Z');
    assert.deepEqual([started.length, state('often').skipped], [1, 2]);
    assert.match(String(troubles()[0]!.facts.detail), /has not finished/);
    through.resolve({ id: 'r-1' });
    await until('2026-06-01T00:04:10Z');
    assert.deepEqual([started.length, state('often').skipped], [2, 2]);
  });

  for (const [what, error, code] of [
    ['a target that is not allowed', new SoakError('TARGET_NOT_ALLOWED', 'no'), 'TARGET_NOT_ALLOWED'],
    ['a missing secret', new SoakError('SECRET_MISSING', 'no'), 'SECRET_MISSING'],
    ['anything else', new TypeError('no'), 'INTERNAL'],
  ] as const) {
    it(`tell of a start that fails for ${what}, which is no skip`, async () => {
      answer = () => Promise.reject(error);
      schedules.replace([HOURLY]);
      await until('2026-06-01T01:30:00Z');
      assert.deepEqual([state('hourly').skipped, state('hourly').lastStartedAt], [0, null]);
      assert.deepEqual(troubles(), [
        {
          level: 'error',
          facts: { schedule: 'hourly', scenario: 'short', code, err: 'no' },
          text: 'schedule failed to start its scenario',
        },
      ]);
      answer = async () => ({ id: 'r-1' });
      await until('2026-06-01T02:30:00Z');
      assert.equal(state('hourly').lastStartedAt, Date.parse('2026-06-01T02:00:00Z'));
    });
  }

  it('tell of a start that throws at once', async () => {
    answer = () => {
      throw new Error('at once');
    };
    schedules.replace([HOURLY]);
    await until('2026-06-01T01:30:00Z');
    assert.equal(troubles()[0]!.facts.err, 'at once');
  });

  it('with seconds do not fill the log', async () => {
    answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'r'));
    schedules.replace([{ ...HOURLY, cron: '*/2 * * * * *' }]);
    for (let s = 0; s < 100; s++) {
      mock.timers.tick(1000);
      await flush();
    }
    assert.equal(state('hourly').skipped, 50);
    assert.deepEqual(
      troubles().map((line) => line.facts.suppressed),
      [undefined, 24],
    );
  });

  describe('when soakd stood still over the time', () => {
    it('run a minute late, and say so', async () => {
      schedules.replace([NIGHTLY]);
      await until('2026-06-01T01:59:58Z');
      clockTo('2026-06-01T02:00:45Z');
      await until('2026-06-01T02:01:00Z');
      assert.equal(started.length, 1);
      assert.deepEqual([state().skipped, troubles()], [0, []]);
      const { lateMs } = lines[0]!.facts as { lateMs: number };
      assert.ok(lateMs >= 45_000 && lateMs <= 60_000, String(lateMs));
    });

    it('miss what is longer ago: counted and told once, and nothing is made up for', async () => {
      schedules.replace([HOURLY]);
      await until('2026-06-01T00:30:00Z');
      clockTo('2026-06-01T05:30:00Z');
      await until('2026-06-01T05:31:00Z');
      assert.deepEqual([started, state('hourly').skipped], [[], 5]);
      assert.deepEqual(
        troubles().map(({ level, facts }) => [level, facts.missed, facts.firstAt, facts.lastAt]),
        [['warn', 5, '2026-06-01T01:00:00.000Z', '2026-06-01T05:00:00.000Z']],
      );
      await until('2026-06-01T06:00:00Z');
      assert.deepEqual(started, ['2026-06-01T06:00:00Z short by schedule hourly']);
    });

    it('keep only the last of many', async () => {
      schedules.replace([EVERY_MINUTE]);
      await until('2026-06-01T00:00:59Z');
      clockTo('2026-06-01T00:20:30Z');
      await until('2026-06-01T00:20:50Z');
      assert.deepEqual([started.length, state('often').skipped], [1, 19]);
    });

    it('keep only the last of those within the minute', async () => {
      schedules.replace([{ ...HOURLY, cron: '*/10 * * * * *' }]);
      await until('2026-06-01T00:00:10Z');
      clockTo('2026-06-01T00:00:41Z');
      mock.timers.tick(10_000);
      await flush();
      // :10 in time; :20, :30 and :40 given up for :50.
      assert.deepEqual([started.length, state('hourly').skipped], [2, 3]);
    });

    it('stop counting at some point: a clock that was wrong by years costs nothing', async () => {
      schedules.replace([EVERY_MINUTE]);
      clockTo('2046-06-01T00:20:30Z');
      await until('2046-06-01T00:20:50Z');
      assert.equal(started.length, 1);
      assert.equal(state('often').skipped, 100);
      assert.equal(iso(state('often').nextAt), '2046-06-01T00:21:00.000Z');
    });
  });

  describe('when the clock is set', () => {
    it('start nothing twice that lies less than an hour back', async () => {
      schedules.replace([NIGHTLY]);
      await until('2026-06-01T02:00:01Z');
      clockTo('2026-06-01T01:40:00Z');
      await until('2026-06-01T03:00:00Z');
      assert.equal(started.length, 1);
      assert.equal(iso(state().nextAt), '2026-06-02T02:00:00.000Z');
    });

    it('begin anew where it was further back', async () => {
      schedules.replace([NIGHTLY]);
      await until('2026-06-01T02:00:01Z');
      clockTo('2026-05-20T12:00:00Z');
      await until('2026-05-20T12:00:30Z');
      assert.equal(iso(state().nextAt), '2026-05-21T02:00:00.000Z');
      await until('2026-05-21T02:00:01Z');
      assert.equal(started.length, 2);
    });

    it('do not lose a time that lies between the two', async () => {
      clockTo('2026-06-01T10:00:00Z');
      schedules.replace([{ ...NIGHTLY, cron: '45 9 * * *' }]);
      clockTo('2026-06-01T09:30:00Z');
      await until('2026-06-01T09:45:01Z');
      assert.deepEqual(started, ['2026-06-01T09:45:00Z demo by schedule nightly']);
    });

    it('notice it within a minute', async () => {
      schedules.replace([NIGHTLY]);
      await until('2026-06-01T00:10:00Z');
      clockTo('2026-06-01T01:58:00Z');
      await until('2026-06-01T02:00:00Z');
      assert.equal(started.length, 1);
    });
  });

  describe('with a new configuration', () => {
    it('go on where they were if they stay, and take a new scenario', async () => {
      answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'r'));
      schedules.replace([HOURLY, NIGHTLY]);
      await until('2026-06-01T01:00:01Z');
      schedules.replace([{ ...HOURLY, scenario: 'other' }]);
      assert.deepEqual(
        schedules.states().map((s) => [s.name, s.scenario, s.skipped, iso(s.nextAt)]),
        [['hourly', 'other', 1, '2026-06-01T02:00:00.000Z']],
      );
      await until('2026-06-01T03:00:01Z');
      assert.deepEqual(started.slice(1), [
        '2026-06-01T02:00:00Z other by schedule hourly',
        '2026-06-01T03:00:00Z other by schedule hourly',
      ]);
    });

    it('take a new pattern or zone at once', async () => {
      schedules.replace([NIGHTLY]);
      schedules.replace([{ ...NIGHTLY, timezone: 'Asia/Kolkata' }]);
      assert.equal(iso(state().nextAt), '2026-06-01T20:30:00.000Z');
      schedules.replace([{ ...NIGHTLY, cron: '5 0 * * *' }]);
      await until('2026-06-01T00:05:01Z');
      assert.equal(started.length, 1);
    });

    it('do not lose a time that has just come', async () => {
      schedules.replace([NIGHTLY]);
      await until('2026-06-01T01:59:59Z');
      clockTo('2026-06-01T02:00:00Z');
      schedules.replace([NIGHTLY, HOURLY]);
      await until('2026-06-01T02:00:05Z');
      assert.deepEqual(started, ['2026-06-01T02:00:05Z demo by schedule nightly']);
    });

    it('keep their counts while they are away', async () => {
      answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'r'));
      schedules.replace([HOURLY]);
      await until('2026-06-01T01:00:01Z');
      schedules.replace([]);
      assert.deepEqual(schedules.states(), []);
      await until('2026-06-01T02:00:01Z');
      schedules.replace([HOURLY]);
      assert.equal(state('hourly').skipped, 1);
      assert.equal(started.length, 1);
    });

    it('remember the counts of some names, not of all there ever were', async () => {
      answer = () => Promise.reject(new SoakError('RUN_ACTIVE', 'r'));
      const others = (from: number, to: number): void => {
        for (let i = from; i < to; i += 50)
          schedules.replace(Array.from({ length: 50 }, (_, n) => ({ ...NIGHTLY, name: `n${i + n}` })));
      };
      schedules.replace([HOURLY]);
      await until('2026-06-01T01:00:01Z');
      // In between it is in use, so that it is forgotten later than those.
      for (const from of [0, 150]) {
        others(from, from + 150);
        schedules.replace([HOURLY]);
        assert.equal(state('hourly').skipped, 1);
      }
      others(300, 550);
      schedules.replace([HOURLY]);
      assert.equal(state('hourly').skipped, 0);
    });

    it('that starts nothing, start nothing; nor once they are closed', async () => {
      schedules.replace([HOURLY]);
      schedules.replace([]);
      await until('2026-06-01T02:00:00Z');
      schedules.replace([HOURLY]);
      schedules.close();
      await until('2026-06-01T04:00:00Z');
      schedules.replace([HOURLY, NIGHTLY]);
      await until('2026-06-01T06:00:00Z');
      assert.deepEqual(started, []);
      assert.equal(schedules.states().length, 2);
    });
  });
});
