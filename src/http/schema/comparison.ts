import type { Change, Comparison, RefusalReason } from '../../compare/comparison.ts';
import { reason, verdict } from '../../schema/run.ts';
import {
  count,
  inline,
  list,
  namesOf,
  number,
  numberOrNull,
  object,
  oneOf,
  type Schema,
  text,
  textOrNull,
  time,
} from './build.ts';

const unit = oneOf(
  ['ms', 'ratio', 'per-second'],
  'unit of the value: ms, a share from 0 to 1, or a count per second',
);
const VERDICTS = namesOf<Comparison['verdict']>({
  regression: true,
  'no-regression': true,
  inconclusive: true,
  refused: true,
});
const REFUSALS = namesOf<RefusalReason>({
  'no-common-target': true,
  'different-model': true,
  'no-common-level': true,
  'too-few-windows': true,
  'too-few-streams': true,
  'unreliable-measurement': true,
});
const CHANGES = namesOf<Change>({ regression: true, improvement: true, unchanged: true });

const run = (description: string): Schema =>
  object(description, {
    id: text('identifier of the run'),
    run: text('identifier of the run'),
    scenario: text('name of the scenario'),
    startedAt: time('start, ISO 8601'),
    lastedMs: number('time from the start to the end of the run, ms'),
    verdict: inline(verdict),
    endReason: inline(reason),
    windows: count('windows that are compared, of the target with most'),
  });

const value = object('One statistic of one target in both runs.', {
  target: text('name of the target'),
  measure: text('name of the measure, such as ttfb'),
  statistic: text('statistic, such as p95'),
  name: text('name for people, such as TTFB p95'),
  unit,
  worse: oneOf(['higher', 'lower'], 'which values are worse'),
  a: number('value of the baseline'),
  b: number('value of the run'),
  difference: number('b − a, in the unit'),
  interval: {
    type: 'array',
    items: { type: 'number' },
    minItems: 2,
    maxItems: 2,
    description: 'interval of the difference, in the unit, at method.confidence',
  },
  floor: number('smallest difference that counts, in the unit'),
  p: number('two-sided p, corrected for the number of compared values'),
  result: oneOf(CHANGES, 'what the difference is'),
});

export const COMPARISON_SCHEMAS: readonly Schema[] = [
  {
    $id: 'Comparison',
    ...object('Comparison of a run with a baseline, as soakd compare --json prints it.', {
      schema: { type: 'integer', enum: [1], description: 'number of this schema' },
      verdict: oneOf(VERDICTS, 'result; inconclusive: no regression, but not everything could be compared'),
      refused: {
        description: 'why the runs are not compared; null: they are',
        oneOf: [
          object('A refusal.', { reason: oneOf(REFUSALS, 'reason'), text: text('the reason for people') }),
          { type: 'null' },
        ],
      },
      a: run('The baseline.'),
      b: run('The run.'),
      counts: object('Number of values by result.', {
        regressions: count('regressions'),
        improvements: count('improvements'),
        unchanged: count('unchanged values'),
      }),
      values: list(value, 'regressions, then improvements, then unchanged values; the largest change first'),
      notCompared: list(
        object('A value that is not compared.', {
          target: text('name of the target'),
          name: text('name for people'),
          unit,
          a: numberOrNull('value of the baseline; null: not observed'),
          b: numberOrNull('value of the run; null: not observed'),
          reason: text('why it is not compared'),
        }),
        'values that are not compared',
      ),
      configuration: list(
        object('A setting that differs.', {
          key: text('key of the configuration or name of the fact'),
          a: textOrNull('value of the baseline; null: absent'),
          b: textOrNull('value of the run; null: absent'),
        }),
        'settings and facts that differ',
      ),
      notes: list(text('note'), 'what limits the comparison'),
      method: object('How the runs were compared.', {
        kind: oneOf(['windows', 'counts'], 'windows: block bootstrap; counts: proportions of the summaries'),
        confidence: number('confidence of each interval, from 0 to 1'),
        familyError: number('chance that equal runs differ in any value'),
        compared: count('values that the correction counts'),
        resamples: count('resamples of each run and measure'),
        seed: count('seed of the draws'),
      }),
    }),
  },
];
