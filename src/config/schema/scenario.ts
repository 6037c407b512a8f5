import type { Model, Scenario } from '../../core/scenario.ts';
import { budget } from './budget.ts';
import { choose, list } from './combinators.ts';
import { durationDistribution } from './distribution.ts';
import { mapping } from './mapping.ts';
import { duration, name, number, oneOf, seed, whole } from './scalars.ts';
import {
  eachTargetOnce,
  type GivenLoad,
  MODEL_CHECKS,
  oneTarget,
  someLoad,
  warmUpWithin,
} from './scenario-checks.ts';
import { type StageDraft, stage } from './stage.ts';

export interface ScenarioDraft extends Omit<Scenario, 'name'> {
  /** Key that set the levels of each stage, for messages. */
  readonly levelKeys: readonly StageDraft['key'][];
}

interface Weighted {
  readonly name: string;
  readonly weight: number;
}

const full = mapping(
  { name: name(), weight: number({ min: 0, above: true }).default(1) },
  'write for example { name: assistant, weight: 3 }',
);

const bare = name().transform((of): Weighted => ({ name: of, weight: 1 }));

/** The name of a target, or a mapping with its weight. */
const weighted = choose<Weighted>([bare, full], (value) => (typeof value === 'string' ? bare : full));

/** Schema of a scenario. */
export const scenario = mapping(
  {
    target: name().optional(),
    targets: list(
      weighted,
      1,
      50,
      'targets',
      'write for example [assistant, { name: events, weight: 3 }]',
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
  {
    advice: 'write for example { target: assistant, stages: [{ users: 50, for: 10m }] }',
    checks: [oneTarget, eachTargetOnce, someLoad, warmUpWithin, ...MODEL_CHECKS],
  },
).transform((given): ScenarioDraft => {
  const { target, targets } = given;
  return {
    model: modelOf(given),
    targets: targets ?? [{ name: target ?? '', weight: 1 }],
    stages: given.stages.map((s) => s.stage),
    warmUpMs: given.warmUp,
    seed: given.seed,
    ...(given.budget === undefined ? {} : { budget: given.budget }),
    levelKeys: given.stages.map((s) => s.key),
  };
});

function modelOf({ model, stages, arrivals, maxUsers, thinkTime }: GivenLoad): Model {
  const isOpen = model === undefined ? stages.some((s) => s.unit === 'rate') : model === 'open';
  return isOpen
    ? { kind: 'open', arrivals: arrivals ?? 'poisson', maxUsers: maxUsers ?? 1 }
    : { kind: 'closed', thinkTimeMs: thinkTime ?? { kind: 'fixed', value: 0 } };
}
