import { readSmallText } from './config/regular-file.ts';
import { processSecrets, resolveSecret } from './config/secrets.ts';
import { fetchToken } from './config/tokens.ts';
import { buildAllowlist } from './core/allow.ts';
import { SoakError } from './core/errors.ts';
import type { Config, Scenario } from './core/scenario.ts';
import type { MemorySource, Target } from './core/target.ts';
import type { Plan } from './load/plan.ts';
import { preparePlan } from './run/prepare.ts';
import type { Setup } from './run/run-result.ts';
import { NETWORK } from './transport/dial.ts';
import { lookUp } from './transport/names.ts';
import { BUILD } from './version.ts';

/**
 * Prepares a scenario for a run on this machine, without sending a request.
 * @param simulatorUrl starts the built-in simulator of a target, if it is not running
 * @param signal ends a program that prints a token
 * @throws SoakError as `preparePlan`
 */
export function planOn(
  { config, counted, timingLimits }: Setup,
  { runId, scenario }: { readonly runId: string; readonly scenario: Scenario },
  simulatorUrl: (target: Target) => Promise<string>,
  signal: AbortSignal,
): Promise<Plan> {
  return preparePlan(runId, config, scenario, {
    version: BUILD.version,
    resolveSecret: (text, into) => resolveSecret(text, processSecrets(process.cwd()), into),
    readFile: readSmallText,
    lookup: lookUp,
    env: process.env,
    fetchToken: (source) => fetchToken(source, signal),
    simulatorUrl,
    counted,
    timingLimits,
  });
}

/** @throws SoakError SCENARIO_UNKNOWN */
export function scenarioOf(scenarios: Config['scenarios'], name: string): Scenario {
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario !== undefined) return scenario;
  const known = Object.keys(scenarios).join(', ');
  throw new SoakError('SCENARIO_UNKNOWN', `there is no scenario "${name.slice(0, 80)}"; there are ${known}`);
}

/** Returns the memory of a target, bytes, as its Prometheus has it. @throws Error where it has none, or is outside `allow` */
export async function memoryOf(source: MemorySource, allow: readonly string[]): Promise<number | undefined> {
  // Only a run whose target has `memory:` needs the transports in this thread.
  const { instantQuery } = await import('./transport/instant-query.ts');
  return instantQuery(source, { allowlist: buildAllowlist(allow), network: NETWORK, lookup: lookUp });
}
