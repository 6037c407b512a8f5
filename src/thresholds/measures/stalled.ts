import { any, duringRun, over } from './expressions.ts';
import type { Measure, Sum } from './measure.ts';

const STALLED: Sum = { key: 'stalled', read: ({ polled }, target) => polled[target]!.stalled };
const ACTIVE: Sum = { key: 'active', read: ({ polled }, target) => polled[target]!.active };
const POLLS: Sum = { key: 'polls', read: ({ polled }, target) => polled[target]!.polls };

/** Open streams without a byte for longer than the stall limit, over open streams. */
export const stalled: Measure = {
  name: 'stalled',
  counted: 'open streams',
  noun: () => 'share of open streams that are stalled',
  promql({ windowMs, minCount }, groups, { recordings }) {
    const ratio = recordings.stalledRatio(windowMs);
    return duringRun(
      recordings,
      any(groups, ({ matcher, limit }) => over(ratio, matcher, limit)),
      `${recordings.activeMean(windowMs)} >= ${minCount}`,
    );
  },
  evaluator: (_statistic, { value }) => ({
    sums: [STALLED, ACTIVE, POLLS],
    evaluate({ sums: [stalledSum = 0, active = 0, polls = 0] }) {
      if (active <= 0) return undefined;
      const share = stalledSum / active;
      return { kind: share > value ? 'crossed' : 'ok', observed: share, count: active / polls };
    },
  }),
};
