import { SEARCH_ENDS, STEP_VERDICTS } from '../../core/capacity.ts';
import type { Schema } from './build.ts';
import { count, list, number, numberOrNull, object, oneOf, ref, textOrNull, time } from './build.ts';

const orNull = (schema: Schema, description: string): Schema => ({
  oneOf: [schema, { type: 'null' }],
  description,
});

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

const step: Schema = {
  $id: 'CapacityStep',
  ...object('One step of a search: a load, held for some time and evaluated.', {
    load: number('virtual users, or streams per second'),
    confirms: { type: 'boolean', description: 'whether it is a longer hold that confirms a load' },
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
    measurementErrorMs: orNull(ref('MeasurementError'), 'measurement error of timings; null without samples'),
    delivered: numberOrNull('delivered share of the load; null: none was due'),
    verdict: oneOf(STEP_VERDICTS, 'result of the step'),
    clear: {
      type: 'boolean',
      description: 'whether the counts leave no statistical doubt about the verdict',
    },
    cause: orNull(cause, 'what decided against the step; null where it held'),
  }),
};

const search: Schema = {
  $id: 'Capacity',
  ...object(
    'Search for the largest load at which the thresholds hold.',
    {
      users: number('largest number of users that is proven to hold; 0: none is; absent in the open model'),
      rate: number('largest streams per second that are proven to hold; absent in the closed model'),
      low: number('largest load up to the result that held without statistical doubt; 0: none did'),
      high: numberOrNull('smallest load above the result that did not hold; null: none was tried'),
      limitedBy: textOrNull(
        'threshold that is crossed above the result, or generator, maxUsers, maxRate; null: not known',
      ),
      target: textOrNull('target whose threshold is crossed; null where no threshold is'),
      confirmed: { type: 'boolean', description: 'whether a longer hold confirmed the result' },
      ended: oneOf(SEARCH_ENDS, 'why the search ended'),
      precision: number('wanted width of the interval, as a share of the load'),
      lastedMs: number('duration of the search'),
      steps: list(ref('CapacityStep'), 'steps of the search'),
    },
    ['users', 'rate'],
  ),
};

/** Key `capacity` of a summary. */
export const capacity = orNull(
  ref('Capacity'),
  'search for the capacity that the run is; null of an ordinary run',
);

export const CAPACITY_SCHEMAS: readonly Schema[] = [step, search];
