import { type ShareName, shareRecord } from '../../measures/list.ts';
import { braces, promNumber } from '../../promql/promql.ts';
import { any, duringRun } from './expressions.ts';
import type { Measure, Sum } from './measure.ts';
import { FINISHED } from './success.ts';

/** @returns what thresholds look at of a share of streams */
export function shareMeasure(name: ShareName): Measure {
  const { noun, counted, part, whole, op } = shareRecord(name);
  const parts: Sum = { key: `${name}:part`, read: ({ observed }, t) => observed.cell(t, `${name}:part`) };
  const all: Sum =
    whole === undefined
      ? FINISHED
      : { key: `${name}:whole`, read: ({ observed }, t) => observed.cell(t, `${name}:whole`) };
  return {
    name,
    counted,
    noun: () => noun,
    promql({ windowMs, minCount }, groups, { recordings }) {
      const of =
        whole === undefined ? recordings.finished(windowMs) : recordings.counted(whole.metric.name, windowMs);
      const share = recordings.share(part.name, of, windowMs);
      const crossed = any(
        groups,
        ({ matcher, limit }) => `${share}${braces(matcher)} ${op} ${promNumber(limit)}`,
      );
      return duringRun(recordings, crossed, `${of} >= ${minCount}`);
    },
    evaluator: (_statistic, { value }) => ({
      sums: [all, parts],
      evaluate({ sums: [count = 0, n = 0] }) {
        if (count <= 0) return undefined;
        const observed = n / count;
        const crossed = op === '<' ? observed < value : observed > value;
        return { kind: crossed ? 'crossed' : 'ok', observed, count };
      },
    }),
  };
}
