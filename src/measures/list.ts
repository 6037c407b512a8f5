import type { MetricInfo } from '../core/metric-info.ts';
import { RESULTS, type Result } from '../core/outcome.ts';
import { buffered } from './buffered.ts';
import { connect } from './connect.ts';
import { duration } from './duration.ts';
import { effective } from './effective.ts';
import { gap } from './gap.ts';
import { goodput } from './goodput.ts';
import { headers } from './headers.ts';
import type { ShareRecord, TimingRecord } from './record.ts';
import { tpot } from './tpot.ts';
import { ttfb } from './ttfb.ts';
import { ttft } from './ttft.ts';

/** Every timing, by its name in thresholds: its file, and one line here. */
const TIMING_RECORDS = { connect, headers, ttfb, ttft, gap, tpot, duration, effective };
export type TimingName = keyof typeof TIMING_RECORDS;

/** In the order of the list. */
export const TIMING_NAMES = Object.keys(TIMING_RECORDS) as TimingName[];

/** A fine histogram of a target: a timing, or a timing of one result. */
export type Timing = Exclude<TimingName, 'duration'> | `duration:${Result}`;

export function timingRecord(name: TimingName): TimingRecord {
  return TIMING_RECORDS[name];
}

/** @returns the fine histograms of a timing, with the result that each is of */
export function slotsOf(name: TimingName): readonly { readonly timing: Timing; readonly result?: Result }[] {
  if (timingRecord(name).byResult !== true) return [{ timing: name as Timing }];
  return RESULTS.map((result) => ({ timing: `${name}:${result}` as Timing, result }));
}

/** Every fine histogram of a target. */
export const TIMINGS: readonly Timing[] = TIMING_NAMES.flatMap((name) => slotsOf(name).map((s) => s.timing));

/** Timings that are known at the end of a stream that succeeded, with their fine histograms. */
export const SUCCESS_TIMINGS = TIMING_NAMES.flatMap((name) => {
  const { ofSuccess } = timingRecord(name);
  return ofSuccess === undefined ? [] : [{ timing: name as Timing, of: ofSuccess }];
});

/** The metrics of all timings. */
export const TIMING_METRICS = Object.fromEntries(
  TIMING_NAMES.map((name) => [name, TIMING_RECORDS[name].metric]),
) as Readonly<Record<TimingName, MetricInfo>>;

/** Every share of streams, by its name in thresholds: its file, and one line here. */
const SHARE_RECORDS = { buffered, goodput };
export type ShareName = keyof typeof SHARE_RECORDS;

/** In the order of the list. */
export const SHARE_NAMES = Object.keys(SHARE_RECORDS) as ShareName[];

export function shareRecord(name: ShareName): ShareRecord {
  return SHARE_RECORDS[name];
}

/** What is counted for a share: those that have the property, and those that can. */
export type ShareCell = `${ShareName}:${'part' | 'whole'}`;

/** Every cell of a share, with its counter. */
export const SHARE_CELLS: readonly (readonly [cell: ShareCell, metric: MetricInfo])[] = SHARE_NAMES.flatMap(
  (name) => {
    const { part, whole } = shareRecord(name);
    const cells: [ShareCell, MetricInfo][] = [[`${name}:part`, part]];
    if (whole !== undefined) cells.push([`${name}:whole`, whole.metric]);
    return cells;
  },
);

/** The same cells, with whether a stream that succeeded counts there. */
export const SUCCESS_SHARES = SHARE_NAMES.flatMap((name) => {
  const { has, whole } = shareRecord(name);
  const part = { cell: `${name}:part` as ShareCell, has };
  return whole === undefined ? [part] : [part, { cell: `${name}:whole` as ShareCell, has: whole.has }];
});

/** Cells of a share that only targets with an objective have. */
export const OBJECTIVE_CELLS: ReadonlySet<ShareCell> = new Set(
  SHARE_NAMES.filter((name) => shareRecord(name).needsObjective === true).map(
    (name): ShareCell => `${name}:part`,
  ),
);

/** The metrics of all shares. */
export const SHARE_METRICS = Object.fromEntries(SHARE_CELLS) as Readonly<Record<ShareCell, MetricInfo>>;
