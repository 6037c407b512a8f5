import type { z } from 'zod';
import {
  count,
  flag,
  list,
  named,
  number,
  numberOrNull,
  object,
  oneOf,
  orNull,
  textOrNull,
  time,
} from './build.ts';
import { measurementError } from './streams-summary.ts';

const cause = object('What decided a step.', {
  kind: oneOf(['threshold', 'load-delivered'], 'a threshold, or too little of the load delivered'),
  threshold: textOrNull('name of the threshold; null for the load'),
  measure: textOrNull('measure that the threshold evaluates; null for the load'),
  target: textOrNull('name of the target; null: all targets'),
  observed: numberOrNull('value in the unit; null without data, or where failed streams make it infinite'),
  limit: number('limit in the unit'),
  unit: oneOf(['ms', 'ratio'], 'unit of observed and limit'),
  op: oneOf(['<', '>', '>='], 'the threshold is crossed if observed is this to the limit'),
  count: count('number of observations'),
  required: count('number of observations required'),
});

const capacityStep = named(
  'CapacityStep',
  'One step of a search: a load, held for some time and evaluated.',
  {
    load: number('virtual users, or streams per second'),
    confirms: flag('whether it is a longer hold that confirms a load'),
    startedAt: time('when the load was set'),
    settledMs: number(
      'time before the evaluated one: until the load had settled, and a first window that was crossed',
    ),
    measuredMs: number('time that is evaluated'),
    finished: count('streams that succeeded or failed in that time'),
    failed: count('streams that failed in that time'),
    ttfbP95Ms: numberOrNull(
      'TTFB p95 over successes and failures; null without data, or where failures make it infinite',
    ),
    ttfbCount: count('observations of TTFB, with failures'),
    measurementErrorMs: orNull(measurementError, 'measurement error of timings; null without samples'),
    delivered: numberOrNull('delivered share of the load; null: none was due'),
    verdict: oneOf(
      ['held', 'crossed', 'inconclusive', 'generator', 'no-data'],
      'held: every threshold holds; crossed: at least one does not; inconclusive: the generator leaves it open, and the step is repeated; generator: it left it open twice; no-data: too few observations for a threshold',
    ),
    clear: flag('whether the counts leave no statistical doubt about the verdict'),
    cause: orNull(cause, 'what decided against the step; null where it held'),
  },
);

const capacityResult = named('Capacity', 'Search for the largest load at which the thresholds hold.', {
  users: number(
    'largest number of users that is proven to hold; 0: none is; absent in the open model',
  ).optional(),
  rate: number('largest streams per second that are proven to hold; absent in the closed model').optional(),
  low: number('largest load up to the result that held without statistical doubt; 0: none did'),
  high: numberOrNull('smallest load above the result that did not hold; null: none was tried'),
  limitedBy: textOrNull(
    'threshold that is crossed above the result, or generator, maxUsers, maxRate; null: not known',
  ),
  target: textOrNull('target whose threshold is crossed; null where no threshold is'),
  confirmed: flag('whether a longer hold confirmed the result'),
  ended: oneOf(
    ['found', 'max-steps', 'max-time', 'no-data', 'interrupted'],
    'why the search ended; found: the interval is as narrow as asked for and the load confirmed, or the largest load allowed holds, or the smallest does not; interrupted: the run ended before the search',
  ),
  precision: number('wanted width of the interval, as a share of the load'),
  lastedMs: number('duration of the search'),
  steps: list(capacityStep, 'steps of the search'),
});

/** Key `capacity` of a summary. */
export const capacity = orNull(
  capacityResult,
  'result of the search for the capacity (soakd capacity); null: the run was an ordinary one and searched for none',
);

export type CapacityStep = z.infer<typeof capacityStep>;
export type StepVerdict = CapacityStep['verdict'];
export type StepCause = NonNullable<CapacityStep['cause']>;
export type CapacityResult = z.infer<typeof capacityResult>;
export type SearchEnd = CapacityResult['ended'];
