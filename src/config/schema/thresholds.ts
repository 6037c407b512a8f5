import { THRESHOLDS } from '../../catalog/thresholds.ts';
import type { TargetThreshold } from '../../core/scenario.ts';
import { mapping } from './combinators.ts';
import { duration, share } from './scalars.ts';

/** The keys come from the catalog, so a threshold that is new there can be set here at once. */
export const thresholds = mapping(
  Object.fromEntries(THRESHOLDS.map((t) => [t.id, (t.unit === 'ratio' ? share() : duration()).optional()])),
).transform((limits): TargetThreshold[] =>
  Object.entries(limits).flatMap(([id, limit]) => (limit === undefined ? [] : [{ id, limit }])),
);
