import { MISSED_POLICIES } from '../../core/schedule.ts';
import { faultOfPattern } from '../../schedule/pattern.ts';
import { isZone, zoneNames } from '../../schedule/zone.ts';
import { quote } from '../describe.ts';
import { adviseName } from '../nearest.ts';
import { addIssue, dictionary, Fault } from './combinators.ts';
import { mapping } from './mapping.ts';
import { faultOfName, name, oneOf, text } from './scalars.ts';

const MAX_SCHEDULES = 50;
const CRON = 'a cron pattern such as "0 2 * * *", every night at 2';
const ZONE = 'a time zone such as UTC or Europe/Berlin';

const cron = text(CRON, (value) => {
  const fault = faultOfPattern(value);
  if (fault === undefined) return undefined;
  const found = fault.wrong === undefined ? undefined : `${quote(value)} (${fault.wrong})`;
  return new Fault(fault.expected, fault.advice, found);
});

const timezone = text(ZONE, (value) => (isZone(value) ? undefined : new Fault(ZONE, adviseZone(value))));

/** Returns the advice for an unknown time zone: `Berlin` and `europe-berlin` suggest Europe/Berlin. */
function adviseZone(value: string): string {
  const names = zoneNames();
  const place = value.trim().replace(/ /g, '_').toLowerCase();
  const ending = names.find((zone) => zone.toLowerCase().endsWith(`/${place}`));
  return adviseName(ending ?? value, names, 'write the name of a place in it, as the IANA database has it');
}

/** Scenarios that start by themselves, by name. */
export const schedules = dictionary(
  faultOfName,
  mapping(
    {
      scenario: name(),
      cron,
      timezone: timezone.default('UTC'),
      missed: oneOf(MISSED_POLICIES).default('skip'),
    },
    'write for example { scenario: demo, cron: "0 2 * * *" }',
  ),
  'a mapping of schedule names to schedules',
  'write each as "name:" with scenario: and cron: below it',
).transform((value, ctx) => {
  const many = Object.keys(value).length;
  if (many > MAX_SCHEDULES) {
    addIssue(ctx, {
      found: `${many} schedules`,
      expected: `at most ${MAX_SCHEDULES}`,
      advice: 'remove some',
    });
  }
  return value;
});
