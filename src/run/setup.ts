import { streamLayout, type TimingLimits } from '../catalog/slots.ts';
import type { Config } from '../core/scenario.ts';
import type { TimingName } from '../measures/list.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { THRESHOLDS } from '../thresholds/table.ts';
import { limitOf } from '../thresholds/threshold.ts';
import type { Setup } from './run-result.ts';

/** Targets of earlier configurations whose counters are kept: more would make scrapes grow with every reload. */
const MAX_FORMER = 50;

/**
 * Returns the setup of a configuration.
 * @param known targets with counters so far: a counter must not end because its target left the configuration
 */
export function setupOf(config: Config, known: readonly string[] = []): Setup {
  const names = config.targets.map((t) => t.name);
  const former = known.filter((name) => !names.includes(name)).slice(0, MAX_FORMER);
  const timingLimits = limitsOf(config);
  const counted = [...names, ...former];
  return { config, counted, timingLimits, layout: streamLayout(counted, timingLimits) };
}

/** The limits of every timing, ms, over all targets, alert-only ones as well: each must be an edge of the histograms. */
function limitsOf(config: Config): TimingLimits {
  const limits: Partial<Record<TimingName, number[]>> = {};
  for (const threshold of THRESHOLDS) {
    const { timing } = measureNamed(threshold.metric);
    // A mean is a sum over a count: no edge is needed.
    if (timing === undefined || threshold.statistic === 'mean') continue;
    for (const { thresholds: own } of config.targets) {
      const limit = limitOf(threshold, THRESHOLDS, { own, common: config.thresholds });
      if (limit !== 'off') limits[timing] = [...new Set([...(limits[timing] ?? []), limit])];
    }
  }
  return limits;
}
