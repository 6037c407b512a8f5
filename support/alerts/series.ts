import type { Firing, Series } from './case.ts';

/** Whose series it is: by default of the target chat on the instance a. */
export interface Of {
  readonly target?: string;
  readonly instance?: string;
}

export const A = 'a:9876';
export const B = 'b:9876';

const ofInstance = ({ instance = A }: Of) => ({ job: 'soak', instance });
const ofTarget = ({ target = 'chat', ...of }: Of) => ({ ...ofInstance(of), target });

export function up(values: string, of: Of = {}): Series {
  return { name: 'up', labels: ofInstance(of), values };
}

export function runActive(values: string, of: Of = {}): Series {
  return { name: 'soak_run_active', labels: ofInstance(of), values };
}

/** Streams that finished; a result that is left out was never exported. */
export function finished(
  counts: { readonly success?: string; readonly failed?: string; readonly cancelled?: string },
  of: Of = {},
): Series[] {
  const OUTCOME = { success: 'complete', failed: 'reset', cancelled: 'cancelled' } as const;
  return (Object.entries(counts) as [keyof typeof OUTCOME, string][]).map(([result, values]) => ({
    name: 'soak_streams_finished_total',
    labels: { ...ofTarget(of), result, outcome: OUTCOME[result] },
    values,
  }));
}

/** TTFB: how many were observed, how many of them within 2.5 s, and their sum in seconds. */
export function ttfb(values: TimingValues, of: Of = {}): Series[] {
  return timing('soak_stream_ttfb_seconds', '2.5', values, of);
}

/** How many were observed, how many of them within the edge, and their sum in seconds. */
interface TimingValues {
  readonly count: string;
  readonly within?: string;
  readonly sum?: string;
}

/** A histogram with one edge. */
export function timing(name: string, le: string, values: TimingValues, of: Of = {}): Series[] {
  const labels = ofTarget(of);
  const series: Series[] = [{ name: `${name}_count`, labels, values: values.count }];
  if (values.within !== undefined) {
    series.push({ name: `${name}_bucket`, labels: { ...labels, le }, values: values.within });
    series.push({ name: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, values: values.count });
  }
  if (values.sum !== undefined) series.push({ name: `${name}_sum`, labels, values: values.sum });
  return series;
}

/** Durations of streams with a result: how many, and their sum in seconds. */
export function durations(result: string, count: string, sum: string, of: Of = {}): Series[] {
  const name = 'soak_stream_duration_seconds';
  const labels = { ...ofTarget(of), result };
  return [
    { name: `${name}_count`, labels, values: count },
    { name: `${name}_sum`, labels, values: sum },
  ];
}

/** Open streams in one phase. */
export function active(values: string, of: Of = {}, phase = 'streaming'): Series {
  return { name: 'soak_streams_active', labels: { ...ofTarget(of), phase }, values };
}

/** A series of a target with no label besides. */
export function targetSeries(name: string, values: string, of: Of = {}): Series {
  return { name, labels: ofTarget(of), values };
}

/** A series of an instance with no label besides. */
export function instanceSeries(name: string, values: string, of: Of = {}): Series {
  return { name, labels: ofInstance(of), values };
}

/** An alert about a target. */
export function onTarget(severity: string, target = 'chat', more: Firing = {}): Firing {
  return { job: 'soak', severity, target, ...more };
}

/** An alert about an instance. */
export function onInstance(severity: string, instance = A, more: Firing = {}): Firing {
  return { job: 'soak', severity, instance, ...more };
}
