import { METRICS } from '../../catalog/metrics.ts';
import { braces, promNumber } from '../../promql/promql.ts';

/** PromQL of panels. `$job`, `$instance` and `$target` are variables of the dashboard; Grafana fills them in. */

/** Matchers of the selected instances of soakd. */
export const SERVICE = 'job=~"$job", instance=~"$instance"';
/** Matchers of the selected targets, where the variable takes several. */
export const TARGETS = `${SERVICE}, target=~"$target"`;
/** The target, where the variable takes one: Grafana does not escape that for a regular expression. */
export const ONE_TARGET = `${SERVICE}, target="$target"`;

/** @returns a series with matchers */
export function series(name: string, scope: string, ...matchers: readonly string[]): string {
  return `${name}${braces(scope, ...matchers)}`;
}

/** @returns the increase of a counter, a second */
export function rate(name: string, scope: string, ...matchers: readonly string[]): string {
  return `rate(${series(name, scope, ...matchers)}[$__rate_interval])`;
}

/** @param by labels that stay; none: one sum of all */
export function sum(expr: string, ...by: readonly string[]): string {
  return aggregate('sum', expr, by);
}

export function max(expr: string, ...by: readonly string[]): string {
  return aggregate('max', expr, by);
}

export function min(expr: string, ...by: readonly string[]): string {
  return aggregate('min', expr, by);
}

function aggregate(operator: string, expr: string, by: readonly string[]): string {
  return by.length === 0 ? `${operator}(${expr})` : `${operator} by (${by.join(', ')}) (${expr})`;
}

/**
 * A percentile of a histogram; NaN where nothing was observed.
 * @param q 0 to 1
 */
export function quantile(q: number, name: string, scope: string, ...by: readonly string[]): string {
  return `histogram_quantile(${promNumber(q)}, ${sum(rate(`${name}_bucket`, scope), 'le', ...by)})`;
}

/** The mean of a histogram; NaN without observations. */
export function mean(name: string, scope: string, ...by: readonly string[]): string {
  return `${sum(rate(`${name}_sum`, scope), ...by)} / ${sum(rate(`${name}_count`, scope), ...by)}`;
}

const ENDED = 'result=~"success|failed"';

/** Successes over streams that ended well or badly; NaN where none has ended. */
export function successRatio(scope: string, ...by: readonly string[]): string {
  const { name } = METRICS.finished;
  return `${sum(rate(name, scope, 'result="success"'), ...by)} / ${sum(rate(name, scope, ENDED), ...by)}`;
}

/** Failures over streams that ended well or badly; 0 where none has ended, so that it sorts. */
export function failedRatio(scope: string, ...by: readonly string[]): string {
  const { name } = METRICS.finished;
  const failed = sum(rate(name, scope, 'result="failed"'), ...by);
  return `${failed} / (${sum(rate(name, scope, ENDED), ...by)} > 0) or 0 * ${failed}`;
}

/** The mean duration of successes; failures end early, or late, for reasons of their own. */
export function successDuration(scope: string, ...by: readonly string[]): string {
  return mean(METRICS.duration.name, `${scope}, result="success"`, ...by);
}

/** Restricts series that other programs have, too (`process_*`, `up`), to instances of soakd. */
export function ofSoakd(expr: string): string {
  return `${expr} and on (job, instance) ${series(METRICS.buildInfo.name, SERVICE)}`;
}
