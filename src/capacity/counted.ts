import { SoakError } from '../core/errors.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import { isLive } from '../thresholds/threshold.ts';
import { type RunThreshold, thresholdsOf } from '../thresholds/verdict.ts';

/** The thresholds of one target that decide whether a load holds. */
export interface CountedTarget {
  readonly name: string;
  /** Its place in the configuration, which is that in the layout. */
  readonly index: number;
  readonly thresholds: readonly RunThreshold[];
}

/**
 * Returns the thresholds that decide the verdict of a run of the scenario, by target.
 * @param only ids of the only ones that count; absent: all
 * @throws SoakError USAGE for an id that decides nothing in this scenario, and where no threshold is left
 */
export function countedThresholds(
  config: Pick<Config, 'targets' | 'thresholds'>,
  { name: scenario, targets }: Pick<Scenario, 'name' | 'targets'>,
  only?: readonly string[],
): CountedTarget[] {
  const all = targets.map(({ name }): CountedTarget => {
    const index = config.targets.findIndex((t) => t.name === name);
    const { thresholds: own } = config.targets[index]!;
    return { name, index, thresholds: thresholdsOf(own, config.thresholds).filter(isLive) };
  });
  const known = [...new Set(all.flatMap((t) => t.thresholds.map(({ id }) => id)))];
  if (known.length === 0)
    throw new SoakError(
      'USAGE',
      `scenario ${scenario}: found no threshold that decides a verdict, expected at least one; set one under thresholds:`,
    );
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new SoakError(
      'USAGE',
      `--only: found "${unknown.slice(0, 80)}", expected a threshold of scenario ${scenario}, one of ${known.join(', ')}`,
    );
  if (only === undefined) return all;
  return all.map((t) => ({ ...t, thresholds: t.thresholds.filter(({ id }) => only.includes(id)) }));
}
