import { z } from 'zod';
import type { LevelPoint, PointTiming, SubjectLimit } from '../analysis/level-point.ts';
import { hasLevelValues } from '../analysis/limit-at-level.ts';
import { SoakError } from '../core/errors.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { THRESHOLDS, thresholdById } from '../thresholds/table.ts';
import type { ReportedTable } from './input.ts';

/** Version of the format, in the key that marks a file as a table of levels. */
const FORMAT = 1;
const MAX_LEVELS = 1000;
const MAX_CLAIMS = 200;
const MAX_TEXT = 500;

const TEXT = `a text of 1 to ${MAX_TEXT} characters`;
const text = z.string(TEXT).min(1, TEXT).max(MAX_TEXT, TEXT);
const number = (expected: string, min: number, max = 1e12) =>
  z.number(expected).min(min, expected).max(max, expected);
const ms = number('a time in ms, a number of at least 0', 0);
const amount = number('a number of at least 0', 0);
const share = number('a share from 0 to 1', 0, 1);
const load = number('a load, a number above 0', Number.MIN_VALUE);
const count = z.int('a whole number of at least 0').min(0, 'a whole number of at least 0');

const TIMINGS = ['connect', 'headers', 'ttfb', 'ttft', 'gap', 'tpot', 'duration'] as const;
const oneTiming = z.enum(TIMINGS, `one of ${TIMINGS.join(', ')}`);
const timing = z.strictObject(
  {
    n: count.optional(),
    mean: ms.optional(),
    p50: ms.optional(),
    p95: ms.optional(),
    p99: ms.optional(),
    errorMs: ms.optional(),
  },
  'statistics in ms: mean, p50, p95, p99, and n, errorMs',
);

const level = z.strictObject(
  {
    load,
    streams: count.optional(),
    successRatio: share.optional(),
    completeRatio: share.optional(),
    timings: z.partialRecord(oneTiming, timing, `timings by name: ${TIMINGS.join(', ')}`).optional(),
    chunksPerStream: amount.optional(),
    bytesPerStream: amount.optional(),
    charactersPerStream: amount.optional(),
    streamsPerSecond: amount.optional(),
    chunksPerSecond: amount.optional(),
    bytesPerSecond: amount.optional(),
    outputTokensPerSecond: amount.optional(),
  },
  'a level: a mapping with load, and what is known of it',
);

const USABLE = THRESHOLDS.map((t) => t.id).filter((threshold) => hasLevelValues({ threshold }));
const limit = z.strictObject(
  {
    threshold: z.string('the id of a threshold').refine((id) => USABLE.includes(id), {
      error: 'the id of a threshold on success or on a timing, such as ttfb-mean or success-rate',
    }),
    limit: number('a limit: ms, or a share from 0 to 1', 0),
  },
  'a limit: threshold and limit',
);

const CLAIM_KINDS = 'kind: total, below, capacity, same or missing';
const claim = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('total'), text, streams: count }),
    z.strictObject({ kind: z.literal('below'), text, timing: oneTiming, upTo: load, below: ms }),
    z.strictObject({ kind: z.literal('capacity'), text, load, timing: oneTiming, alertAbove: ms }),
    z.strictObject({
      kind: z.literal('same'),
      text,
      loads: z.array(load, 'a list of loads').min(2, 'two loads or more').max(100, 'at most 100 loads'),
    }),
    z.strictObject({ kind: z.literal('missing'), text }),
  ],
  `a claim with ${CLAIM_KINDS}`,
);

const table = z.strictObject(
  {
    soakdTable: z.literal(FORMAT, `the version of the format, ${FORMAT}`),
    name: text,
    unit: z.enum(['users', 'rate'], 'users, or rate for streams per second'),
    method: z
      .strictObject(
        {
          network: z.enum(['loopback', 'network'], 'loopback or network').optional(),
          oneMachine: z.boolean('true or false').optional(),
          start: z.enum(['at-once', 'spread'], 'at-once or spread').optional(),
        },
        'how the load was made: network, oneMachine, start',
      )
      .optional(),
    facts: z.record(z.string(), text, 'texts by name').optional(),
    limits: z.array(limit, 'a list of limits').max(100, 'at most 100 limits').default([]),
    levels: z
      .array(level, 'a list of levels')
      .min(1, 'at least one level')
      .max(MAX_LEVELS, `at most ${MAX_LEVELS} levels`),
    claims: z.array(claim, 'a list of claims').max(MAX_CLAIMS, `at most ${MAX_CLAIMS} claims`).default([]),
  },
  'a mapping with soakdTable, name, unit, levels',
);

