import { METRICS } from '../../catalog/metrics.ts';
import type { MetricInfo } from '../../core/metric-info.ts';
import type { ScheduleState } from '../../core/schedule.ts';
import type { SeriesValue } from './series.ts';

/** State of a schedule that its metrics show. */
export type ExportedSchedule = Pick<ScheduleState, 'name' | 'nextAt' | 'lastStartedAt' | 'skipped'>;

/**
 * Returns the series of a metric of schedules. Built for each scrape, since a reload adds and removes schedules.
 * @returns `undefined` for any other metric
 */
export function scheduleValues(
  info: MetricInfo,
  schedules: () => readonly ExportedSchedule[],
): SeriesValue[] | undefined {
  const read = READ.get(info);
  return (
    read &&
    schedules().map((state) => ({
      metricName: info.name,
      labels: { schedule: state.name },
      value: read(state),
    }))
  );
}

const READ: ReadonlyMap<MetricInfo, (state: ExportedSchedule) => number> = new Map([
  [METRICS.scheduleNext, (s: ExportedSchedule) => s.nextAt / 1000],
  [METRICS.scheduleSuccess, (s: ExportedSchedule) => (s.lastStartedAt ?? 0) / 1000],
  [METRICS.scheduleSkipped, (s: ExportedSchedule) => s.skipped],
]);
