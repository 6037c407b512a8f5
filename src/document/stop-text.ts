import type { Subject, SubjectLimit } from '../analysis/level-point.ts';
import type { LoadInterval, Stop } from '../analysis/load-interval.ts';
import { isCrossed } from '../analysis/subject-limits.ts';
import { comparison, valueText } from '../report/value-text.ts';
import { loadText } from './analysed.ts';
import { plural } from './text.ts';

/** Limits that are named. */
const MAX_NAMED = 3;

/** Writes loads of one unit: `1,000 to 1,750 users`. */
export function loadsText(from: number, to: number, subject: Pick<Subject, 'unit'>): string {
  return `${loadText(from, subject).replace(/ \S+$/, '')} to ${loadText(to, subject)}`;
}

/**
 * Writes what the sampling error leaves open of a load, to follow it: ` (1,000 to 1,750 users within the sampling error)`. Empty
 * where it leaves nothing open, and where it is not known.
 */
export function intervalText(
  load: number | null,
  interval: LoadInterval | null,
  subject: Pick<Subject, 'unit'>,
): string {
  if (interval === null || load === null) return '';
  const { low, high } = interval;
  if (low === load && high === load) return '';
  if (low !== null && high !== null) return ` (${loadsText(low, high, subject)} within the sampling error)`;
  return high === null || high === load
    ? ' (by the sampling error sure of no level: too few streams)'
    : ` (by the sampling error sure of no level, and possible up to ${loadText(high, subject)})`;
}

/** Writes which limits end a load: `at 2,750 users TTFB p95 is 2.55s, above its limit of 2.5s (warning)`. */
export function crossingStopText(stop: Stop, of: string): string {
  return whyText(stop, of, ({ limit, value }) => {
    const [observed, bound] = readAs(limit, value!.value);
    const side = limit.crossedWhen === '<' ? 'below' : limit.crossedWhen === '>' ? 'above' : 'at or above';
    return `${limit.measure}${of} is ${observed}, ${side} its limit of ${bound} (${limit.severity})`;
  });
}

/** Writes the same for the margin: `mean success duration, 32.2s, leaves less than 20 % of its limit of 40s`. */
export function marginStopText(stop: Stop, of: string): string {
  return whyText(stop, of, ({ limit, value }) => {
    const [observed, bound] = readAs(limit, value!.value);
    const left =
      limit.crossedWhen === '<'
        ? `leaves less than 20 % of the failures that its limit of ${bound} allows`
        : `leaves less than 20 % of its limit of ${bound}`;
    return isCrossed(limit.crossedWhen, value!.value, limit.limit)
      ? `${limit.measure}${of}, ${observed}, crosses its limit of ${bound}`
      : `${limit.measure}${of}, ${observed}, ${left}`;
  });
}

type Limit = Stop['limits'][number];

function whyText({ state, limits }: Stop, of: string, crossed: (one: Limit) => string): string {
  const write = (one: Limit): string => {
    if (state === 'crossed') return crossed(one);
    if (one.value === null || state === 'unknown') return `${one.limit.measure}${of} has no value`;
    const [observed, bound] = readAs(one.limit, one.value.value);
    return `${one.limit.measure}${of}, ${observed}, lies within its measurement error of its limit of ${bound}`;
  };
  const more = limits.length - MAX_NAMED;
  return [
    ...limits.slice(0, MAX_NAMED).map(write),
    ...(more > 0 ? [`and ${plural(more, 'more limit')}`] : []),
  ].join('; ');
}

/** A value and its limit, which read differently where they differ. */
function readAs(limit: SubjectLimit, value: number): readonly [value: string, limit: string] {
  const [observed, bound] = comparison(limit, value).split(` ${limit.crossedWhen} `);
  return [observed!, bound ?? valueText(limit.limit, limit.unit)];
}
