import { z } from 'zod';
import { faultOfAllowEntry } from '../../core/allow.ts';
import { DAY_MS } from '../../core/clock.ts';
import { MISSED_POLICIES } from '../../core/schedule.ts';
import { faultOfPattern } from '../../schedule/pattern.ts';
import { isZone, zoneNames } from '../../schedule/zone.ts';
import { isMapping, quote } from '../describe.ts';
import { adviseName } from '../nearest.ts';
import { dictionary, Fault, type Json, list, mapping, scalar, then } from './combinators.ts';
import { duration, durationText, faultOfName, name, number, oneOf, size, text, whole } from './scalars.ts';
import { scenario } from './scenario.ts';
import { serve } from './serve.ts';
import { type GivenTarget, target } from './target.ts';
import { thresholds } from './thresholds.ts';

/** Default of `history.maxSize`, bytes. */
export const DEFAULT_MAX_BYTES = 2 * 1024 ** 3;

/** Retention of the history of runs, and the longest gap after which `soakd serve` resumes a run. */
const history = mapping({
  maxAge: duration({ minMs: 60_000, exampleMs: 400 * DAY_MS }).default(400 * DAY_MS),
  maxSize: size().default(DEFAULT_MAX_BYTES),
  maxGap: duration({ zero: true, exampleMs: 600_000 }).default(600_000),
});

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

const named = dictionary(
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
);

/** Scenarios that start by themselves, by name. */
const schedules = then(named, (value) => {
  const many = Object.keys(value).length;
  return many <= MAX_SCHEDULES
    ? value
    : new Fault(`at most ${MAX_SCHEDULES}`, 'remove some', `${many} schedules`);
});

const WORKERS = 'auto or a whole number from 1 to 64';

const workers = scalar(
  (value): number | 'auto' | Fault =>
    value === 'auto' || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 64)
      ? (value as number | 'auto')
      : new Fault(WORKERS, 'write auto unless you measured better'),
  { type: ['integer', 'string'], minimum: 1, maximum: 64, pattern: '^auto$', description: WORKERS },
);

const ALLOW = 'a host name, a suffix such as .example.com, an address or a CIDR range';

const allowEntry = text(ALLOW, (value) => {
  const fault = faultOfAllowEntry(value);
  if (fault === undefined) return undefined;
  const url = /^[a-z]+:\/\//i.test(value) || /:\d+$/.test(value);
  const advice = value.includes('/') ? `fix it: ${fault}` : 'write the name alone';
  return new Fault(ALLOW, url ? 'write the host alone, without scheme, port and path' : advice);
});

const limits = mapping({
  maxUsers: whole(1, 1_000_000).default(10_000),
  maxRate: number({ min: 0, max: 1_000_000, above: true }).default(5000),
  maxDuration: duration({ exampleMs: 30 * DAY_MS }).default(30 * DAY_MS),
});

const targets = list(target, 1, 50, 'targets', 'write each as "- name: …" with url: or simulator: below it');

const scenarios = dictionary(
  faultOfName,
  scenario,
  'a mapping of scenario names to scenarios',
  'write each as "name:" with target: and stages: below it',
);

function* someScenario(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  if (!isMapping(written.scenarios) || Object.keys(written.scenarios).length > 0) return;
  const advice = 'write it as "name:" with target: and stages: below it';
  yield new Fault('a mapping of at least one scenario', advice).below(['scenarios']);
}

/** The whole configuration file. */
export const root = mapping(
  {
    serve: serve.prefault({}),
    workers: workers.default('auto'),
    maxMeasurementLag: duration({ maxMs: 10_000, exampleMs: 25 }).default(25),
    targets,
    scenarios,
    schedules: schedules.default({}),
    thresholds: thresholds.default({}),
    allow: list(allowEntry, 0, 1000, 'hosts', 'write for example [llm.example.com]').default([]),
    limits: limits.prefault({}),
    history: history.prefault({}),
  },
  { advice: 'write targets: and scenarios: at the top level', checks: [someScenario] },
);

export type Given = z.output<typeof root>;

export type Parts<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What of a configuration is valid, regardless of the rest, so that all mistakes show at once. */
export interface ValidParts {
  readonly serve?: Omit<Parts<Given['serve']>, 'tokens'> & {
    readonly tokens?: readonly (Parts<Given['serve']['tokens'][number]> | undefined)[];
  };
  readonly targets?: readonly (Parts<GivenTarget> | undefined)[];
  readonly scenarios?: Readonly<Record<string, ValidScenario | undefined>>;
  readonly thresholds?: Given['thresholds'];
  readonly allow?: readonly (string | undefined)[];
  readonly limits?: Parts<Given['limits']>;
}

type GivenScenario = Given['scenarios'][string];
type ValidScenario = Omit<Parts<GivenScenario>, 'stages'> & {
  readonly stages?: readonly (GivenScenario['stages'][number] | undefined)[];
};

/** Returns the JSON Schema (draft 7) of a configuration file, for editors: its keys, their types, ranges and defaults. */
export function configJsonSchema(): Json {
  const schema = z.toJSONSchema(root, {
    target: 'draft-7',
    io: 'input',
    // Zod leaves out a default of what is turned into something else, such as a duration into milliseconds.
    override({ zodSchema, jsonSchema: json }) {
      const { def } = zodSchema._zod;
      if (def.type !== 'default') return;
      const value = def.defaultValue;
      if (typeof value === 'number') json.default = json.type === 'string' ? durationText(value) : value;
      else if (typeof value === 'string') json.default = value;
    },
  });
  return { title: 'Configuration of soakd', ...schema };
}
