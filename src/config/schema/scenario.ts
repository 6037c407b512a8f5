import type { Model, Scenario } from '../../core/scenario.ts';
import { inTurns } from '../../core/sequence.ts';
import { isMapping } from '../describe.ts';
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

interface TargetsDraft {
  readonly targets: readonly Weighted[];
  /** Between the turns of a sequence; absent: all targets at once. */
  readonly pauseMs?: number;
}

/** Pause between the turns of a sequence, ms: by default, most streams end within it. */
export const pauseBetween = duration({ zero: true }).default(30_000);

const full = mapping(
  { name: name(), weight: number({ min: 0, above: true }).default(1) },
  'write for example { name: assistant, weight: 3 }',
);

const bare = name().transform((of): Weighted => ({ name: of, weight: 1 }));

/** The name of a target, or a mapping with its weight. */
const weighted = choose<Weighted>([bare, full], (value) => (typeof value === 'string' ? bare : full));

const together = list(
  weighted,
  1,
  50,
  'targets',
  'write for example [assistant, { name: events, weight: 3 }], or { sequence: [a, b] } for one after another',
).transform((of): TargetsDraft => ({ targets: of }));

/** Targets that are loaded one after another. */
const inSequence = mapping(
  {
    sequence: list(bare, 2, 50, 'targets', 'write for example [assistant, events]'),
    pause: pauseBetween,
  },
  'write for example { sequence: [assistant, events], pause: 30s }',
).transform((given): TargetsDraft => ({ targets: given.sequence, pauseMs: given.pause }));

/** Schema of a scenario. */
export const scenario = mapping(
  {
    target: name().optional(),
    targets: choose<TargetsDraft>([together, inSequence], (value) =>
      isMapping(value) ? inSequence : together,
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
  const { target, targets: loaded = { targets: [{ name: target ?? '', weight: 1 }] } } = given;
  const { targets, pauseMs } = loaded;
  const stages = given.stages.map((s) => s.stage);
  const names = targets.map(({ name }) => name);
  return {
    model: modelOf(given),
    targets,
    stages: pauseMs === undefined ? stages : inTurns(stages, names, pauseMs),
    ...(pauseMs === undefined ? {} : { sequence: { pauseMs } }),
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
