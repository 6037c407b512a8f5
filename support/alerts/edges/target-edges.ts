import type { Case, Series } from '../case.ts';
import { instanceSeries, runActive } from '../series.ts';
import { always, gaugeText, increments, levels } from './course.ts';
import { experimentsOf, type Instance, type TargetKind, type TargetRule } from './experiments.ts';
import { type Expected, edgeCase, firingAt } from './wait.ts';

/** Returns a case of all edges of these rules: each edge in a target of its own. */
export function targetEdges(kind: TargetKind): Case {
  const { rules, tickS } = kind;
  const ticks = Math.max(...rules.map((rule) => 4 * rule.window + rule.wait + (rule.keep ?? 0))) + 10;
  const series: Series[] = [runActive(`1x${ticks}`)];
  const expected: Expected[] = [];
  for (const [target, experiment] of Object.entries(experimentsOf(kind))) {
    const job = experiment.active === undefined ? 'soak' : `soak, ${target}`;
    const counts = experiment.instances.map((instance) => countsOf(kind, instance, ticks));
    const active = levels(experiment.active ?? always(1), ticks);
    if (experiment.active !== undefined)
      series.push({ ...runActive(gaugeText(active)), labels: { job, instance: 'any' } });
    for (const [i, { count, part, saturated }] of counts.entries()) {
      const { pod } = experiment.instances[i]!;
      const of = { job, instance: `${target} ${i}`, target, ...(pod === undefined ? {} : { pod }) };
      series.push(...kind.series(count, part, of));
      if (saturated.includes(1))
        series.push({
          ...instanceSeries('soak_generator_saturated', gaugeText(saturated)),
          labels: { job, instance: of.instance },
        });
    }
    for (const rule of rules) {
      const holds = active.map(
        (_, tick) => samples(active, tick, 60 / tickS).includes(1) && isCrossed(kind, rule, counts, tick),
      );
      expected.push({ labels: { ...rule.labels, job, target }, firing: firingAt(holds, rule) });
    }
  }
  return edgeCase(series, expected, tickS);
}

/** Values of an instance tick by tick. */
interface Counts {
  readonly count: readonly number[];
  readonly part: readonly number[];
  readonly saturated: readonly number[];
}

function countsOf(
  { of }: TargetKind,
  { count, part, saturated = always(0) }: Instance,
  ticks: number,
): Counts {
  const values = of === 'counted' ? increments : levels;
  const counted = values(count, ticks);
  return {
    count: counted,
    part: values(part, ticks).map((share, tick) => share * counted[tick]!),
    saturated: levels(saturated, ticks),
  };
}

/** Returns the samples of a window that ends at a tick: one at each of its ends, too. */
function samples(values: readonly number[], tick: number, window: number): readonly number[] {
  return values.slice(Math.max(0, tick - window), tick + 1);
}

/** Whether what is in the window, summed over the instances that keep up, crosses the limit. */
function isCrossed(kind: TargetKind, rule: TargetRule, counts: readonly Counts[], tick: number): boolean {
  const { window, least } = rule;
  const keepUp = counts.filter(
    ({ saturated }) => !kind.timed || !samples(saturated, tick, window).includes(1),
  );
  const sums = (of: 'count' | 'part') =>
    samples(
      counts[0]!.count.map((_, i) => keepUp.reduce((sum, one) => sum + one[of][i]!, 0)),
      tick,
      window,
    );
  if (rule.most === true) return past(rule, Math.max(...sums('part')));
  const sum = (of: 'count' | 'part') =>
    // A counter has grown from the first sample on.
    sums(of)
      .slice(kind.of === 'counted' ? 1 : 0)
      .reduce((a, b) => a + b, 0);
  if (kind.of === 'level') return past(rule, sum('part') / sums('part').length);
  const count = kind.of === 'counted' ? sum('count') : sum('count') / sums('count').length;
  return count > 0 && count >= least && past(rule, sum('part') / sum('count'));
}

/** Whether a value crosses the limit. Sums of doubles are at the limit that a counter is exactly at. */
function past({ limit, op }: TargetRule, value: number): boolean {
  if (Math.abs(value - limit) < limit * 1e-6) return op === '>=';
  return op === '<' ? value < limit : value > limit;
}
