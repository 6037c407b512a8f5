import type { z } from 'zod';
import { STAGE_PRESETS } from '../../catalog/presets.ts';
import { type AnyShape, SHAPES, type Stage } from '../../shapes/list.ts';
import type { StageIssue } from '../../shapes/shape.ts';
import { list as enumerate, isMapping } from '../describe.ts';
import { adviseName } from '../nearest.ts';
import { type Check, choose, Fault, list, mapping, then } from './combinators.ts';
import { duration, durationText, number, oneOf, whole } from './scalars.ts';

/** Shape of a stage without `shape`. */
const DEFAULT = SHAPES[0]!;

/** Stage with the unit of its levels: virtual users, or streams per second. */
export interface StageDraft {
  readonly unit: 'users' | 'rate';
  /** Key that set the levels. */
  readonly key: 'users' | 'rate' | 'preset';
  readonly stage: Stage;
}

type Level = z.ZodType<number>;

const LEVEL: Readonly<Record<StageDraft['unit'], Level>> = { users: whole(0), rate: number({ min: 0 }) };
const length = duration();

/** Schema of a stage of one shape. */
function shaped(shape: AnyShape): z.ZodType<StageDraft> {
  const kind = oneOf([shape.name]);
  const durations = Object.entries(shape.durations).map(([key, range]) => [
    key,
    range === 'from 0' ? duration({ zero: true }) : length,
  ]);
  /** Throws for an invalid duration, which ends a check. */
  const durationsOf = (given: Readonly<Record<string, unknown>>) => ({
    ...Object.fromEntries(Object.keys(shape.durations).map((key) => [`${key}Ms`, given[key]])),
    durationMs: given.for,
  });
  const checkDurations: Check<Record<string, unknown>> = function* (given) {
    yield* faultOf(shape.issueOfDurations?.(durationsOf(given), durationText));
  };
  const schema = mapping(
    {
      shape: shape === DEFAULT ? kind.optional() : kind,
      users: levelsOf(shape, LEVEL.users).optional(),
      rate: levelsOf(shape, LEVEL.rate).optional(),
      for: length,
      ...(Object.fromEntries(durations) as Record<string, typeof length>),
    },
    { checks: [oneUnit, checkDurations as Check<unknown>] },
  );
  return schema.transform((value): StageDraft => {
    const given = value as Readonly<Record<string, unknown>>;
    const unit = given.users === undefined ? 'rate' : 'users';
    const fields = { shape: shape.name, ...(given[unit] as object), ...durationsOf(given) };
    return { unit, key: unit, stage: fields as unknown as Stage };
  });
}

/** Schema of `users` or `rate`: the fields of its levels. */
function levelsOf(shape: AnyShape, level: Level): z.ZodType<object> {
  if (shape.levels === 'one') return single(level).transform((one) => ({ level: one }));
  if (shape.levels === 'list')
    return list(level, 1, 1000, 'levels', 'write for example [100, 250, 500]').transform((levels) => ({
      levels,
    }));
  const [a, b] = shape.levels;
  const both = mapping({ [a]: level, [b]: level }, `write { ${a}: 0, ${b}: 100 }`);
  return then(
    both,
    (levels): object => faultOf(shape.issueOfLevels?.(levels as Record<string, number>))[0] ?? levels,
  );
}

function faultOf(issue: StageIssue | undefined): Fault[] {
  return issue === undefined ? [] : [new Fault(issue.expected, issue.advice, issue.found, [issue.key])];
}

/** An invalid level counts as present. */
function* oneUnit(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  const given = [written.users, written.rate].filter((level) => level !== undefined).length;
  if (given === 1) return;
  yield given === 0
    ? new Fault('one of them', 'add users: (or rate: for the open model)', 'neither users nor rate')
    : new Fault('one of them', 'keep one of them', 'both users and rate');
}

/** Reports levels of another shape in place of the single number of the default: most likely `shape` is missing. */
const single = (level: Level): Level =>
  choose<number>([level], (value) => {
    if (typeof value !== 'object' || value === null) return level;
    const meant = SHAPES.find(({ levels }) =>
      Array.isArray(value)
        ? levels === 'list'
        : typeof levels === 'object' && levels.some((key) => Object.hasOwn(value, key)),
    );
    const advice = meant === undefined ? 'write a number' : `write a number, or set shape: ${meant.name}`;
    return new Fault(`one number, since the shape is ${DEFAULT.name}`, advice);
  });

const PRESETS = Object.keys(STAGE_PRESETS) as (keyof typeof STAGE_PRESETS)[];

const preset: z.ZodType<StageDraft> = mapping({ preset: oneOf(PRESETS), for: length }).transform((given) => ({
  unit: 'users',
  key: 'preset',
  stage: structuredClone(STAGE_PRESETS[given.preset](given.for)),
}));

const BY_NAME: Readonly<Record<string, z.ZodType<StageDraft>>> = Object.fromEntries(
  SHAPES.map((shape) => [shape.name, shaped(shape)]),
);

export const stage = choose<StageDraft>([...Object.values(BY_NAME), preset], (value) => {
  if (!isMapping(value)) return BY_NAME[DEFAULT.name]!;
  if (Object.hasOwn(value, 'preset')) return preset;
  const shape = Object.hasOwn(value, 'shape') ? value.shape : DEFAULT.name;
  if (typeof shape === 'string' && Object.hasOwn(BY_NAME, shape)) return BY_NAME[shape]!;
  const names = Object.keys(BY_NAME);
  return new Fault(
    `one of ${enumerate(names)}`,
    adviseName(String(shape), names, 'write one of them'),
    undefined,
    ['shape'],
  );
});
