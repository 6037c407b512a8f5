import type { Random } from '../core/random.ts';
import type { Scenario } from '../core/scenario.ts';

/** What one stream is: drawn from the seed, so that two runs send the same sequence. */
export interface Draw {
  /** Index among the configuration's targets. */
  readonly target: number;
  readonly prompt: string | undefined;
}

/**
 * @param targets all targets of the configuration, by whose order `Draw.target` counts
 * @returns a function that draws a target by weight, and one of its prompts
 */
export function drawer(
  scenario: Scenario,
  targets: readonly { readonly name: string; readonly prompts: readonly string[] }[],
): (random: Random) => Draw {
  const total = scenario.targets.reduce((sum, t) => sum + t.weight, 0);
  const indexes = scenario.targets.map((t) => targets.findIndex((known) => known.name === t.name));
  return (random) => {
    let left = random() * total;
    let i = 0;
    while (i < indexes.length - 1 && left >= scenario.targets[i]!.weight)
      left -= scenario.targets[i++]!.weight;
    const target = indexes[i]!;
    const { prompts } = targets[target]!;
    // One draw each way, so that the sequence does not depend on which target has prompts.
    const pick = random();
    return { target, prompt: prompts.length > 0 ? prompts[Math.floor(pick * prompts.length)] : undefined };
  };
}
