import type { Distribution } from '../../core/distribution.ts';
import { peakOf } from '../../core/peak.ts';
import { isMapping } from '../describe.ts';
import { addIssue } from './combinators.ts';
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
export function oneTarget(_: unknown, ctx: unknown, written: Written): void {
  const { target, targets } = written;
  if ((target === undefined) !== (targets === undefined)) return;
  addIssue(ctx, {
    found: target === undefined ? 'neither target nor targets' : 'both target and targets',
    expected: 'exactly one of them',
    advice: target === undefined ? 'add target: with the name of one' : 'keep one of them',
  });
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

export function eachTargetOnce(_: unknown, ctx: unknown, written: Written): void {
  const { entries, at, isSequence } = targetEntries(written.targets);
  const names = entries.map((entry) => (isMapping(entry) ? entry.name : entry));
  for (const [i, name] of names.entries()) {
    if (typeof name !== 'string' || names.indexOf(name) === i) continue;
    addIssue(ctx, {
      path: ['targets', ...at, i, ...(isMapping(entries[i]) ? ['name'] : [])],
      expected: 'each target once',
      advice: isSequence ? 'remove one of them' : 'add up their weights in one entry',
    });
  }
}

export function someLoad({ stages }: GivenLoad, ctx: unknown): void {
  if (stages.some((s) => peakOf(s.stage) > 0)) return;
  addIssue(ctx, {
    path: ['stages'],
    found: 'no load at all (every level is 0)',
    expected: 'a level above 0',
    advice: 'raise one',
  });
}

export function warmUpWithin(given: GivenLoad & { readonly warmUp: number }, ctx: unknown): void {
  const { warmUp, stages } = given;
  const wholeMs = stages.reduce((sum, s) => sum + s.stage.durationMs, 0);
  if (warmUp === 0 || warmUp < wholeMs) return;
  addIssue(ctx, {
    path: ['warmUp'],
    expected: `less than all stages together (${durationText(wholeMs)})`,
    advice: 'shorten it, or make a stage longer',
  });
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

function unitOfModel(given: GivenLoad, ctx: unknown, written: Written): void {
  const { kind, because } = modelWritten(given, written);
  const wanted = kind === 'open' ? 'rate' : 'users';
  for (const [i, level] of levelsOf(written.stages).entries()) {
    if (level === undefined || level.unit === wanted) continue;
    addIssue(ctx, {
      path: ['stages', i, level.key],
      at: 'key',
      found: level.key === 'preset' ? 'a preset of users' : `${level.key} ${inModel(kind)}`,
      expected: `${wanted}, since ${because}`,
      advice: `use ${wanted}, or make it a scenario of its own`,
    });
  }
}

function keysOfModel(given: GivenLoad, ctx: unknown, written: Written): void {
  // Without any stage that has a unit, the model is unknown.
  if (given.model === undefined && levelsOf(written.stages).every((level) => level === undefined)) return;
  const { kind } = modelWritten(given, written);
  const misplaced = kind === 'open' ? (['thinkTime'] as const) : (['arrivals', 'maxUsers'] as const);
  for (const key of misplaced) {
    if (written[key] === undefined) continue;
    addIssue(ctx, {
      path: [key],
      at: 'key',
      found: `${key} ${inModel(kind)}`,
      expected: `it in the ${kind === 'open' ? 'closed' : 'open'} model only`,
      advice: `remove it, or use ${kind === 'open' ? 'users' : 'rate'} in the stages`,
    });
  }
}

function capOfOpen(given: GivenLoad, ctx: unknown, written: Written): void {
  if (modelWritten(given, written).kind !== 'open' || given.maxUsers !== undefined) return;
  addIssue(ctx, {
    path: ['maxUsers'],
    expected: 'the cap on virtual users that the open model needs',
    advice: 'add maxUsers:, at least the rate times the seconds that a stream takes',
  });
}

export const MODEL_CHECKS = [unitOfModel, keysOfModel, capOfOpen] as const;
