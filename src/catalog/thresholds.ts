import type { AlertText, Threshold } from '../core/threshold.ts';
import { GENERATOR_ALERTS, GENERATOR_THRESHOLDS } from './thresholds/generator.ts';
import { HOST_ALERTS, HOST_THRESHOLDS } from './thresholds/host.ts';
import { LATENCY_ALERTS, LATENCY_THRESHOLDS } from './thresholds/latency.ts';
import { STREAM_ALERTS, STREAM_THRESHOLDS } from './thresholds/streams.ts';
import { SUCCESS_ALERTS, SUCCESS_THRESHOLDS } from './thresholds/success.ts';

/** Every threshold, with its default; the limits are those that the seed's report recommends. */
export const THRESHOLDS: readonly Threshold[] = [
  ...SUCCESS_THRESHOLDS,
  ...LATENCY_THRESHOLDS,
  ...STREAM_THRESHOLDS,
  ...GENERATOR_THRESHOLDS,
  ...HOST_THRESHOLDS,
];

/** What there is to say of each alert, by its name. */
export const ALERTS: Readonly<Record<string, AlertText>> = {
  ...SUCCESS_ALERTS,
  ...LATENCY_ALERTS,
  ...STREAM_ALERTS,
  ...GENERATOR_ALERTS,
  ...HOST_ALERTS,
};

export function thresholdById(id: string): Threshold | undefined {
  return THRESHOLDS.find((t) => t.id === id);
}
