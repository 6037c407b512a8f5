import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

export const ttft = timingMeasure({ name: 'ttft', noun: 'TTFT', timing: 'ttft', metric: METRICS.ttft });
