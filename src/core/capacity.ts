import type { MeasurementError } from './measurement-error.ts';

/** How a step of a search for the capacity ended. */
export const STEP_VERDICTS = ['held', 'crossed', 'inconclusive', 'generator', 'no-data'] as const;

/**
 * `held`: every threshold holds; `crossed`: at least one does not; `inconclusive`: the generator leaves it open, the step
 * is repeated; `generator`: it left it open twice; `no-data`: too few observations for a threshold.
 */
export type StepVerdict = (typeof STEP_VERDICTS)[number];

/** What decided a step. */
export interface StepCause {
  /** `load-delivered`: soakd delivered less than the required share of the load. */
  readonly kind: 'threshold' | 'load-delivered';
  /** Id of the threshold, and its measure: "TTFB p95"; `null` for the load. */
  readonly threshold: string | null;
  readonly measure: string | null;
  readonly target: string | null;
  /** In the unit; `null` without data, and where failed streams make a timing infinite. */
  readonly observed: number | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  readonly op: '<' | '>' | '>=';
  /** Observations, and how many are needed. */
  readonly count: number;
  readonly required: number;
}

/** One step of a search for the capacity: a load, held for some time and evaluated. */
export interface CapacityStep {
  /** Users, or streams a second. */
  readonly load: number;
  /** Whether it is a longer hold that confirms a load that held before. */
  readonly confirms: boolean;
  /** When the load was set, ISO 8601. */
  readonly startedAt: string;
  /** Time before the evaluated one: until the streams from before the load had ended, and a first window that was crossed; ms. */
  readonly settledMs: number;
  /** Time that is evaluated, ms. */
  readonly measuredMs: number;
  /** Streams that succeeded or failed in that time. */
  readonly finished: number;
  readonly failed: number;
  /** TTFB p95 over successes and failures, ms; `null` without data, or where failures make it infinite. */
  readonly ttfbP95Ms: number | null;
  readonly ttfbCount: number;
  readonly measurementErrorMs: MeasurementError | null;
  /** Delivered share of the load; `null`: none was due. */
  readonly delivered: number | null;
  readonly verdict: StepVerdict;
  /** Whether the counts leave no statistical doubt about the verdict. */
  readonly clear: boolean;
  /** What decided against the step; `null` where it held. */
  readonly cause: StepCause | null;
}

/** Why a search ended. */
export const SEARCH_ENDS = ['found', 'max-steps', 'max-time', 'no-data', 'interrupted'] as const;

/**
 * `found`: the interval is as narrow as asked for and the load confirmed, or the largest load allowed holds, or the
 * smallest does not; `interrupted`: the run ended before the search.
 */
export type SearchEnd = (typeof SEARCH_ENDS)[number];

/** Result of a search for the largest load at which the thresholds hold. */
export interface CapacityResult {
  /** Largest load that is proven to hold: virtual users of the closed model. 0: none is. */
  readonly users?: number;
  /** The same in the open model: streams a second. */
  readonly rate?: number;
  /** Largest load up to the result that held without statistical doubt; 0: none did. */
  readonly low: number;
  /** Smallest load above the result that did not hold, without statistical doubt where there is one; `null`: none was tried. */
  readonly high: number | null;
  /** Id of the threshold that is crossed above it, `generator`, `maxUsers`, `maxRate`; `null`: not known. */
  readonly limitedBy: string | null;
  /** Target whose threshold is crossed; `null` where no threshold is. */
  readonly target: string | null;
  /** Whether a longer hold confirmed the load. */
  readonly confirmed: boolean;
  readonly ended: SearchEnd;
  /** Asked width of the interval, as a share of the load. */
  readonly precision: number;
  /** Duration of the search, ms. */
  readonly lastedMs: number;
  readonly steps: readonly CapacityStep[];
}
