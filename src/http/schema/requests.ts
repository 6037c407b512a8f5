import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../core/duration.ts';
import { OUTCOMES } from '../../core/outcome.ts';
import { RUN_VERDICTS } from '../../core/run.ts';
import type { ReportFormat } from '../../document/render/formats.ts';
import { WIDTHS } from '../../history/kept-window.ts';
import { jsonSchema } from '../../schema/build.ts';
import { type Schema, text } from './build.ts';

/** Node's timers hold 31 bits of ms, slightly more than this. */
const MAX_MS = 24 * 86_400_000;

/** Custom string formats for ajv, by name. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'soakd-duration': (text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= MAX_MS,
  /** Duration of a run; `limits.maxDuration` bounds it. */
  'soakd-run-duration': (text) => (parseDuration(text) ?? 0) > 0,
  'soakd-warm-up': (text) => parseDuration(text) !== undefined,
  'soakd-duration-above-0': (text) => FORMATS['soakd-duration']!(text) && (parseDuration(text) ?? 0) > 0,
};

/** {@link FORMATS} has the ranges. */
const DURATION_ABOVE_0 = DURATION_PATTERN.replace('(?=[0-9])', '(?=.*[1-9])');

/**
 * Returns the JSON Schema of a part of a request. Descriptions say what is expected: errors quote them.
 * @param more keywords that zod does not have
 */
function request(schema: z.ZodObject, more: Schema = {}): Schema {
  const { $schema: _, ...json } = jsonSchema(schema, 'draft-7');
  return { ...json, ...more };
}

const duration = (format: string, pattern: string, description: string) =>
  z.string().max(40).regex(new RegExp(pattern)).meta({ format, description }).optional();

const grace = duration(
  'soakd-duration',
  DURATION_PATTERN,
  'a duration such as "8s", at most 24d: time for open streams to end before soakd cancels them',
);

const start = z
  .strictObject({
    scenario: z
      .string()
      .min(1)
      .max(200)
      .describe('the name of a scenario, as a string of 1 to 200 characters'),
    users: z
      .int()
      .min(1)
      .describe(
        'a whole number of virtual users of at least 1; replaces the stages of a closed model; limits.maxUsers applies',
      )
      .optional(),
    rate: z
      .number()
      .gt(0)
      .describe(
        'a number of streams per second above 0; replaces the stages of an open model; limits.maxRate applies',
      )
      .optional(),
    for: duration(
      'soakd-run-duration',
      DURATION_ABOVE_0,
      'a duration above 0, such as "10m": replaces the stages by one constant level; limits.maxDuration applies',
    ),
    ramp: duration(
      'soakd-run-duration',
      DURATION_ABOVE_0,
      'a duration above 0, such as "10s": time in which users or rate rise from 0, before the time of for; limits.maxDuration applies to the sum',
    ),
    warmUp: duration(
      'soakd-warm-up',
      DURATION_PATTERN,
      'a duration such as "30s", shorter than the run: excluded from verdict, drift and summary',
    ),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .describe('a whole number from 0 to 4294967295: seed of the random generator')
      .optional(),
    maxStreams: z
      .int()
      .min(1)
      .describe(
        'a whole number of at least 1: stream budget of the run, at most the budget of the scenario if it has one',
      )
      .optional(),
  })
  .meta({
    description: 'an object with the name of a scenario and optional overrides for this run',
    examples: [{ scenario: 'demo' }, { scenario: 'demo', users: 50, for: '1m', seed: 7 }],
  });
export type StartBody = z.infer<typeof start>;
export const START = request(start);

const set = z
  .strictObject({
    users: z
      .int()
      .min(0)
      .describe('a whole number of virtual users of at least 0, for scenarios of the closed model')
      .optional(),
    rate: z
      .number()
      .gt(0)
      .describe('a number of streams per second above 0, for scenarios of the open model')
      .optional(),
    grace,
  })
  .meta({
    description:
      'an object with users (and optionally grace, which cancels excess open streams), or with rate alone',
    examples: [{ users: 200 }, { users: 50, grace: '8s' }, { rate: 2.5 }],
  });
export type SetBody = z.infer<typeof set>;
export const SET = request(set, {
  oneOf: [{ required: ['users'] }, { required: ['rate'], properties: { grace: false } }],
});

const extend = z
  .strictObject({
    by: duration(
      'soakd-duration-above-0',
      DURATION_ABOVE_0,
      'a duration above 0, such as "10m" or "1h30m", at most 24d',
    ).unwrap(),
  })
  .meta({ description: 'an object with a duration', examples: [{ by: '10m' }] });
export type ExtendBody = z.infer<typeof extend>;
export const EXTEND = request(extend);

/** Type of a body that may be left out. */
const OPTIONAL = { type: ['object', 'null'] };