type TableFile = z.output<typeof table>;

/** Returns whether data of a JSON file are meant as a table of levels: they have its mark. */
export function isTableFile(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.hasOwn(data, 'soakdTable');
}

/**
 * Reads a table of levels that someone wrote. docs/report-rules.md has the format.
 * @param data of a JSON file
 * @param file its name, for messages
 * @throws SoakError USAGE with one line for each issue: the place, what was found, what was expected
 */
export function readTableFile(data: unknown, file: string): ReportedTable {
  const parsed = table.safeParse(data);
  if (!parsed.success) throw errorOf(parsed.error.issues, data, file);
  const { name, unit, levels, limits, claims, facts, method = {} } = parsed.data;
  const subject = { name, unit, levels: levels.map(pointOf), limits: limits.map(limitOf), sharedBy: 1 };
  const { network = null, oneMachine = null, start = null } = method;
  return { name, file, subject, claims, method: { network, oneMachine, start }, facts: facts ?? {} };
}

/** A value that the table does not state is not known, and never 0. */
function pointOf({ timings = {}, streams, successRatio, ...level }: TableFile['levels'][number]): LevelPoint {
  const of = (name: (typeof TIMINGS)[number]): PointTiming | null => {
    const found = timings[name];
    if (found === undefined) return null;
    const { n = null, mean = null, p50 = null, p95 = null, p99 = null, errorMs = null } = found;
    return { n: n ?? streams ?? null, mean, p50, p95, p99, errorMs };
  };
  return {
    load: level.load,
    fromAt: null,
    toAt: null,
    seconds: null,
    streams: streams ?? null,
    succeeded:
      streams === undefined || successRatio === undefined ? null : Math.round(streams * successRatio),
    successRatio: successRatio ?? null,
    completeRatio: level.completeRatio ?? null,
    openMean: null,
    timings: {
      connect: of('connect'),
      headers: of('headers'),
      ttfb: of('ttfb'),
      ttft: of('ttft'),
      gap: of('gap'),
      tpot: of('tpot'),
      duration: of('duration'),
    },
    chunksPerStream: level.chunksPerStream ?? null,
    bytesPerStream: level.bytesPerStream ?? null,
    charactersPerStream: level.charactersPerStream ?? null,
    streamsPerSecond: level.streamsPerSecond ?? null,
    chunksPerSecond: level.chunksPerSecond ?? null,
    bytesPerSecond: level.bytesPerSecond ?? null,
    outputTokensPerSecond: level.outputTokensPerSecond ?? null,
    windows: 0,
    unreliable: 0,
  };
}

/** A table has no values over the whole of it, so that a limit on it is evaluated level by level alone. */
function limitOf({ threshold: id, limit }: TableFile['limits'][number]): SubjectLimit {
  const threshold = thresholdById(id)!;
  const { severity, op: crossedWhen } = threshold;
  return {
    threshold: id,
    measure: measureNamed(threshold.metric).noun(threshold),
    unit: threshold.unit === 'ms' ? 'ms' : 'ratio',
    crossedWhen,
    limit,
    severity: severity === 'critical' || severity === 'warning' ? severity : 'info',
    result: 'no-data',
    observed: null,
  };
}

/** Issues that are listed. */
const MAX_ISSUES = 100;

function errorOf(issues: readonly z.core.$ZodIssue[], data: unknown, file: string): SoakError {
  const lines = issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code !== 'unrecognized_keys')
      return [
        `${file}: ${placeText(path)}: found ${foundText(valueAt(data, path))}, expected ${issue.message}`,
      ];
    return issue.keys.map(
      (key) => `${file}: ${placeText([...path, key])}: found an unknown key, expected none: remove it`,
    );
  });
  const more = lines.length - MAX_ISSUES;
  const listed = more > 0 ? [...lines.slice(0, MAX_ISSUES), `… and ${more} more`] : lines;
  return new SoakError('USAGE', listed[0]!, listed);
}

function placeText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${shown(step)}`))
    .join('');
}

/** Longest part of a value in a message. */
const MAX_SHOWN = 60;

/** Keys and values are hostile: a message stays on its line. */
function shown(value: string): string {
  return /^\w{1,60}$/.test(value) ? value : JSON.stringify(value.slice(0, MAX_SHOWN));
}

function foundText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'a mapping' : String(value);
}

function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    data,
  );
}
