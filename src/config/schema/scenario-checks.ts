import type { Distribution } from '../../core/distribution.ts';
import { peakOf } from '../../shapes/list.ts';
import { isMapping } from '../describe.ts';
import { Fault } from './combinators.ts';
import { durationText } from './scalars.ts';
import type { StageDraft } from './stage.ts';

/** Load settings of a scenario. */
export interface GivenLoad {
  readonly model?: 'closed' | 'open' | undefined;
  readonly stages: readonly StageDraft[];
  readonly arrivals?: 'constant' | 'poisson' | undefined;
  readonly maxUsers?: number | undefined;
  readonly thinkTime?: Distribution | undefined;
}

type Written = Readonly<Record<string, unknown>>;

/** An invalid reference counts as present. */
function* oneTarget(_: unknown, { target, targets }: Written): Iterable<Fault> {
  if ((target === undefined) !== (targets === undefined)) return;
  yield target === undefined
    ? new Fault('exactly one of them', 'add target: with the name of one', 'neither target nor targets')
    : new Fault('exactly one of them', 'keep one of them', 'both target and targets');
}

/** Returns the entries of `targets` as written, valid or not, and their path below it. */
export function targetEntries(written: unknown): {
  readonly entries: readonly unknown[];
  readonly at: readonly string[];
  readonly isSequence: boolean;
} {
  const isSequence = isMapping(written);
  const entries = isSequence ? written.sequence : written;
  return { entries: Array.isArray(entries) ? entries : [], at: isSequence ? ['sequence'] : [], isSequence };
}

function* eachTargetOnce(_: unknown, written: Written): Iterable<Fault> {
  const { entries, at, isSequence } = targetEntries(written.targets);
  const names = entries.map((entry) => (isMapping(entry) ? entry.name : entry));
  for (const [i, name] of names.entries()) {
    if (typeof name !== 'string' || names.indexOf(name) === i) continue;
    const advice = isSequence ? 'remove one of them' : 'add up their weights in one entry';
    const path = ['targets', ...at, i, ...(isMapping(entries[i]) ? ['name'] : [])];
    yield new Fault('each target once', advice).below(path);
  }
}

function* someLoad({ stages }: GivenLoad): Iterable<Fault> {
  if (stages.every((s) => peakOf(s.stage) === 0))
    yield new Fault('a level above 0', 'raise one', 'no load at all (every level is 0)', ['stages']);
}

function* warmUpWithin({ warmUp, stages }: GivenLoad & { readonly warmUp: number }): Iterable<Fault> {
  const wholeMs = stages.reduce((sum, s) => sum + s.stage.durationMs, 0);
  if (warmUp === 0 || warmUp < wholeMs) return;
  const expected = `less than all stages together (${durationText(wholeMs)})`;
  yield new Fault(expected, 'shorten it, or make a stage longer').below(['warmUp']);
}

/** Returns the unit of each stage, valid or not; `undefined`: none, or both. */
function levelsOf(stages: unknown): (Pick<StageDraft, 'key' | 'unit'> | undefined)[] {
  return (Array.isArray(stages) ? stages : []).map((stage: unknown) => {
    if (!isMapping(stage)) return undefined;
    if (stage.preset !== undefined) return { key: 'preset', unit: 'users' };
    if ((stage.users === undefined) === (stage.rate === undefined)) return undefined;
    const unit = stage.users === undefined ? 'rate' : 'users';
    return { key: unit, unit };
  });
}

/** Returns the model: open with rates, closed with users. Without `model`, the stages determine it. */
function modelWritten(
  { model }: GivenLoad,
  { stages }: Written,
): { readonly kind: 'open' | 'closed'; readonly because: string } {
  const open = levelsOf(stages).findIndex((s) => s?.unit === 'rate');
  const kind = model ?? (open >= 0 ? 'open' : 'closed');
  const because = model === undefined && kind === 'open' ? `stages[${open}] has rate` : `model is ${kind}`;
  return { kind, because };
}

const inModel = (kind: 'open' | 'closed'): string =>
  `in ${kind === 'open' ? 'an open' : 'a closed'} scenario`;

function* unitOfModel(given: GivenLoad, written: Written): Iterable<Fault> {
  const { kind, because } = modelWritten(given, written);
  const wanted = kind === 'open' ? 'rate' : 'users';
  for (const [i, level] of levelsOf(written.stages).entries()) {
    if (level === undefined || level.unit === wanted) continue;
    const found = level.key === 'preset' ? 'a preset of users' : `${level.key} ${inModel(kind)}`;
    const advice = `use ${wanted}, or make it a scenario of its own`;
    yield new Fault(`${wanted}, since ${because}`, advice, found, ['stages', i, level.key], 'key');
  }
}

function* keysOfModel(given: GivenLoad, written: Written): Iterable<Fault> {
  // Without any stage that has a unit, the model is unknown.
  if (given.model === undefined && levelsOf(written.stages).every((level) => level === undefined)) return;
  const { kind } = modelWritten(given, written);
  const [misplaced, other, unit] =
    kind === 'open' ? [['thinkTime'], 'closed', 'users'] : [['arrivals', 'maxUsers'], 'open', 'rate'];
  for (const key of misplaced) {
    if (written[key] === undefined) continue;
    const advice = `remove it, or use ${unit} in the stages`;
    const byFlag = {
      found: 'it beside --rate',
      expected: 'it beside --users only',
      advice: 'leave out one of them',
    };
    const found = `${key} ${inModel(kind)}`;
    yield new Fault(
      `it in the ${other} model only`,
      advice,
      found,
      [key],
      'key',
      key === 'thinkTime' ? byFlag : undefined,
    );
  }
}

function* capOfOpen(given: GivenLoad, written: Written): Iterable<Fault> {
  if (modelWritten(given, written).kind !== 'open' || given.maxUsers !== undefined) return;
  const advice = 'add maxUsers:, at least the rate times the seconds that a stream takes';
  yield new Fault('the cap on virtual users that the open model needs', advice).below(['maxUsers']);
}

/** Checks the keys of a scenario against each other. */
export const SCENARIO_CHECKS = [
  oneTarget,
  eachTargetOnce,
  someLoad,
  warmUpWithin,
  unitOfModel,
  keysOfModel,
  capOfOpen,
] as const;