const stop = z
  .strictObject({ grace })
  .meta({ description: 'no body, or an object with grace', examples: [{ grace: '30s' }] });
export type StopBody = z.infer<typeof stop>;
export const STOP = request(stop, OPTIONAL);

/** Body of routes without parameters. Keys are errors, since ignoring one would hide a mistake. */
export const NOTHING = request(z.strictObject({}).describe('no body'), OPTIONAL);

const target = z
  .string()
  .min(1)
  .max(100)
  .describe('the name of a target: returns only its streams')
  .optional();

/** Every value of a query string is text. */
const limitOf = (what: string) =>
  z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/)
    .describe(`a whole number from 1 to 1000: maximum number of ${what}; default 50`)
    .optional();
const limit = limitOf('results');

const openQuery = z.strictObject({
  state: z.enum(['open', 'stalled']).describe('open (all), or stalled (stalled only)').optional(),
  target,
  limit,
});
export type OpenQuery = z.infer<typeof openQuery>;
export const OPEN_QUERY = request(openQuery);

const failureQuery = z.strictObject({
  target,
  outcome: z
    .enum(OUTCOMES)
    .describe(`an outcome: one of ${OUTCOMES.join(', ')}`)
    .optional(),
  limit,
});
export type FailureKinds = z.infer<typeof failureQuery>;
export const FAILURE_QUERY = request(failureQuery);

const runId = (description: string) =>
  z
    .string()
    .regex(/^(?!current$)[A-Za-z0-9_.-]{1,100}$/)
    .describe(description);

const runParams = z.object({
  id: runId('the id of a run, or last (the latest finished run), or last-pass'),
});
export type RunParams = z.infer<typeof runParams>;
export const RUN_PARAMS = request(runParams);
export const RUN_ID_PARAMS = request(z.object({ id: runId('the id of a run') }));

const runsQuery = z.strictObject({
  scenario: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/)
    .describe('the name of a scenario: returns only its runs')
    .optional(),
  verdict: z
    .enum(RUN_VERDICTS)
    .describe(`one of ${RUN_VERDICTS.join(', ')}: returns only runs with this verdict`)
    .optional(),
  before: runId('the id of a run: returns only runs that started before it').optional(),
  limit,
});
export type RunsQuery = z.infer<typeof runsQuery>;
export const RUNS_QUERY = request(runsQuery);

const WIDTH_NAMES = Object.keys(WIDTHS) as (keyof typeof WIDTHS)[];

const windowsQuery = z.strictObject({
  width: z
    .enum(WIDTH_NAMES)
    .describe(`one of ${WIDTH_NAMES.join(', ')}: length of a window; default 10s`)
    .optional(),
  from: z
    .string()
    .regex(/^(0|[1-9]\d{0,8})$/)
    .describe('a whole number: number of the first window to return; default 0, the start of the run')
    .optional(),
  limit: limitOf('windows; a page holds fewer if there are many targets'),
  columns: z
    .string()
    .min(1)
    // Percent-encoded, the longest still fits into a URL.
    .max(900)
    .regex(/^[A-Za-z0-9_.]+(,[A-Za-z0-9_.]+)*$/)
    .describe(
      'names of columns about targets with commas between them, such as `successRatio,ttfbMs.p95`; default all. With fewer columns a page has more windows',
    )
    .optional(),
});
export type WindowsQuery = z.infer<typeof windowsQuery>;
export const WINDOWS_QUERY = request(windowsQuery);

const pin = z
  .strictObject({
    pinned: z
      .boolean()
      .describe('true: keep the run whatever its age; false: delete it by age and size, like any other run'),
  })
  .meta({ description: 'an object with pinned', examples: [{ pinned: true }] });
export type PinBody = z.infer<typeof pin>;
export const PIN = request(pin);

/** Headers and answer of what a client may keep. */
export const ETAG: Readonly<Record<string, Schema>> = {
  etag: text('version of the response, for `If-None-Match`'),
};
export const NOT_MODIFIED: Readonly<Record<string, Schema>> = {
  304: { description: 'The response is still the one of `If-None-Match`.', headers: ETAG, type: 'null' },
};

const REPORT_FORMATS = ['html', 'md', 'json'] as const satisfies readonly ReportFormat[];

const reportQuery = z.strictObject({
  format: z
    .enum(REPORT_FORMATS)
    .describe('one of html, md, json: format of the report; default html')
    .optional(),
});
export type ReportQuery = z.infer<typeof reportQuery>;
export const REPORT_QUERY = request(reportQuery);

const comparisonQuery = z.strictObject({
  baseline: runId('the id of the run to compare with, or last, or last-pass; default last-pass').optional(),
});
export type ComparisonQuery = z.infer<typeof comparisonQuery>;
export const COMPARISON_QUERY = request(comparisonQuery);
