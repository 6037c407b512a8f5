import { braces, promNumber } from '../../promql/promql.ts';
import { any, duringRun } from './expressions.ts';
import type { Evaluator, Limit, Measure, Sum } from './measure.ts';

/** Streams that ended well or badly. */
export const FINISHED: Sum = {
  key: 'finished',
  read: ({ observed }, target) => {
    const { success, failed } = observed.results(target);
    return success + failed;
  },
};
const FAILED: Sum = { key: 'failed', read: ({ observed }, target) => observed.results(target).failed };

/**
 * Streams that ended well over those that ended well or badly. Computed from failures, which exist where no stream
 * ever succeeded; what soakd cancelled or lost itself is in neither.
 */
export const success: Measure = {
  name: 'success',
  counted: 'finished streams',
  noun: ({ statistic }) => (statistic === 'burn' ? 'error budget burn rate' : 'success rate'),
  promql({ windowMs, shortWindowMs, statistic, minCount }, groups, { recordings }) {
    const ratios = [windowMs, ...(shortWindowMs === undefined ? [] : [shortWindowMs])].map((ms) =>
      recordings.failedRatio(ms),
    );
    const crossed = any(groups, ({ matcher, limit }) => {
      const allowed = promNumber(statistic === 'burn' ? limit : 1 - limit);
      return ratios.map((ratio) => `${ratio}${braces(matcher)} > ${allowed}`).join(' and ');
    });
    return duringRun(recordings, crossed, `${recordings.finished(windowMs)} >= ${minCount}`);
  },
  evaluator: (statistic, limit) => (statistic === 'burn' ? burn(limit) : ratio(limit)),
};

/** The number that stands in the rule: 1 − 0.99 is not 0.01 in doubles. */
function literal(value: number): number {
  return Number(promNumber(value));
}

function ratio({ value }: Limit): Evaluator {
  const allowed = literal(1 - value);
  return {
    sums: [FINISHED, FAILED],
    evaluate({ sums: [finished = 0, failed = 0] }) {
      if (finished <= 0) return undefined;
      const kind = failed / finished > allowed ? 'crossed' : 'ok';
      return { kind, observed: (finished - failed) / finished, count: finished };
    },
  };
}

function burn({ value, budget }: Limit): Evaluator {
  const allowed = literal(value * budget);
  return {
    sums: [FINISHED, FAILED],
    evaluate({ sums: [finished = 0, failed = 0], short: [shortFinished = 0, shortFailed = 0] }) {
      if (finished <= 0) return undefined;
      // Over the short window as well: it ends soon after its cause does.
      const burns = failed / finished > allowed && shortFailed / shortFinished > allowed;
      return { kind: burns ? 'crossed' : 'ok', observed: failed / finished / budget, count: finished };
    },
  };
}
