import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

export const effective = timingMeasure({
  name: 'effective',
  noun: 'effective duration',
  timing: 'effective',
  metric: METRICS.effective,
});
