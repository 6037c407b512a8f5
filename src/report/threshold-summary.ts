import type { Judgement, Verdict } from '../core/run.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { thresholdById } from '../thresholds/table.ts';

/** What one threshold came to on one target. */
export interface ThresholdSummary {
  readonly threshold: string;
  /** What it looks at: "TTFB p95". */
  readonly measure: string;
  readonly target: string;
  readonly result: Judgement;
  /** In the unit; `null` without data. */
  readonly observed: number | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  /** It is crossed where the observed value is so to the limit. */
  readonly op: Verdict['op'];
  /** Observations that it rests on, and those that it needs. */
  readonly count: number;
  readonly required: number;
  /** When its alert would have fired: its window was crossed for as long as the alert demands. */
  readonly crossed: readonly {
    readonly from: string;
    /** `null`: to the end of the run. */
    readonly to: string | null;
    /** The furthest its window went, in the unit; of percentiles, the share above the limit. */
    readonly worst: number;
  }[];
}

/** @internal */
export function thresholdSummary(verdict: Verdict): ThresholdSummary {
  const { threshold, target, judgement, observed, limit, unit, op, count, required, crossed } = verdict;
  const known = thresholdById(threshold);
  return {
    threshold,
    measure: known === undefined ? threshold : measureNamed(known.metric).noun(known),
    target,
    result: judgement,
    observed: observed ?? null,
    limit,
    unit,
    op,
    count,
    required,
    crossed: crossed.map(({ fromAt, toAt, worst }) => ({
      from: new Date(fromAt).toISOString(),
      to: toAt === undefined ? null : new Date(toAt).toISOString(),
      worst,
    })),
  };
}
