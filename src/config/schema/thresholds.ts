import { THRESHOLDS } from '../../catalog/thresholds.ts';
import type { TargetThreshold } from '../../core/scenario.ts';
import type { Threshold } from '../../core/threshold.ts';
import { Fault, mapping, scalar } from './combinators.ts';
import { readDuration, readNumber, readShare } from './scalars.ts';

/** Keys come from the catalog, so a threshold that is new there can be set here at once. */
function settings(of: readonly Threshold[]) {
  const shape = Object.fromEntries(of.map((t) => [t.id, scalar((value) => readLimit(value, t)).optional()]));
  return mapping(shape).transform((limits): TargetThreshold[] =>
    Object.entries(limits).flatMap(([id, limit]) => (limit === undefined ? [] : [{ id, limit }])),
  );
}

/** What holds for all targets, and for soakd itself. */
export const thresholds = settings(THRESHOLDS);

/** What one target may have of its own. */
export const targetThresholds = settings(THRESHOLDS.filter((t) => t.perTarget));

function readLimit(value: unknown, threshold: Threshold): number | 'off' | Fault {
  if (value === 'off') return 'off';
  const read = READ[threshold.unit](value);
  if (!(read instanceof Fault) || threshold.unit === 'state') return read;
  const { expected, advice } = read.complaint;
  return new Fault(`${expected}, or off`, advice);
}

const READ: Readonly<Record<Threshold['unit'], (value: unknown) => number | Fault>> = {
  ms: (value) => readDuration(value),
  ratio: readShare,
  streams: (value) => readNumber(value, { min: 1, whole: true }),
  times: (value) => readNumber(value, { min: 0, above: true }),
  // It is so or it is not: there is nothing to set but that nobody wants to know.
  state: () => new Fault('off', 'write off, or leave it out'),
};
