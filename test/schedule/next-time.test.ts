import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextTime } from '../../src/schedule/next-time.ts';
import { readPattern } from '../../src/schedule/pattern.ts';
import { Zone } from '../../src/schedule/zone.ts';

/** The next times after an instant, without seconds: `2026-03-29T01:30`, UTC. */
function times(cron: string, zone: string, after: string, count: number): string[] {
  const pattern = readPattern(cron);
  const where = new Zone(zone);
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count && at !== undefined) {
    at = nextTime(pattern, where, at);
    if (at !== undefined) found.push(new Date(at).toISOString().replace(':00.000Z', ''));
  }
  return found;
}

/** Instants in UTC; those of zones were looked up with another library (zoneinfo of Python). */
const TABLE: readonly (readonly [
  what: string,
  cron: string,
  zone: string,
  after: string,
  expected: string,
])[] = [
  [
    'a time of night in UTC, over the days when others set their clocks',
    '0 2 * * *',
    'UTC',
    '2026-03-28T02:00Z',
    '2026-03-29T02:00 2026-03-30T02:00',
  ],
  [
    'Berlin in spring: 02:30 is left out, so it is 03:30 of the new time',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T00:00Z',
    '2026-03-28T01:30 2026-03-29T01:30 2026-03-30T00:30',
  ],
  [
    'Berlin in spring: asked a day before 03:10, when 02:30 of one day of the year is still to come',
    '30 2 29 3 *',
    'Europe/Berlin',
    '2026-03-28T01:10Z',
    '2026-03-29T01:30 2027-03-29T00:30',
  ],
  [
    'Berlin in spring: 02:00 is left out, so it is 03:00; and 03:00 is no second time',
    '0 2,3 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    '2026-03-29T01:00 2026-03-30T00:00 2026-03-30T01:00',
  ],
  [
    'Berlin in spring: 02:30 and 03:15, which has become the earlier',
    '15,30 2,3 * * *',
    'Europe/Berlin',
    '2026-03-29T00:59Z',
    '2026-03-29T01:15 2026-03-29T01:30 2026-03-30T00:15',
  ],
  [
    'Berlin in spring: each quarter of an hour, without a hole or a double',
    '*/15 * * * *',
    'Europe/Berlin',
    '2026-03-29T00:30Z',
    '2026-03-29T00:45 2026-03-29T01:00 2026-03-29T01:15 2026-03-29T01:30',
  ],
  [
    'Berlin in spring: every hour at half past',
    '30 * * * *',
    'Europe/Berlin',
    '2026-03-28T23:45Z',
    '2026-03-29T00:30 2026-03-29T01:30 2026-03-29T02:30',
  ],
  [
    'Berlin in autumn: 02:30 comes twice and counts the first time',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T00:00Z',
    '2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30',
  ],
  [
    'Berlin in autumn: asked between the two',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-25T00:45Z',
    '2026-10-26T01:30',
  ],
  [
    'Berlin in autumn: asked within the second 02:30',
    '45 2 * * *',
    'Europe/Berlin',
    '2026-10-25T01:30Z',
    '2026-10-26T01:45',
  ],
  [
    'Berlin in autumn: each quarter of an hour, without a hole or a double',
    '*/15 * * * *',
    'Europe/Berlin',
    '2026-10-25T00:15Z',
    '2026-10-25T00:30 2026-10-25T00:45 2026-10-25T01:00 2026-10-25T01:15 2026-10-25T01:30 2026-10-25T01:45 2026-10-25T02:00',
  ],
  [
    'Berlin in autumn: quarters of some hours, each once',
    '*/30 1-3 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00Z',
    '2026-10-24T23:00 2026-10-24T23:30 2026-10-25T00:00 2026-10-25T00:30 2026-10-25T02:00 2026-10-25T02:30',
  ],
  [
    'New York in spring',
    '30 2 * * *',
    'America/New_York',
    '2026-03-07T00:00Z',
    '2026-03-07T07:30 2026-03-08T07:30 2026-03-09T06:30',
  ],
  [
    'New York in autumn',
    '30 1 * * *',
    'America/New_York',
    '2026-10-31T00:00Z',
    '2026-10-31T05:30 2026-11-01T05:30 2026-11-02T06:30',
  ],
  [
    'New York in autumn, every half hour',
    '0,30 * * * *',
    'America/New_York',
    '2026-11-01T05:00Z',
    '2026-11-01T05:30 2026-11-01T06:00 2026-11-01T06:30 2026-11-01T07:00',
  ],
  [
    'Kolkata, which never sets its clocks and is half an hour off',
    '30 2 * * *',
    'Asia/Kolkata',
    '2026-03-28T00:00Z',
    '2026-03-28T21:00 2026-03-29T21:00',
  ],
  [
    'Lord Howe in spring, which is October: half an hour is left out',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-02T00:00Z',
    '2026-10-02T15:45 2026-10-03T15:45 2026-10-04T15:15',
  ],
  [
    'Lord Howe in autumn: half an hour comes twice',
    '45 1 * * *',
    'Australia/Lord_Howe',
    '2026-04-03T00:00Z',
    '2026-04-03T14:45 2026-04-04T14:45 2026-04-05T15:15',
  ],
  [
    'Lord Howe in spring: each quarter of an hour',
    '*/15 * * * *',
    'Australia/Lord_Howe',
    '2026-10-03T15:00Z',
    '2026-10-03T15:15 2026-10-03T15:30 2026-10-03T15:45 2026-10-03T16:00',
  ],
  [
    'Lord Howe in autumn: each quarter of an hour',
    '*/15 * * * *',
    'Australia/Lord_Howe',
    '2026-04-04T14:30Z',
    '2026-04-04T14:45 2026-04-04T15:00 2026-04-04T15:15 2026-04-04T15:30',
  ],
  [
    'Santiago, where midnight is left out',
    '0 0 * * *',
    'America/Santiago',
    '2026-09-05T00:00Z',
    '2026-09-05T04:00 2026-09-06T04:00 2026-09-07T03:00',
  ],
  [
    'Cairo, where the hour before midnight comes twice: an interval, on one day of the year',
    '30 * 29 10 *',
    'Africa/Cairo',
    '2026-10-29T20:00Z',
    '2026-10-29T20:30 2026-10-29T21:30 2027-10-28T22:30',
  ],
  ['the leap day', '0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '2028-02-29T00:00 2032-02-29T00:00'],
  ['a leap day on a Monday', '0 0 29 2 1', 'UTC', '2026-01-01T00:00Z', '2044-02-29T00:00'],
  [
    'the last Friday of a month',
    '0 12 * * 5L',
    'UTC',
    '2026-06-01T00:00Z',
    '2026-06-26T12:00 2026-07-31T12:00',
  ],
  ['the second Tuesday', '0 12 * * tue#2', 'UTC', '2026-06-01T00:00Z', '2026-06-09T12:00 2026-07-14T12:00'],
  [
    'the last day, and two before it',
    '0 12 L,L-2 * *',
    'UTC',
    '2026-02-01T00:00Z',
    '2026-02-26T12:00 2026-02-28T12:00 2026-03-29T12:00 2026-03-31T12:00',
  ],
  [
    'the weekday nearest to the first, which is a Saturday in August',
    '0 12 1W * *',
    'UTC',
    '2026-07-31T00:00Z',
    '2026-08-03T12:00',
  ],
  [
    'a day of the month that is a Monday as well: both must fit',
    '0 0 1 * mon',
    'UTC',
    '2026-05-01T00:00Z',
    '2026-06-01T00:00',
  ],
  ['Sunday by either number', '0 0 * * 7', 'UTC', '2026-06-01T00:00Z', '2026-06-07T00:00'],
  ['a nickname', '@weekly', 'UTC', '2026-06-01T00:00Z', '2026-06-07T00:00 2026-06-14T00:00'],
  [
    'a range around midnight',
    '0 22-1 * * *',
    'UTC',
    '2026-06-01T21:59Z',
    '2026-06-01T22:00 2026-06-01T23:00 2026-06-02T00:00 2026-06-02T01:00 2026-06-02T22:00',
  ],
  [
    'the other side of the date line',
    '0 0 1 1 *',
    'Pacific/Kiritimati',
    '2025-06-01T00:00Z',
    '2025-12-31T10:00',
  ],
];

describe('the next time', () => {
  for (const [what, cron, zone, after, expected] of TABLE) {
    it(`${what} (${cron})`, () => {
      const wanted = expected.split(' ');
      assert.deepEqual(times(cron, zone, after, wanted.length), wanted);
    });
  }

  it('is after the instant, not at it, and on a whole second', () => {
    const pattern = readPattern('*/10 * * * * *');
    const zone = new Zone('UTC');
    const at = Date.UTC(2026, 5, 1);
    for (const [after, next] of [
      [at - 1, at],
      [at, at + 10_000],
      [at + 1, at + 10_000],
      [at + 9_999, at + 10_000],
    ] as const)
      assert.equal(nextTime(pattern, zone, after), next);
  });

  it('takes and adds nothing when the clock is changed, a year through', () => {
    const year = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)] as const;
    for (const [cron, zone, expected] of [
      ['0 * * * *', 'Europe/Berlin', 365 * 24],
      ['*/30 * * * *', 'Australia/Lord_Howe', 365 * 48],
      ['30 2 * * *', 'Europe/Berlin', 365],
    ] as const) {
      const pattern = readPattern(cron);
      const where = new Zone(zone);
      let count = 0;
      for (let at = nextTime(pattern, where, year[0] - 1)!; at < year[1]; count++)
        at = nextTime(pattern, where, at)!;
      assert.equal(count, expected, `${cron} ${zone}`);
    }
  });
});
