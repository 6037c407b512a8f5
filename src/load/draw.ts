import type { Random } from '../core/random.ts';
import type { Scenario } from '../core/scenario.ts';
import { targetsIn } from '../core/sequence.ts';

/** What one stream is: drawn from the seed, so that two runs send the same sequence. */
export interface Draw {
  /** Index among the configuration's targets. */
  readonly target: number;
  readonly prompt: string | undefined;
}

/** A draw whose target depends on the stage in which the stream begins. @param stage index of the stage */
export type StageDraw = (stage: number) => Draw;

type Targets = readonly { readonly name: string; readonly prompts: readonly string[] }[];
type Drawn = Pick<Scenario, 'targets' | 'stages'>;

/**
 * @param targets all targets of the configuration, by whose order `Draw.target` counts
 * @returns a function that draws one of the targets that a stage loads, by weight, and one of its prompts
 */
export function drawer(scenario: Drawn, targets: Targets): (random: Random) => StageDraw {
  const choices = new Map<string | undefined, (share: number) => number>();
  for (const [i, { target }] of scenario.stages.entries())
    if (!choices.has(target)) choices.set(target, choiceOf(targetsIn(scenario, i), targets));
  return (random) => {
    // One draw each way, so that the sequence does not depend on which target has prompts.
    const share = random();
    const pick = random();
    return (stage) => {
      const target = choices.get(scenario.stages[stage]?.target)!(share);
      const { prompts } = targets[target]!;
      return { target, prompt: prompts.length > 0 ? prompts[Math.floor(pick * prompts.length)] : undefined };
    };
  };
}

function choiceOf(weighted: Scenario['targets'], targets: Targets): (share: number) => number {
  const total = weighted.reduce((sum, t) => sum + t.weight, 0);
  const indexes = weighted.map((t) => targets.findIndex((known) => known.name === t.name));
  return (share) => {
    let left = share * total;
    let i = 0;
    while (i < indexes.length - 1 && left >= weighted[i]!.weight) left -= weighted[i++]!.weight;
    return indexes[i]!;
  };
}

/** Returns the index of the target whose turn a stage is; `undefined` where the stage loads all targets. */
export function turns({ stages }: Drawn, targets: Targets): (stage: number) => number | undefined {
  const indexes = stages.map(({ target }) =>
    target === undefined ? undefined : targets.findIndex(({ name }) => name === target),
  );
  return (stage) => indexes[stage];
}
