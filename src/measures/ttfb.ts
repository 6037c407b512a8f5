import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

export const ttfb = timingMeasure({ name: 'ttfb', noun: 'TTFB', timing: 'ttfb', metric: METRICS.ttfb });
