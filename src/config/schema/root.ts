import { faultOfAllowEntry } from '../../core/allow.ts';
import { addIssue, dictionary, Fault, list, scalar } from './combinators.ts';
import { history } from './history.ts';
import { mapping } from './mapping.ts';
import { duration, faultOfName, number, text, whole } from './scalars.ts';
import { scenario } from './scenario.ts';
import { schedules } from './schedules.ts';
import { serve } from './serve.ts';
import { target } from './target.ts';
import { thresholds } from './thresholds.ts';

const workers = scalar((value): number | 'auto' | Fault =>
  value === 'auto' || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 64)
    ? (value as number | 'auto')
    : new Fault('auto or a whole number from 1 to 64', 'write auto unless you measured better'),
);

const ALLOW = 'a host name, a suffix such as .example.com, an address or a CIDR range';

const allowEntry = text(ALLOW, (value) => {
  const fault = faultOfAllowEntry(value);
  if (fault === undefined) return undefined;
  const url = /^[a-z]+:\/\//i.test(value) || /:\d+$/.test(value);
  const advice = value.includes('/') ? `fix it: ${fault}` : 'write the name alone';
  return new Fault(ALLOW, url ? 'write the host alone, without scheme, port and path' : advice);
});

/** Keys of `limits:`. */
export const LIMIT_KEYS = {
  maxUsers: whole(1, 1_000_000).default(10_000),
  maxRate: number({ min: 0, max: 1_000_000, above: true }).default(5000),
  maxDuration: duration({ exampleMs: 30 * 86_400_000 }).default(30 * 86_400_000),
};

const limits = mapping(LIMIT_KEYS);

export const targets = list(
  target,
  1,
  50,
  'targets',
  'write each as "- name: …" with url: or simulator: below it',
);

export const scenarios = dictionary(
  faultOfName,
  scenario,
  'a mapping of scenario names to scenarios',
  'write each as "name:" with target: and stages: below it',
).transform((value, ctx) => {
  if (Object.keys(value).length === 0) {
    addIssue(ctx, {
      expected: 'a mapping of at least one scenario',
      advice: 'write it as "name:" with target: and stages: below it',
    });
  }
  return value;
});

/** The whole configuration file. */
export const root = mapping(
  {
    serve: serve.prefault({}),
    workers: workers.default('auto'),
    maxMeasurementLag: duration({ maxMs: 10_000, exampleMs: 25 }).default(25),
    targets,
    scenarios,
    schedules: schedules.default({}),
    thresholds: thresholds.default([]),
    allow: list(allowEntry, 0, 1000, 'hosts', 'write for example [llm.example.com]').default([]),
    limits: limits.prefault({}),
    history: history.prefault({}),
  },
  'write targets: and scenarios: at the top level',
);
