import { METRICS } from '../catalog/metrics.ts';
import { timingMeasure } from './timing.ts';

/** Of successes: a failure ends early, or late, for reasons of its own. */
export const duration = timingMeasure({
  name: 'duration',
  noun: 'success duration',
  timing: 'duration:success',
  metric: METRICS.duration,
  where: { matcher: 'result="success"', level: 'soak_stream_success_duration_seconds' },
  counted: 'successes',
});
