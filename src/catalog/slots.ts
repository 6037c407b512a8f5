import { FINISH_REASONS, type FinishReason } from '../core/finish-reason.ts';
import type { Histogram } from '../core/histogram.ts';
import { buildLayout, type Layout } from '../core/layout.ts';
import { OUTCOMES, type Outcome, RESULTS, type Result } from '../core/outcome.ts';
import { TRANSPORTS, type Transport } from '../core/reach.ts';
import { buildScale } from '../core/scale.ts';
import type { SnapshotView } from '../core/snapshot.ts';

/** Where an open stream is. Waiting: the request is written and no byte of the body has come. */
export const PHASES = ['connecting', 'waiting', 'streaming'] as const;
export type Phase = (typeof PHASES)[number];

/** Values of the `code` label; what is not listed is counted by its class. */
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

/** @returns the value of the `code` label for a status */
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
  | 'trailing'
  | 'stalled'
  | 'silence'
  | `active:${Phase}`
  | `finished:${Outcome}`
  | `response:${Code}`
  | `finish:${FinishReason}`;

export const CELLS: readonly Cell[] = [
  'started',
  'dropped',
  // Open model: starts that were due, made or not.
  'due',
  // Closed model: time that virtual users spent in a stream, thinking or backing off; time they were due and did not, ms.
  'userMs',
  'lateMs',
  'chunks',
  'reads',
  'bytes',
  'characters',
  'keepalives',
  // Time that virtual users waited on purpose, ms.
  'backoff',
  // As the target reports them; output without a report: estimated.
  'inputTokens',
  'outputTokens',
  // Of the output tokens those that were estimated; reports that cannot be true; streams whose output was reported.
  'estimatedTokens',
  'ignoredTokens',
  'usageReports',
  // Events or lines without content after the terminal one.
  'trailing',
  // Of the streams that are open now: how many are stalled, and the longest silence, ms.
  'stalled',
  'silence',
  ...PHASES.map((p) => `active:${p}` as const),
  ...OUTCOMES.map((o) => `finished:${o}` as const),
  ...CODES.map((c) => `response:${c}` as const),
  ...FINISH_REASONS.map((r) => `finish:${r}` as const),
];

/** Fine histograms of a target. Duration is kept for each result; effective: from due to end. */
export type Timing = 'connect' | 'headers' | 'ttfb' | 'ttft' | 'gap' | 'effective' | `duration:${Result}`;
/** Fine histograms of an engine thread; of the canary's lag one for each transport. */
export type Health = 'scheduleLag' | 'eventLoopDelay' | `measurementLag:${Transport}`;

export type StreamLayout = Layout<Cell, Timing, Health>;

/**
 * @param targets names, in the order of the configuration
 * @param ttfbLimitsMs configured limits of TTFB: each becomes an edge
 */
export function streamLayout(targets: readonly string[], ttfbLimitsMs: readonly number[]): StreamLayout {
  const standard = buildScale();
  const durations = Object.fromEntries(RESULTS.map((r) => [`duration:${r}`, standard]));
  return buildLayout<Cell, Timing, Health>({
    targets,
    cells: CELLS,
    maxCells: ['silence'],
    histograms: {
      connect: standard,
      headers: standard,
      ttfb: buildScale(ttfbLimitsMs),
      ttft: standard,
      gap: standard,
      effective: standard,
      ...(durations as Record<`duration:${Result}`, typeof standard>),
    },
    shared: {
      scheduleLag: standard,
      eventLoopDelay: standard,
      'measurementLag:undici': standard,
      'measurementLag:lean': standard,
    },
  });
}

/** @returns how late chunks were seen, over all threads and transports */
export function measurementLag(view: SnapshotView<StreamLayout>): Histogram {
  return view.sharedMerged(TRANSPORTS.map((t) => `measurementLag:${t}` as const));
}
