import { type ThresholdsConfig, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Step } from './panel-spec.ts';

/**
 * Colours by value, as Grafana has them.
 * @param steps ascending; the value of the first is `null`: from below all others
 */
export function thresholdsOf(steps: readonly Step[]): ThresholdsConfig {
  return {
    mode: ThresholdsMode.Absolute,
    steps: steps.map(({ value, colour }) => ({ value, color: colour })),
  };
}
