import { FINISH_REASONS, type FinishReason } from '../core/finish-reason.ts';
import type { Histogram } from '../core/histogram.ts';
import { buildLayout, type Layout } from '../core/layout.ts';
import { OUTCOMES, type Outcome, RESULTS, type Result, resultOf } from '../core/outcome.ts';
import { buildScale, type Scale } from '../core/scale.ts';
import { SnapshotView } from '../core/snapshot.ts';
import { TRANSPORTS, type Transport } from '../core/target.ts';
import {
  SHARE_CELLS,
  type ShareCell,
  slotsOf,
  TIMING_NAMES,
  type Timing,
  type TimingName,
} from '../measures/list.ts';

/** Phases of an open stream. Waiting: the request is written and no byte of the body has arrived. */
export const PHASES = ['connecting', 'waiting', 'streaming'] as const;
export type Phase = (typeof PHASES)[number];

/** Values of the `code` label; other statuses count by their class. */
export const CODES = [
  '200',
  '201',
  '204',
  '301',
  '302',
  '400',
  '401',
  '403',
  '404',
  '408',
  '409',
  '413',
  '422',
  '429',
  '500',
  '502',
  '503',
  '504',
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  'other',
] as const;
export type Code = (typeof CODES)[number];

const LISTED = new Set<string>(CODES);

/** Returns the value of the `code` label for a status. */
export function codeOf(status: number): Code {
  const exact = String(status);
  if (LISTED.has(exact)) return exact as Code;
  const kind = `${Math.floor(status / 100)}xx`;
  return LISTED.has(kind) ? (kind as Code) : 'other';
}

export type Cell =
  | 'started'
  | 'dropped'
  | 'due'
  | 'userMs'
  | 'lateMs'
  | 'upMs'
  | 'downMs'
  | 'unknownMs'
  | 'activeMs'
  | 'chunks'
  | 'reads'
  | 'bytes'
  | 'characters'
  | 'keepalives'
  | 'backoff'
  | 'inputTokens'
  | 'outputTokens'
  | 'estimatedTokens'
  | 'ignoredTokens'
  | 'usageReports'
  | 'tpotByChunks'
  | 'trailing'
  | 'stalled'
  | 'silence'
  | `active:${Phase}`
  | `finished:${Outcome}`
  | `response:${Code}`
  | `finish:${FinishReason}`
  | ShareCell;

export const CELLS: readonly Cell[] = [
  'started',
  'dropped',
  // Open model: starts due, made or not.
  'due',
  // Closed model: time of virtual users in streams, think time and backoff; and due time that they did not spend so, ms.
  'userMs',
  'lateMs',
  // Time in which the target was up, down or in unknown state, ms. Counted by the main thread.
  'upMs',
  'downMs',
  'unknownMs',
  // Open streams over time: 2 streams for 3 s are 6000. Counted by the main thread.
  'activeMs',
  'chunks',
  'reads',
  'bytes',
  'characters',
  'keepalives',
  // Backoff of virtual users, ms.
  'backoff',
  // Tokens as the target reports them; output tokens are estimated without a report.
  'inputTokens',
  'outputTokens',
  // Estimated output tokens; impossible token reports; streams whose output was reported.
  'estimatedTokens',
  'ignoredTokens',
  'usageReports',
  // Streams whose TPOT is computed from chunks, since the target reported no tokens.
  'tpotByChunks',
  // Events or lines without content after the terminal one.
  'trailing',
  // Open streams: number of stalled ones, and the longest silence, ms.
  'stalled',
  'silence',
  ...PHASES.map((p) => `active:${p}` as const),
  ...OUTCOMES.map((o) => `finished:${o}` as const),
  ...CODES.map((c) => `response:${c}` as const),
  ...FINISH_REASONS.map((r) => `finish:${r}` as const),
  ...SHARE_CELLS.map(([cell]) => cell),
];

/** Fine histograms of an engine thread; the canary's lag has one for each transport. */
type Health = 'scheduleLag' | 'eventLoopDelay' | `measurementLag:${Transport}`;

export type StreamLayout = Layout<Cell, Timing, Health>;

/** Configured limits of timings, ms: each is an edge of the fine histogram and of the buckets on /metrics. */
export type TimingLimits = Readonly<Partial<Record<TimingName, readonly number[]>>>;

/**
 * @param targets names, in the order of the configuration
 * @param limits each becomes an edge
 */
export function streamLayout(targets: readonly string[], limits: TimingLimits): StreamLayout {
  const standard = buildScale();
  const histograms = TIMING_NAMES.flatMap((name) => {
    const edges = limits[name] ?? [];
    // One scale for all results: they add up.
    const scale = edges.length === 0 ? standard : buildScale(edges);
    return slotsOf(name).map(({ timing }) => [timing, scale] as const);
  });
  return buildLayout<Cell, Timing, Health>({
    targets,
    cells: CELLS,
    maxCells: ['silence'],
    histograms: Object.fromEntries(histograms) as Record<Timing, Scale>,
    shared: {
      scheduleLag: standard,
      eventLoopDelay: standard,
      'measurementLag:undici': standard,
      'measurementLag:lean': standard,
    },
  });
}

/** Cells of ended streams with the results that they count as, and of open streams: their names are not made for each read. */
const FINISHED = OUTCOMES.map(
  (outcome) => ({ cell: `finished:${outcome}`, result: resultOf(outcome) }) as const,
);
const ACTIVE = PHASES.map((phase) => `active:${phase}` as const);

/** Counts and histograms of the streams of each target: a snapshot, or the difference of two. */
export class StreamView extends SnapshotView<StreamLayout> {
  /** Returns the ended streams of a target by result. */
  results(target: number): Record<Result, number> {
    const results = { success: 0, failed: 0, cancelled: 0, lost: 0 };
    for (const { cell, result } of FINISHED) results[result] += this.cell(target, cell);
    return results;
  }

  /** Returns the ended streams of all targets by result. */
  allResults(): Record<Result, number> {
    const all = { success: 0, failed: 0, cancelled: 0, lost: 0 };
    for (let t = 0; t < this.layout.targets.length; t++) {
      const of = this.results(t);
      for (const result of RESULTS) all[result] += of[result];
    }
    return all;
  }

  /** Returns the open streams of a target in all phases. */
  active(target: number): number {
    return ACTIVE.reduce((sum, cell) => sum + this.cell(target, cell), 0);
  }

  /** Returns the open streams of all targets. */
  allActive(): number {
    return ACTIVE.reduce((sum, cell) => sum + this.total(cell), 0);
  }
}

/** Returns the measurement lag over all threads and transports. */
export function measurementLag(view: StreamView): Histogram {
  return view.sharedMerged(TRANSPORTS.map((t) => `measurementLag:${t}` as const));
}
