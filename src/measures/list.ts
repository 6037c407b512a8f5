import { active } from './active.ts';
import { connect } from './connect.ts';
import { drift } from './drift.ts';
import { duration } from './duration.ts';
import { effective } from './effective.ts';
import { gap } from './gap.ts';
import { headers } from './headers.ts';
import { HOST_MEASURES } from './host.ts';
import type { Measure } from './measure.ts';
import { SERVICE_MEASURES } from './service.ts';
import { stalled } from './stalled.ts';
import { success } from './success.ts';
import { ttfb } from './ttfb.ts';
import { ttft } from './ttft.ts';

/** Every measure: its file, and one line here. */
export const MEASURES: readonly Measure[] = [
  success,
  ttfb,
  ttft,
  gap,
  connect,
  headers,
  duration,
  effective,
  stalled,
  active,
  drift,
  ...SERVICE_MEASURES,
  ...HOST_MEASURES,
];

/** The measures of timings: any of their statistics can have a limit. */
export const TIMING_MEASURES: readonly (Measure & Required<Pick<Measure, 'timing'>>)[] = MEASURES.filter(
  (m): m is Measure & Required<Pick<Measure, 'timing'>> => m.timing !== undefined,
);

/** @throws Error for a name that no measure has: the table of thresholds is wrong then */
export function measureNamed(name: string): Measure {
  const measure = MEASURES.find((m) => m.name === name);
  if (measure === undefined) throw new Error(`there is no measure ${name}`);
  return measure;
}
