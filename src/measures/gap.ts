import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

export const gap = timingMeasure({
  name: 'gap',
  noun: 'chunk gap',
  timing: 'gap',
  metric: METRICS.gap,
  eitherWay: true,
});
