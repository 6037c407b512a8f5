import type { TargetSeries } from './input.ts';
import { msText, numberText, shareText } from './text.ts';

type Row = TargetSeries['rows'][number];

/** A plot over the time of a run. */
export interface TimeLine {
  readonly key: 'openMean' | 'successRatio' | 'ttfbP95' | 'ttftP95' | 'gapP95' | 'chunks';
  readonly title: string;
  readonly y: string;
  /** Ends of the axis; absent: from the data. */
  readonly from?: number;
  readonly to?: number;
  /** Threshold whose limits are drawn. */
  readonly threshold: string | null;
  /** Factor from the value to the axis. */
  readonly scale: number;
  readonly text: (value: number) => string;
}

export const TIME_LINES: readonly TimeLine[] = [
  {
    key: 'openMean',
    title: 'Open streams',
    y: 'streams',
    from: 0,
    threshold: null,
    scale: 1,
    text: numberText,
  },
  {
    key: 'successRatio',
    title: 'Success',
    y: 'success, %',
    to: 100,
    threshold: 'success-rate',
    scale: 100,
    text: shareText,
  },
  {
    key: 'ttfbP95',
    title: 'Time to first byte, P95',
    y: 'ms',
    from: 0,
    threshold: 'ttfb-p95',
    scale: 1,
    text: msText,
  },
  {
    key: 'ttftP95',
    title: 'Time to first token, P95',
    y: 'ms',
    from: 0,
    threshold: 'ttft-p95',
    scale: 1,
    text: msText,
  },
  {
    key: 'gapP95',
    title: 'Gap between chunks, P95',
    y: 'ms',
    from: 0,
    threshold: 'gap-p95',
    scale: 1,
    text: msText,
  },
] satisfies readonly (TimeLine & { readonly key: keyof Row })[];
