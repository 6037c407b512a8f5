import { SoakError } from '../core/errors.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import { bareHost, isUrl } from './options.ts';

/**
 * Returns the scenario that a command names, or the only one.
 * @param advice what to do where a URL is given
 * @throws SoakError USAGE, SCENARIO_UNKNOWN
 */
export function chosenScenario({ scenarios }: Config, name: string | undefined, advice: string): Scenario {
  const names = Object.keys(scenarios);
  if (name === undefined && names.length === 1) return scenarios[names[0]!]!;
  if (name === undefined)
    throw new SoakError('USAGE', `found no scenario, expected one of ${names.join(', ')}`);
  if (Object.hasOwn(scenarios, name)) return scenarios[name]!;
  if (isUrl(name) || bareHost(name) !== undefined)
    throw new SoakError('USAGE', `found a URL, expected a scenario, one of ${names.join(', ')}; ${advice}`);
  throw new SoakError(
    'SCENARIO_UNKNOWN',
    `there is no scenario "${name.slice(0, 80)}"; there are ${names.join(', ')}`,
  );
}
