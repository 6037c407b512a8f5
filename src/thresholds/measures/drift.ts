import { METRICS } from '../../catalog/metrics.ts';
import { braces, promDuration } from '../../promql/promql.ts';
import { any, duringRun } from './expressions.ts';
import type { Measure } from './measure.ts';

/** One metric for each unit; a signal is in one of them. */
const GAUGES = [METRICS.driftSeconds, METRICS.driftRatio, METRICS.driftBytes].map(({ name }) => name);

/** A signal with an upward trend, as soakd itself evaluates it. */
export const drift: Measure = {
  name: 'drift',
  counted: 'streams',
  noun: ({ windowMs }) => `a signal has had an upward trend for the last ${promDuration(windowMs)}`,
  promql({ windowMs }, groups, { recordings }) {
    // By instance: one of the signals is its own memory.
    const window = recordings.window(windowMs);
    const crossed = any(groups, ({ matcher, limit }) =>
      GAUGES.map((name) => `min_over_time(${name}${braces(matcher)}[${window}]) > ${limit}`).join('\nor\n'),
    );
    return duringRun(recordings, crossed);
  },
};
