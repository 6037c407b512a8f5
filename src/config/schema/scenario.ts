import type { z } from 'zod';
import type { Budget, Model, Scenario } from '../../core/scenario.ts';
import { inTurns } from '../../core/sequence.ts';
import { isMapping } from '../describe.ts';
import { choose, Fault, list, mapping } from './combinators.ts';
import { durationDistribution } from './distribution.ts';
import { duration, name, number, oneOf, seed, whole } from './scalars.ts';
import { type GivenLoad, SCENARIO_CHECKS } from './scenario-checks.ts';
import { stage } from './stage.ts';

const price = () => number({ min: 0 });

const prices = mapping({ input: price(), output: price() }, 'write for example { input: 0.5, output: 1.5 }');

/** Budget of a run: a run whose budget is used up starts no more streams. */
const budget = mapping(
  {
    streams: whole(1).optional(),
    outputTokens: whole(1).optional(),
    cost: number({ min: 0, above: true }).optional(),
    prices: prices.optional(),
  },
  {
    advice: 'write for example { streams: 1000 }',
    checks: [
      function* (_, written) {
        if (Object.keys(written).every((key) => key === 'prices'))
          yield new Fault('streams, outputTokens or cost', 'set one of them', 'a budget without a limit');
      },
      function* ({ cost, prices: of }) {
        if (cost === undefined || of !== undefined) return;
        const wanted = 'prices of a million tokens to reckon it with';
        yield new Fault(wanted, 'add prices: { input: …, output: … }', 'a cost without prices', ['cost']);
      },
    ],
  },
).transform((given): Budget => given);

interface Weighted {
  readonly name: string;
  readonly weight: number;
}

export interface TargetsDraft {
  readonly targets: readonly Weighted[];
  /** Between the turns of a sequence; absent: all targets at once. */
  readonly pauseMs?: number;
}

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
    // By default, most streams end within it.
    pause: duration({ zero: true }).default(30_000),
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
    checks: SCENARIO_CHECKS,
  },
);

export function scenarioOf(name: string, given: z.output<typeof scenario>): Scenario {
  const { target, targets: loaded = { targets: [{ name: target ?? '', weight: 1 }] } } = given;
  const { targets, pauseMs } = loaded;
  const stages = given.stages.map((s) => s.stage);
  const names = targets.map(({ name }) => name);
  return {
    name,
    model: modelOf(given),
    targets,
    stages: pauseMs === undefined ? stages : inTurns(stages, names, pauseMs),
    sequence: pauseMs === undefined ? undefined : { pauseMs },
    warmUpMs: given.warmUp,
    seed: given.seed,
    budget: given.budget,
  };
}

function modelOf({ model, stages, arrivals, maxUsers, thinkTime }: GivenLoad): Model {
  const isOpen = model === undefined ? stages.some((s) => s.unit === 'rate') : model === 'open';
  return isOpen
    ? { kind: 'open', arrivals: arrivals ?? 'poisson', maxUsers: maxUsers ?? 1 }
    : { kind: 'closed', thinkTimeMs: thinkTime ?? { kind: 'fixed', value: 0 } };
}
