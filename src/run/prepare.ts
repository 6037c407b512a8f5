import type { TimingLimits } from '../catalog/slots.ts';
import { buildAllowlist } from '../core/allow.ts';
import { SoakError } from '../core/errors.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import type { Target } from '../core/target.ts';
import { formatNamed } from '../formats/list.ts';
import type { Plan } from '../load/plan.ts';
import { type ReadyTarget, readyTarget, type TargetDeps, unroutedTarget } from '../target/ready-target.ts';

/** Dependencies of a plan. */
export interface Deps extends TargetDeps {
  /** Starts the built-in simulator of a target, if it is not running. @returns its URL */
  readonly simulatorUrl: (target: Target) => Promise<string>;
  /** See {@link Plan}. */
  readonly counted: readonly string[];
  readonly timingLimits: TimingLimits;
}

/**
 * Prepares a scenario for a run, without sending a request. Resolves the names of the scenario's own targets only.
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, BUDGET_MISSING, CANNOT_START (a name that does not resolve, an
 * unusable TLS file, a token that cannot be fetched)
 */
export async function preparePlan(
  runId: string,
  config: Config,
  scenario: Scenario,
  from: Deps,
): Promise<Plan> {
  const allowlist = buildAllowlist(config.allow);
  const used = new Set(scenario.targets.map((t) => t.name));
  const targets: ReadyTarget[] = [];
  for (const target of config.targets) {
    // Other targets keep their place, so that indexes match the layout.
    if (!used.has(target.name)) targets.push(unroutedTarget(target));
    else {
      const { endpoint } = target;
      const url = new URL(endpoint.kind === 'url' ? endpoint.url : await from.simulatorUrl(target));
      const admit = (local: boolean): void => {
        if (!local) requireBudget(scenario, target);
      };
      targets.push(await readyTarget(target, url, allowlist, from, admit));
    }
  }
  const { counted, timingLimits } = from;
  return { runId, scenario, targets, counted, timingLimits, allow: config.allow };
}

function requireBudget(scenario: Scenario, target: Target): void {
  if (!formatNamed(target.format).paid) return;
  const { streams, outputTokens, cost } = scenario.budget ?? {};
  if (streams !== undefined || outputTokens !== undefined || cost !== undefined) return;
  throw new SoakError(
    'BUDGET_MISSING',
    `${target.name} is an LLM API (${target.format}) that is not on loopback, and scenario ${scenario.name} has no budget`,
    [
      'set budget: of the scenario: streams, outputTokens, or cost with prices; or start the run with maxStreams',
    ],
  );
}
