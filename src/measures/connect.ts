import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

export const connect = timingMeasure({
  name: 'connect',
  noun: 'connect time',
  timing: 'connect',
  metric: METRICS.connect,
});
