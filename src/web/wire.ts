/** What the page reads of the answers of the API, as they arrive: times are ISO 8601. */
import type { Result } from '../core/outcome.ts';
import type { StatusView } from '../http/views.ts';

export type { Comparison } from '../compare/comparison.ts';
export type Status = StatusView;
export type ActiveRun = NonNullable<Status['run']>;
export type Summary = NonNullable<Status['last']>;
export type RunEvent = Summary['run']['events'][number];

interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** What was counted in a window for one target; only columns that the page asks for. */
export interface TargetWindow {
  readonly target: string;
  readonly streams: {
    readonly desired: number;
    readonly openMean: number;
    readonly stalled: number;
    readonly results: Pick<Readonly<Record<Result, number>>, 'success' | 'failed'>;
    readonly finished: Readonly<Record<string, number>>;
  };
  readonly successRatio: number | null;
  readonly ttfbMs: Quantiles;
  readonly ttftMs: Quantiles;
  readonly gapMs: Quantiles;
  readonly chunks: number;
}

export interface RunWindow {
  readonly n: number;
  readonly fromAt: string;
  readonly toAt: string;
  readonly generator: { readonly rssBytes: number; readonly cpuMs: number };
  readonly measurementQuality: { readonly windows: number; readonly unreliable: number };
  readonly measurementErrorMs: {
    readonly count: number;
    readonly p50: number | null;
    readonly p99: number | null;
  };
  readonly targets: readonly TargetWindow[];
}

export interface WindowPage {
  readonly run: string;
  readonly widthMs: number;
  readonly windows: readonly RunWindow[];
  readonly next: string | null;
}

/** A threshold of one target, live. */
export interface LiveThreshold {
  readonly threshold: string;
  readonly target: string;
  readonly measure: string;
  readonly statistic: string;
  readonly limit: number;
  readonly unit: string;
  readonly op: '<' | '>' | '>=';
  readonly severity: string;
  readonly state: 'ok' | 'crossed' | 'inconclusive' | 'no-data';
  readonly observed: number | null;
  readonly abort: boolean;
  readonly text: string;
  /** `null` where the threshold was never crossed in the run. */
  readonly action: string | null;
  readonly crossings: readonly {
    readonly fromAt: string;
    readonly toAt?: string;
    readonly worst: number;
  }[];
}

export interface LiveThresholds {
  /** The run that they are about; `null`: none is active. */
  readonly run: string | null;
  /** What the verdict would be if the run ended now. */
  readonly verdict: { readonly result: Summary['verdict']; readonly reason: string } | null;
  readonly thresholds: readonly LiveThreshold[];
}

export interface OpenStream {
  readonly id: string;
  readonly target: string;
  readonly phase: string;
  readonly ageMs: number;
  readonly silenceMs: number;
  readonly chunks: number;
}

export interface FailedStream {
  readonly id: string;
  readonly target: string;
  readonly outcome: string;
  readonly startedAt: string;
  readonly detail?: string;
  readonly status?: number;
  readonly durationMs: number;
}

/** A run in the list of the history. */
export interface KeptRun {
  readonly id: string;
  readonly scenario: string;
  readonly source: string;
  readonly state: 'active' | 'finished';
  readonly verdict: string | null;
  readonly verdictReason: string | null;
  readonly endReason: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly pinned: boolean;
  readonly resumes: number;
  readonly targets: readonly string[];
}

export interface KeptRunDetail extends KeptRun {
  readonly setup: { readonly model?: { readonly kind: 'closed' | 'open' } } | null;
  readonly summary: Summary | null;
  readonly events: readonly RunEvent[];
  readonly failures: readonly FailedStream[];
}

export interface Session {
  readonly role: 'read' | 'operate';
  /** Whether tokens are configured, so that the reader can log out. */
  readonly loginNeeded: boolean;
}

/** Error of the API (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly string[];
}
