import type { Threshold } from '../../core/threshold.ts';
import { aboveIndex, type Figure, INDEX } from './figures.ts';
import type { History } from './history.ts';

/** What a threshold says of a window: crossed or not, or nothing for want of data. */
export type Crossing =
  | { readonly kind: 'no-data' }
  | { readonly kind: 'ok' | 'crossed'; readonly observed: number; readonly count: number };

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
}

/** @returns the figure of one threshold over its window, as its alert computes it, and whether it is crossed */
export function crossingOf(
  { threshold, target, limit, limitIndex, budget }: Watched,
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
      const count = over('ttfbCount');
      if (threshold.statistic === 'mean') return said(over('ttfbSumMs') / count, count);
      const share = delta(windowMs, aboveIndex(limitIndex)) / count;
      return said(share, count, share > (threshold.statistic === 'p95' ? 0.05 : 0.5) + ROUNDING);
    }
    case 'duration': {
      const count = over('durationCount');
      return said(over('durationSumMs') / count, count);
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
