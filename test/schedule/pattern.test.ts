import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getTasks } from 'node-cron';
import { faultOfPattern, readPattern } from '../../src/schedule/pattern.ts';
import { isZone, zoneNames } from '../../src/schedule/zone.ts';

const GOOD = [
  '* * * * *',
  '0 2 * * *',
  '00 02 * * *',
  '  0   2 * * *  ',
  '0\t2 * * *',
  '*/15 * * * *',
  '*/59 * * * *',
  '0-30/5,45 8-17 * jan-mar,DEC mon-fri',
  '0 0 1 January Sunday',
  '22-2 22-2 25-5 nov-feb fri-mon',
  '0 0 ? * 1',
  '0 0 1 * ?',
  '0 0 L,LW,L-3,15W * *',
  '0 0 * * 5L,friL,2#3,sat#1,7',
  '*/10 * * * * *',
  '@daily',
  '@Hourly',
  '@yearly',
];

const BAD: readonly (readonly [pattern: string, wrong: RegExp | undefined, expected: RegExp])[] = [
  ['', /^no fields$/, /^five fields/],
  ['0 2 * *', /^4 fields$/, /^five fields/],
  ['daily', /^1 field$/, /^five fields/],
  ['0 0 2 * * * *', /^7 fields$/, /^five fields/],
  ['61 2 * * *', /^61 is not a valid minute$/, /^minutes from 0 to 59$/],
  ['0 24 * * *', /^24 is not a valid hour$/, /^hours from 0 to 23$/],
  ['0 2 0 * *', /^0 is not a valid day of the month$/, /^days of the month from 1 to 31$/],
  ['0 2 32 * *', /^32 is not a valid day of the month$/, /^days/],
  ['0 2 * 13 *', /^13 is not a valid month$/, /^months from 1 to 12 or jan to dec$/],
  ['0 2 * dez *', /^dez is not a valid month$/, /^months/],
  ['0 2 * * 8', /^8 is not a valid day of the week$/, /^days of the week from 0 to 7/],
  ['0 2 * * L', /^L is not a valid day of the week$/, /^days of the week/],
  ['0 2 * * mo', /^mo is not a valid day of the week$/, /^days of the week/],
  ['0 2 * * monday#6', /^monday#6 is not a valid day of the week$/, /^days of the week/],
  ['60 0 2 * * *', /^60 is not a valid second$/, /^seconds from 0 to 59$/],
  [
    '61 25 * * *',
    /^61 is not a valid minute and 25 is not a valid hour$/,
    /^minutes from 0 to 59 and hours from 0 to 23$/,
  ],
  ['0 2-25 * * *', /^25 is not a valid hour$/, /^hours/],
  ['1,,2 * * * *', /^a comma without a minute beside it$/, /^minutes/],
  ['0 5, * * *', /^a comma without an hour beside it$/, /^hours/],
  ['5/10 * * * *', /^5\/10 has a step without a range, such as 5-59\/10$/, /^minutes/],
  ['*/0 * * * *', /^\*\/0 has a step that is not from 1 to 59$/, /^minutes/],
  ['*/90 * * * *', /^\*\/90 has a step that is not from 1 to 59$/, /^minutes/],
  ['0 */24 * * *', /^\*\/24 has a step that is not from 1 to 23$/, /^hours/],
  // The parser takes it for 50 to 59.
  ['5* * * * *', /^5\* is not a valid minute$/, /^minutes/],
  ['*5 * * * *', /^\*5 is not a valid minute$/, /^minutes/],
  ['-5 * * * *', /^-5 is not a valid minute$/, /^minutes/],
  ['1.5 * * * *', /^1\.5 is not a valid minute$/, /^minutes/],
  ['? * * * *', /^\? is not a valid minute$/, /^minutes/],
  ['0 2 L-31 * *', /^L-31 is not a valid day of the month$/, /^days/],
  ['0 2 32W * *', /^32W is not a valid day of the month$/, /^days/],
  ['0 2 1-5W * *', /^1-5W is not a valid day of the month$/, /^days/],
  ['\u001b[2J 2 * * *', /^a part with a strange character is not a valid minute$/, /^minutes/],
  [`${'9'.repeat(5000)} * * * *`, /^9{20}… is not a valid minute$/, /^minutes/],
  ['@reboot', undefined, /^@hourly, @daily/],
  ['@every 5m', undefined, /^@hourly, @daily/],
  ['0 0 30 2 *', /^no such date exists$/, /^a date that exists$/],
  ['0 0 31 4,6,9,11 *', /^no such date exists$/, /^a date/],
  // Days that the parser lets through.
  ['0 0 L-29 2 *', /^no such date exists$/, /^a date/],
  ['0 0 31W 2 *', /^no such date exists$/, /^a date/],
  ['0 0 1 * fri#3', /^no such date exists$/, /^a date/],
];

describe('a cron pattern', () => {
  for (const pattern of GOOD) {
    it(`${JSON.stringify(pattern)} is good, and read`, () => {
      assert.equal(faultOfPattern(pattern), undefined);
      assert.ok(readPattern(pattern).next(Date.UTC(2026, 0, 1)) !== undefined);
    });
  }

  for (const [pattern, wrong, expected] of BAD) {
    it(`${JSON.stringify(pattern.slice(0, 40))} is not`, () => {
      const fault = faultOfPattern(pattern);
      assert.ok(fault !== undefined, 'taken for good');
      if (wrong === undefined) assert.equal(fault.wrong, undefined);
      else assert.match(fault.wrong ?? '', wrong);
      assert.match(fault.expected, expected);
      assert.notEqual(fault.advice, '');
    });
  }

  it('never says that a pattern is good and then cannot read it, or the other way round', () => {
    const parts = [
      '*',
      '?',
      '0',
      '5',
      '59',
      '60',
      '7',
      '8',
      '1-5',
      '5-1',
      '*/2',
      '1/2',
      'mon',
      'jan',
      'L',
      '1W',
      '1#1',
    ];
    // Each part in each field: what one field takes may be wrong in another.
    for (const part of parts) {
      for (let field = 0; field < 5; field++) {
        const fields = ['0', '0', '*', '*', '*'];
        fields[field] = part;
        const pattern = fields.join(' ');
        const fault = faultOfPattern(pattern);
        if (fault === undefined) readPattern(pattern);
        else assert.doesNotMatch(fault.wrong ?? '', /^its /, `${pattern}: the parser knows better`);
      }
    }
  });

  it('leaves nothing in the list of the library', () => {
    readPattern('* * * * *');
    assert.equal(getTasks().size, 0);
  });
});

describe('a time zone', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia', 'CET'])
    it(`${name} is known`, () => assert.ok(isZone(name)));
  for (const name of ['', 'Berlin', 'Europe/Atlantis', '+01:00', 'UTC+1', 'local', ' UTC'])
    it(`${JSON.stringify(name)} is not`, () => assert.ok(!isZone(name)));

  it('has names to choose from', () => {
    assert.ok(zoneNames().length > 300);
    for (const name of ['UTC', 'Europe/Berlin']) assert.ok(zoneNames().includes(name));
  });
});
