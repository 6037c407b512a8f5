import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

export const headers = timingMeasure({
  name: 'headers',
  noun: 'time to headers',
  timing: 'headers',
  metric: METRICS.headers,
});
