import { SHARE_NAMES, TIMING_NAMES } from '../../measures/list.ts';
import { active } from './active.ts';
import { drift } from './drift.ts';
import { HOST_MEASURES } from './host.ts';
import type { Measure } from './measure.ts';
import { SERVICE_MEASURES } from './service.ts';
import { shareMeasure } from './share.ts';
import { stalled } from './stalled.ts';
import { success } from './success.ts';
import { timingMeasure } from './timing.ts';

/** The measures of timings: any of their statistics can have a limit. */
export const TIMING_MEASURES = TIMING_NAMES.map(timingMeasure);

/** Every measure. */
const MEASURES: readonly Measure[] = [
  success,
  ...TIMING_MEASURES,
  ...SHARE_NAMES.map(shareMeasure),
  stalled,
  active,
  drift,
  ...SERVICE_MEASURES,
  ...HOST_MEASURES,
];

/** @throws Error for a name that no measure has: the table of thresholds is wrong then */
export function measureNamed(name: string): Measure {
  const measure = MEASURES.find((m) => m.name === name);
  if (measure === undefined) throw new Error(`there is no measure ${name}`);
  return measure;
}
