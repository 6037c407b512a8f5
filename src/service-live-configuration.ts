import type { Config, Scenario } from './core/scenario.ts';
import type { LiveConfiguration, ScenarioFacts } from './http/live-configuration.ts';
import { publicConfig } from './run/public-config.ts';
import { peakOf } from './shapes/list.ts';

/** Returns a configuration in the form of the API, without anything that may be a secret. */
export function liveConfiguration(config: Config, file: string | null, loadedAt: number): LiveConfiguration {
  return {
    file,
    loadedAt,
    scenarios: Object.values(config.scenarios).map(factsOf),
    configuration: publicConfig(config),
  };
}

function factsOf({ name, model, targets, sequence, stages, warmUpMs, budget }: Scenario): ScenarioFacts {
  return {
    name,
    model: model.kind,
    targets: targets.map((target) => target.name),
    sequence: sequence !== undefined,
    peak: Math.max(0, ...stages.map(peakOf)),
    durationMs: stages.reduce((sum, { durationMs }) => sum + durationMs, 0),
    warmUpMs,
    budget: budget ?? null,
  };
}
