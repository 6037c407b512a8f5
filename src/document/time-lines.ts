import type { TargetSeries } from './input.ts';
import type { PlotUnit } from './plot-unit.ts';
import { numberText, shareText } from './text.ts';

type Row = TargetSeries['rows'][number];

/** A plot over the time of a run. */
export interface TimeLine {
  readonly key: 'openMean' | 'successRatio' | 'ttfbP95' | 'ttftP95' | 'gapP95' | 'chunks';
  readonly title: string;
  /** Ends of the axis; absent: from the data. */
  readonly from?: number;
  readonly to?: number;
  /** Threshold whose limits are drawn. */
  readonly threshold: string | null;
  /** Unit of the axis; absent: of times, as their values need. */
  readonly unit?: PlotUnit;
}

export const TIME_LINES: readonly TimeLine[] = [
  {
    key: 'openMean',
    title: 'Open streams',
    unit: { label: 'streams', scale: 1, text: numberText },
    from: 0,
    threshold: null,
  },
  {
    key: 'successRatio',
    title: 'Success',
    unit: { label: 'success, %', scale: 100, text: shareText },
    to: 100,
    threshold: 'success-rate',
  },
  {
    key: 'ttfbP95',
    title: 'Time to first byte, P95',
    from: 0,
    threshold: 'ttfb-p95',
  },
  {
    key: 'ttftP95',
    title: 'Time to first token, P95',
    from: 0,
    threshold: 'ttft-p95',
  },
  {
    key: 'gapP95',
    title: 'Gap between chunks, P95',
    from: 0,
    threshold: 'gap-p95',
  },
] satisfies readonly (TimeLine & { readonly key: keyof Row })[];
