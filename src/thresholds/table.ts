import { GENERATOR_ALERTS, GENERATOR_THRESHOLDS } from './table/generator.ts';
import { HOST_ALERTS, HOST_THRESHOLDS } from './table/host.ts';
import { LATENCY_ALERTS, LATENCY_THRESHOLDS } from './table/latency.ts';
import { OPTIONAL_ALERTS, OPTIONAL_THRESHOLDS } from './table/optional.ts';
import { STREAM_ALERTS, STREAM_THRESHOLDS } from './table/streams.ts';
import { SUCCESS_ALERTS, SUCCESS_THRESHOLDS } from './table/success.ts';
import type { AlertText, Threshold } from './threshold.ts';

/** Every threshold, with its default; the limits are those that the seed's report recommends, and else `off`. */
export const THRESHOLDS: readonly Threshold[] = [
  ...SUCCESS_THRESHOLDS,
  ...LATENCY_THRESHOLDS,
  ...OPTIONAL_THRESHOLDS,
  ...STREAM_THRESHOLDS,
  ...GENERATOR_THRESHOLDS,
  ...HOST_THRESHOLDS,
];

/** Runbook texts by the name of the alert. */
export const ALERTS: Readonly<Record<string, AlertText>> = {
  ...SUCCESS_ALERTS,
  ...LATENCY_ALERTS,
  ...OPTIONAL_ALERTS,
  ...STREAM_ALERTS,
  ...GENERATOR_ALERTS,
  ...HOST_ALERTS,
};

export function thresholdById(id: string): Threshold | undefined {
  return THRESHOLDS.find((t) => t.id === id);
}
