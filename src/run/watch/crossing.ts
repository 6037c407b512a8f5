import type { Threshold } from '../../core/threshold.ts';
import { crossing, meanRange, type Range, shareRange, type TimingSums } from '../honesty/range.ts';
import { aboveIndex, type Figure, INDEX, suspectAboveIndex } from './figures.ts';
import type { History } from './history.ts';

/** What a threshold says of a window: crossed or not, or nothing for want of data. */
export type Crossing =
  | { readonly kind: 'no-data' }
  /** Inconclusive: it depends on what suspect windows held. */
  | {
      readonly kind: 'ok' | 'crossed' | 'inconclusive';
      readonly observed: number;
      readonly count: number;
    };

const NO_DATA: Crossing = { kind: 'no-data' };

/** A threshold that is looked at live, with the limit of one target. */
export interface Watched {
  readonly threshold: Threshold;
  readonly target: number;
  readonly limit: number;
  /** Of a limit of TTFB: where its count stands. */
  readonly limitIndex: number;
  /** The share of failures that the target's objective leaves. */
  readonly budget: number;
  /** After which the target cuts off what it waits for, ms. */
  readonly longestMs: { readonly ttfb: number; readonly duration: number };
}

/** @returns the figure of one threshold over its window, as its alert computes it, and whether it is crossed */
export function crossingOf(
  { threshold, target, limit, limitIndex, budget, longestMs }: Watched,
  history: History,
): Crossing {
  const { windowMs, shortWindowMs, minCount, op } = threshold;
  const delta = (window: number, place: number): number => {
    const now = history.last?.rows[target]?.[place] ?? 0;
    return now - (history.startOf(window)?.rows[target]?.[place] ?? 0);
  };
  const over = (figure: Figure): number => delta(windowMs, INDEX[figure]);
  const said = (observed: number, count: number, crossed = compare(observed, op, limit)): Crossing =>
    count < Math.max(1, minCount) ? NO_DATA : { kind: crossed ? 'crossed' : 'ok', observed, count };

  switch (threshold.metric) {
    case 'success': {
      const finished = over('finished');
      const failed = over('failed');
      if (threshold.statistic === 'ratio') {
        // As the alert has it, failures over finished: 1 − 0.99 is not 0.01 in doubles.
        return said(1 - failed / finished, finished, failed > finished * (1 - limit) + ROUNDING);
      }
      const times = failed / finished / budget;
      return said(times, finished, times > limit + ROUNDING && burnsShort());
    }
    case 'ttfb': {
      const sums: TimingSums = {
        count: over('ttfbCount'),
        above: delta(windowMs, aboveIndex(limitIndex)),
        sumMs: over('ttfbSumMs'),
        suspect: {
          count: over('ttfbSuspect'),
          above: delta(windowMs, suspectAboveIndex(limitIndex)),
          sumMs: over('ttfbSuspectSumMs'),
        },
      };
      if (threshold.statistic === 'mean') return ofMean(sums, longestMs.ttfb);
      const allowed = (threshold.statistic === 'p95' ? 0.05 : 0.5) + ROUNDING;
      return ofTiming(sums.above / sums.count, sums.count, shareRange(sums), (share) => share > allowed);
    }
    case 'duration': {
      const sums: TimingSums = {
        count: over('durationCount'),
        above: 0,
        sumMs: over('durationSumMs'),
        suspect: { count: over('durationSuspect'), above: 0, sumMs: over('durationSuspectSumMs') },
      };
      return ofMean(sums, longestMs.duration);
    }
    case 'stalled': {
      const active = over('active');
      return said(over('stalled') / active, active / over('looks'));
    }
    case 'active': {
      const looks = over('looks');
      if (threshold.statistic === 'max') return said(history.activeMax(target, windowMs), looks);
      return said(over('active') / looks, looks);
    }
    default:
      return NO_DATA;
  }

  function ofMean(sums: TimingSums, longest: number): Crossing {
    const range = meanRange(sums, longest);
    return ofTiming(sums.sumMs / sums.count, sums.count, range, (mean) => compare(mean, op, limit));
  }

  function ofTiming(
    observed: number,
    count: number,
    range: Range,
    crosses: (value: number) => boolean,
  ): Crossing {
    if (count < Math.max(1, minCount)) return NO_DATA;
    return { kind: crossing(range, crosses), observed, count };
  }

  /** Whether it still burns: it ends soon after its cause does. */
  function burnsShort(): boolean {
    if (shortWindowMs === undefined) return true;
    const finished = delta(shortWindowMs, INDEX.finished);
    return delta(shortWindowMs, INDEX.failed) > finished * budget * limit + ROUNDING;
  }
}

/** Shares of whole numbers differ by more, and doubles by less. */
const ROUNDING = 1e-9;

function compare(observed: number, op: Threshold['op'], limit: number): boolean {
  if (op === '<') return observed < limit;
  return op === '>' ? observed > limit : observed >= limit;
}
