import type { TargetThreshold } from '../../core/scenario.ts';
import { TIMING_STATISTICS } from '../../thresholds/measures/measure.ts';
import { THRESHOLDS } from '../../thresholds/table.ts';
import { isLive, type Threshold } from '../../thresholds/threshold.ts';
import { isMapping, quote } from '../describe.ts';
import { Fault, mapping, scalar } from './combinators.ts';
import { readDuration, readNumber, readShare } from './scalars.ts';

/** Keys come from the catalog, so a threshold that is new there can be set here at once. */
function settings(of: readonly Threshold[]) {
  const shape = Object.fromEntries(
    of.map((t) => [t.id, scalar((value) => readSetting(value, t)).optional()]),
  );
  return mapping(shape, undefined, shownOf(of)).transform((limits): TargetThreshold[] =>
    Object.entries(limits).flatMap(([id, setting]) => (setting === undefined ? [] : [{ id, ...setting }])),
  );
}

/** @returns the keys as a person wants them listed: those that differ in the statistic alone as one */
function shownOf(of: readonly Threshold[]): string[] {
  const isOptional = (t: Threshold) => t.limit === 'off' && t.unit === 'ms';
  const named = of.filter((t) => !isOptional(t)).map((t) => t.id);
  const timings = new Set(of.filter(isOptional).map((t) => t.metric));
  return [...named.sort(), `{${[...timings].join('|')}}-{${TIMING_STATISTICS.join('|')}}`];
}

/** What holds for all targets, and for soakd itself. */
export const thresholds = settings(THRESHOLDS);

/** What one target may have of its own. */
export const targetThresholds = settings(THRESHOLDS.filter((t) => t.perTarget));

/** A limit alone, or with what is to be done when it is crossed. */
function readSetting(value: unknown, threshold: Threshold): Omit<TargetThreshold, 'id'> | Fault {
  if (!isMapping(value) || !isLive(threshold)) {
    const limit = readLimit(value, threshold);
    return limit instanceof Fault ? limit : { limit };
  }
  const wanted = 'a mapping with keys of abort, limit';
  const stray = Object.keys(value).find((key) => key !== 'abort' && key !== 'limit');
  if (stray !== undefined) return new Fault(wanted, 'remove it', `the key ${quote(stray)}`, [stray]);
  const { abort, limit: written } = value;
  if (abort !== undefined && typeof abort !== 'boolean')
    return new Fault('true or false', 'write true, or remove it', undefined, ['abort']);
  const limit = written === undefined ? undefined : readLimit(written, threshold);
  if (limit instanceof Fault) return limit.at(['limit']);
  if (abort === undefined && limit === undefined) return new Fault(wanted, 'write one of them');
  return { ...(limit === undefined ? {} : { limit }), ...(abort === undefined ? {} : { abort }) };
}

function readLimit(value: unknown, threshold: Threshold): number | 'off' | Fault {
  if (value === 'off') return 'off';
  // It is so or it is not: there is nothing to set.
  if (threshold.unit === 'state')
    return value === 'on' ? threshold.limit : new Fault('on or off', 'write off if nobody wants to know');
  const read = READ[threshold.unit](value);
  if (!(read instanceof Fault)) return read;
  const { expected, advice } = read.complaint;
  return new Fault(`${expected}, or off`, advice);
}

const READ: Readonly<Record<Exclude<Threshold['unit'], 'state'>, (value: unknown) => number | Fault>> = {
  ms: (value) => readDuration(value),
  ratio: readShare,
  streams: (value) => readNumber(value, { min: 1, whole: true }),
  times: (value) => readNumber(value, { min: 0, above: true }),
};
