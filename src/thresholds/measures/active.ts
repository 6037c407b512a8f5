import { braces, promNumber } from '../../promql/promql.ts';
import { any, duringRun } from './expressions.ts';
import type { Measure, Sum } from './measure.ts';

const ACTIVE: Sum = { key: 'active', read: ({ polled }, target) => polled[target]!.active };
const POLLS: Sum = { key: 'polls', read: ({ polled }, target) => polled[target]!.polls };

/** Open streams over the window: their mean, or the most at once. */
export const active: Measure = {
  name: 'active',
  counted: 'streams',
  noun: ({ statistic }) => (statistic === 'max' ? 'largest number of open streams' : 'mean of open streams'),
  promql({ windowMs, statistic, op }, groups, { recordings }) {
    const crossed = any(groups, ({ matcher, limit }) => {
      const value =
        statistic === 'mean'
          ? `${recordings.activeMean(windowMs)}${braces(matcher)}`
          : `max_over_time(${recordings.active()}${braces(matcher)}[${recordings.window(windowMs)}])`;
      return `${value} ${op} ${promNumber(limit)}`;
    });
    return duringRun(recordings, crossed);
  },
  evaluator: (statistic, { value, op }) => ({
    sums: [ACTIVE, POLLS],
    evaluate({ sums: [sum = 0, polls = 0], activeMax }) {
      if (polls <= 0) return undefined;
      const observed = statistic === 'max' ? activeMax : sum / polls;
      const crossed = op === '>=' ? observed >= value : observed > value;
      return { kind: crossed ? 'crossed' : 'ok', observed, count: polls };
    },
  }),
};
