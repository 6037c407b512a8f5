import type { Distribution } from '../../core/distribution.ts';
import { peakOf } from '../../core/peak.ts';
import type { Model, Scenario } from '../../core/scenario.ts';
import { budget } from './budget.ts';
import { complain, list, mapping } from './combinators.ts';
import { durationDistribution } from './distribution.ts';
import { duration, durationText, name, number, oneOf, seed, whole } from './scalars.ts';
import { type StageDraft, stage } from './stage.ts';

export interface ScenarioDraft extends Omit<Scenario, 'name'> {
  /** The key that brought the levels of each stage, for messages about them. */
  readonly levelKeys: readonly StageDraft['key'][];
}

const weighted = mapping(
  { name: name(), weight: number({ min: 0, above: true }).default(1) },
  'write for example { name: assistant, weight: 3 }',
);

export const scenario = mapping(
  {
    target: name().optional(),
    targets: list(
      weighted,
      1,
      50,
      'targets with weights',
      'write for example [{ name: assistant, weight: 3 }]',
    ).optional(),
    model: oneOf(['closed', 'open']).optional(),
    stages: list(stage, 1, 1000, 'stages', 'write for example [{ users: 50, for: 10m }]'),
    arrivals: oneOf(['constant', 'poisson']).optional(),
    maxUsers: whole(1).optional(),
    thinkTime: durationDistribution.optional(),
    warmUp: duration({ zero: true }).default(0),
    seed: seed().default(1),
    budget: budget.optional(),
  },
  'write for example { target: assistant, stages: [{ users: 50, for: 10m }] }',
).transform((given, ctx): ScenarioDraft => {
  const { target, targets } = given;
  if ((target === undefined) === (targets === undefined)) {
    complain(ctx, {
      found: target === undefined ? 'neither target nor targets' : 'both target and targets',
      expected: 'exactly one of them',
      advice: target === undefined ? 'add target: with the name of one' : 'keep one of them',
    });
  }
  for (const [i, entry] of (targets ?? []).entries()) {
    if (targets!.findIndex((t) => t.name === entry.name) < i) {
      complain(ctx, {
        path: ['targets', i, 'name'],
        expected: 'each target once',
        advice: 'add up their weights in one entry',
      });
    }
  }
  if (given.stages.every((s) => peakOf(s.stage) === 0)) {
    complain(ctx, {
      path: ['stages'],
      found: 'no load at all (every level is 0)',
      expected: 'a level above 0',
      advice: 'raise one',
    });
  }
  const wholeMs = given.stages.reduce((sum, s) => sum + s.stage.durationMs, 0);
  if (given.warmUp > 0 && given.warmUp >= wholeMs) {
    complain(ctx, {
      path: ['warmUp'],
      expected: `less than all stages together (${durationText(wholeMs)})`,
      advice: 'shorten it, or make a stage longer',
    });
  }
  return {
    model: readModel(given, ctx),
    targets: targets ?? [{ name: target ?? '', weight: 1 }],
    stages: given.stages.map((s) => s.stage),
    warmUpMs: given.warmUp,
    seed: given.seed,
    ...(given.budget === undefined ? {} : { budget: given.budget }),
    levelKeys: given.stages.map((s) => s.key),
  };
});

interface Given {
  readonly model?: 'closed' | 'open' | undefined;
  readonly stages: readonly StageDraft[];
  readonly arrivals?: 'constant' | 'poisson' | undefined;
  readonly maxUsers?: number | undefined;
  readonly thinkTime?: Distribution | undefined;
}

/** The open model has rates, the closed one users; without `model` the stages tell which is meant. */
function readModel(given: Given, ctx: unknown): Model {
  const open = given.stages.findIndex((s) => s.unit === 'rate');
  const kind = given.model ?? (open >= 0 ? 'open' : 'closed');
  const because =
    given.model === undefined && kind === 'open' ? `stages[${open}] has rate` : `model is ${kind}`;
  const wanted = kind === 'open' ? 'rate' : 'users';
  for (const [i, { unit, key }] of given.stages.entries()) {
    if (unit === wanted) continue;
    complain(ctx, {
      path: ['stages', i, key],
      at: 'key',
      found:
        key === 'preset'
          ? 'a preset of users'
          : `${key} in ${kind === 'open' ? 'an open' : 'a closed'} scenario`,
      expected: `${wanted}, since ${because}`,
      advice: `use ${wanted}, or make it a scenario of its own`,
    });
  }
  const misplaced = kind === 'open' ? (['thinkTime'] as const) : (['arrivals', 'maxUsers'] as const);
  for (const key of misplaced) {
    if (given[key] === undefined) continue;
    const other = kind === 'open' ? 'closed' : 'open';
    complain(ctx, {
      path: [key],
      at: 'key',
      found: `${key} in ${kind === 'open' ? 'an open' : 'a closed'} scenario`,
      expected: `it in the ${other} model only`,
      advice: `remove it, or use ${other === 'open' ? 'rate' : 'users'} in the stages`,
    });
  }
  if (kind === 'closed') return { kind, thinkTimeMs: given.thinkTime ?? { kind: 'fixed', value: 0 } };
  if (given.maxUsers === undefined) {
    complain(ctx, {
      path: ['maxUsers'],
      expected: 'the cap on virtual users that the open model needs',
      advice: 'add maxUsers:, at least the rate times the seconds that a stream takes',
    });
  }
  return { kind, arrivals: given.arrivals ?? 'poisson', maxUsers: given.maxUsers ?? 1 };
}
