import { counter } from '../core/metric-info.ts';
import type { ShareRecord } from './record.ts';

/** Goodput: what a user would call a good answer. */
export const goodput: ShareRecord = {
  title: 'Goodput',
  panel:
    'Of the streams that succeeded or failed those that met every limit of the objective of the target. Empty where it has none.',
  alert: 'SoakGoodputLow',
  noun: 'goodput',
  counted: 'finished streams',
  part: counter(
    'soak_streams_within_objective_total',
    'Finished streams that succeeded within every limit of the objective of their target; targets without an objective have no such series.',
    'target',
  ),
  needsObjective: true,
  op: '<',
};
