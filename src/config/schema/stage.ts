import type { z } from 'zod';
import { STAGE_PRESETS } from '../../catalog/presets.ts';
import type { Stage } from '../../core/scenario.ts';
import { list as enumerate, isMapping } from '../describe.ts';
import { adviseName } from '../nearest.ts';
import { addIssue, choose, Fault, list } from './combinators.ts';
import { type Check, mapping } from './mapping.ts';
import { duration, durationText, number, oneOf, whole } from './scalars.ts';

/** Stage with the unit of its levels: virtual users, or streams per second. */
export interface StageDraft {
  readonly unit: 'users' | 'rate';
  /** Key that set the levels. */
  readonly key: 'users' | 'rate' | 'preset';
  readonly stage: Stage;
}

type Level = z.ZodType<number>;

const users: Level = whole(0);
const rate: Level = number({ min: 0 });
const length = duration();

/**
 * Schema of a stage of one shape.
 * @param levels returns the schema of `users` and `rate` from the schema of one level
 * @param extra keys of this shape only
 */
function shaped<T, X extends z.ZodRawShape>(
  shape: Stage['shape'],
  levels: (level: Level) => z.ZodType<T>,
  extra: X,
  make: (levels: T, durationMs: number, given: z.output<z.ZodObject<X>>) => Stage,
  check: (given: z.output<z.ZodObject<X>> & { for: number }, ctx: unknown) => void = () => undefined,
): z.ZodType<StageDraft> {
  const kind = oneOf([shape]);
  const schema = mapping(
    {
      shape: shape === 'hold' ? kind.optional() : kind,
      users: levels(users).optional(),
      rate: levels(rate).optional(),
      for: length,
      ...extra,
    },
    { checks: [oneUnit, check as unknown as Check<unknown>] },
  );
  return schema.transform((value): StageDraft => {
    const given = value as { users?: T; rate?: T; for: number } & z.output<z.ZodObject<X>>;
    const unit = given.users === undefined ? 'rate' : 'users';
    return { unit, key: unit, stage: make(given[unit]!, given.for, given) };
  });
}

/** An invalid level counts as present. */
function oneUnit(_: unknown, ctx: unknown, written: Readonly<Record<string, unknown>>): void {
  const given = [written.users, written.rate].filter((level) => level !== undefined).length;
  if (given === 1) return;
  addIssue(ctx, {
    found: given === 0 ? 'neither users nor rate' : 'both users and rate',
    expected: 'one of them',
    advice: given === 0 ? 'add users: (or rate: for the open model)' : 'keep one of them',
  });
}

/** Reports levels of another shape in place of the single number of `hold`: most likely `shape` is missing. */
const single = (level: Level): Level =>
  choose<number>([level], (value) => {
    if (typeof value !== 'object' || value === null) return level;
    const keys = Object.keys(value);
    const meant = Array.isArray(value)
      ? 'steps'
      : keys.includes('from')
        ? 'ramp'
        : keys.includes('peak')
          ? 'spike'
          : 'sine';
    return new Fault('one number, since the shape is hold', `write a number, or set shape: ${meant}`);
  });

const pair =
  <A extends string, B extends string>(a: A, b: B) =>
  (level: Level) =>
    mapping({ [a]: level, [b]: level }, `write { ${a}: 0, ${b}: 100 }`) as unknown as z.ZodType<
      Record<A | B, number>
    >;

const minMax = pair('min', 'max');

const hold = shaped('hold', single, {}, (level, durationMs) => ({ shape: 'hold', level, durationMs }));

const ramp = shaped('ramp', pair('from', 'to'), {}, ({ from, to }, durationMs) => ({
  shape: 'ramp',
  from,
  to,
  durationMs,
}));

const steps = shaped(
  'steps',
  (level) => list(level, 1, 1000, 'levels', 'write for example [100, 250, 500]'),
  {},
  (levels, durationMs) => ({ shape: 'steps', levels, durationMs }),
);

const spike = shaped(
  'spike',
  pair('base', 'peak'),
  { at: duration({ zero: true }), width: length },
  ({ base, peak }, durationMs, { at, width }) => ({
    shape: 'spike',
    base,
    peak,
    atMs: at,
    widthMs: width,
    durationMs,
  }),
  (given, ctx) => {
    const { at, width, for: whole } = given;
    const end = at + width;
    if (end <= whole) return;
    addIssue(ctx, {
      path: at >= whole ? ['at'] : ['width'],
      found: `a spike that ends at ${durationText(end)}`,
      expected: `at + width within the stage (${durationText(whole)})`,
      advice: 'lower at or width, or make the stage longer',
    });
  },
);

const sine = shaped(
  'sine',
  (level) =>
    minMax(level).transform((levels, ctx) => {
      const { min, max } = levels;
      if (min > max) {
        addIssue(ctx, { path: ['min'], expected: `at most max (${max})`, advice: 'swap the two' });
      }
      return levels;
    }),
  { period: length },
  ({ min, max }, durationMs, { period }) => ({ shape: 'sine', min, max, periodMs: period, durationMs }),
);

const PRESETS = Object.keys(STAGE_PRESETS) as (keyof typeof STAGE_PRESETS)[];

const preset: z.ZodType<StageDraft> = mapping({ preset: oneOf(PRESETS), for: length }).transform((given) => ({
  unit: 'users',
  key: 'preset',
  stage: structuredClone(STAGE_PRESETS[given.preset](given.for)),
}));

const SHAPES: Readonly<Record<string, z.ZodType<StageDraft>>> = { hold, ramp, steps, spike, sine };

export const stage = choose<StageDraft>([...Object.values(SHAPES), preset], (value) => {
  if (!isMapping(value)) return hold;
  if (Object.hasOwn(value, 'preset')) return preset;
  const shape = Object.hasOwn(value, 'shape') ? value.shape : 'hold';
  if (typeof shape === 'string' && Object.hasOwn(SHAPES, shape)) return SHAPES[shape]!;
  const names = Object.keys(SHAPES);
  return new Fault(
    `one of ${enumerate(names)}`,
    adviseName(String(shape), names, 'write one of them'),
    undefined,
    ['shape'],
  );
});
