import { braces, promDuration } from '../../promql/promql.ts';
import { any, duringRun } from './expressions.ts';
import type { Measure } from './measure.ts';

/** A signal that gets steadily worse, as the service itself found. */
export const drift: Measure = {
  name: 'drift',
  counted: 'streams',
  noun: ({ windowMs }) => `a figure climbs steadily, and did so throughout ${promDuration(windowMs)}`,
  promql({ windowMs }, groups, { recordings }) {
    // Of each instance: one of the signals is its own memory.
    const window = recordings.window(windowMs);
    const crossed = any(
      groups,
      ({ matcher, limit }) => `min_over_time(soak_drift_per_hour${braces(matcher)}[${window}]) > ${limit}`,
    );
    return duringRun(recordings, crossed);
  },
};
