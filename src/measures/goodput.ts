import { counter } from '../core/metric-info.ts';
import type { ShareRecord } from './record.ts';

/** Goodput: what a user would call a good answer. */
export const goodput: ShareRecord = {
  noun: 'goodput',
  counted: 'finished streams',
  part: counter(
    'soak_streams_within_objective_total',
    'Finished streams that succeeded within every limit of the objective of their target.',
    'target',
  ),
  op: '<',
};
