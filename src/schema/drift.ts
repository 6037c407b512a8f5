import { z } from 'zod';
import { count, list, number, numberOrNull, object, oneOf, text, textOrNull, time } from './build.ts';

const SIGNALS = ['ttfb-p95', 'ttfb-p50', 'gap-p95', 'failure-ratio', 'target-rss', 'generator-rss'] as const;
const targetOrSoakd = textOrNull('name of the target; null: soakd itself');

/** Key `drift` of a summary. */
export const drift = object('Trends of series under steady load.', {
  evaluated: count('number of evaluated series'),
  notEvaluated: count(
    'number of series without enough data: less than ten minutes after the warm-up, too few windows of one steady load, or, for the memory of soakd, fewer than two major garbage collections in each thread. Each target has four series of streams and one of memory where it is polled; soakd has one of memory',
  ),
  found: list(
    object('A series with an upward trend. Values are in its unit.', {
      signal: oneOf(SIGNALS, 'name of the series'),
      target: targetOrSoakd,
      unit: oneOf(['ms', 'ratio', 'bytes'], 'unit of the values'),
      kind: oneOf(
        ['trend', 'staircase', 'step'],
        'a steady increase, an increase in several steps, or one step',
      ),
      slopePerHour: number('increase per hour; 0 for a single step'),
      interval: z
        .tuple([z.number(), z.number()])
        .readonly()
        .describe('95 % confidence interval of the slope: its lower and its upper end'),
      since: time('start of the first window that shows the trend'),
      level: number('value at the end of the run'),
      limit: numberOrNull('limit of its threshold; null without one'),
      reachesLimitInMs: numberOrNull(
        'time from the end of the run until the limit; null without a limit or a slope',
      ),
      windows: count('number of windows'),
      text: text('the trend in one sentence'),
    }),
    'series with an upward trend',
  ),
  periodic: list(
    object('A periodic series without a trend.', {
      signal: oneOf(SIGNALS, 'name of the series'),
      target: targetOrSoakd,
      periodMs: number('length of the period'),
      text: text('the pattern in one sentence'),
    }),
    'periodic series without a trend',
  ),
});

export type DriftSummary = z.infer<typeof drift>;
export type DriftResult = DriftSummary['found'][number];
