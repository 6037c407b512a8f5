import { METRICS } from '../../catalog/metrics.ts';

/**
 * Metrics that dashboards already have panels for, though this version may not measure them yet. What is made from one
 * is left out until METRICS has it: then `npm run generate` is all there is to do. Remove a name once it is there.
 */
export const COMING = {
  measurementLag: 'soak_measurement_lag_seconds',
  saturated: 'soak_generator_saturated',
  suspectWindows: 'soak_suspect_windows_total',
  drift: 'soak_drift_per_hour',
} as const;

/** @returns whether this version measures a metric */
export function isMeasured(name: string): boolean {
  return Object.values(METRICS).some((metric) => metric.name === name);
}

/** @returns whether a query needs nothing that is not measured yet */
export function isAnswerable(expr: string, measured: (name: string) => boolean): boolean {
  return Object.values(COMING).every((name) => measured(name) || !expr.includes(name));
}
