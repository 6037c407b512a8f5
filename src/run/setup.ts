import { streamLayout } from '../catalog/slots.ts';
import type { Config } from '../core/scenario.ts';
import type { Setup } from './active-run.ts';
import { thresholdsOf } from './verdict.ts';

/** Targets of earlier configurations whose counters are kept: more would make scrapes grow with every reload. */
const MOST_FORMER = 50;

/**
 * @param known targets that are counted by now: a counter must not end because its target left the configuration
 */
export function setupOf(config: Config, known: readonly string[] = []): Setup {
  const names = config.targets.map((t) => t.name);
  const former = known.filter((name) => !names.includes(name)).slice(0, MOST_FORMER);
  const ttfbLimitsMs = limitsOf(config);
  const counted = [...names, ...former];
  return { config, counted, ttfbLimitsMs, layout: streamLayout(counted, ttfbLimitsMs) };
}

/** Limits of TTFB, ms, over all targets: each must be an edge of the histograms. */
function limitsOf(config: Config): number[] {
  const limits = config.targets.flatMap((t) => thresholdsOf(t.thresholds, config.thresholds));
  return [...new Set(limits.filter((t) => t.metric === 'ttfb').map((t) => t.limit))];
}
