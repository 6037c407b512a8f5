import { verdict } from '../../schema/run.ts';
import { SEVERITIES } from '../../thresholds/threshold.ts';
import type { LiveThreshold } from '../live-thresholds.ts';
import type { Schema } from './build.ts';
import {
  count,
  inline,
  list,
  namesOf,
  number,
  numberOrNull,
  object,
  oneOf,
  text,
  textOrNull,
  time,
} from './build.ts';

const STATES = namesOf<LiveThreshold['state']>({
  ok: true,
  crossed: true,
  inconclusive: true,
  'no-data': true,
});

export const THRESHOLDS_NOW = object('Thresholds now.', {
  run: textOrNull('identifier of the current run, or null'),
  verdict: {
    oneOf: [
      object('A verdict.', { result: inline(verdict), reason: text('reason for the verdict') }),
      { type: 'null' },
    ],
    description: 'the verdict if the run ended now by itself; null without a run',
  },
  thresholds: list(
    object('A threshold of a target.', {
      threshold: text('name of the threshold'),
      target: text('name of the target'),
      measure: text('measure that the threshold limits'),
      statistic: text('statistic of the measure'),
      op: oneOf(['<', '>', '>='], 'the threshold is crossed if `observed op limit` is true'),
      limit: number('limit in the unit'),
      unit: oneOf(['ms', 'ratio', 'streams', 'times', 'state'], 'unit of the limit'),
      severity: oneOf(SEVERITIES, 'severity of the alert'),
      state: oneOf(STATES, 'state; crossed: for as long as the alert requires'),
      observed: numberOrNull(
        'value over the window; of percentiles, the share above the limit; null without data',
      ),
      abort: { type: 'boolean', description: 'whether a crossing ends the run' },
      text: text('when the threshold is crossed'),
      action: textOrNull('what to do; null for a threshold that was not crossed in the run'),
      crossings: list(
        object(
          'A period in which the threshold was crossed.',
          {
            fromAt: time('start of the period, ISO 8601'),
            toAt: time('end of the period, ISO 8601; absent while it lasts'),
            worst: number('worst value of the period; for percentiles, the share above the limit'),
          },
          ['toAt'],
        ),
        'periods in which the alert would have fired',
      ),
    }),
    'all thresholds that are on, of all targets of the configuration',
  ),
});

export const CONFIGURATION = object('A configuration.', {
  file: textOrNull('file of the configuration; null: it came from flags'),
  loadedAt: time('time of the last successful load, ISO 8601'),
  scenarios: list(
    object('A scenario that can be started.', {
      name: text('name of the scenario'),
      model: oneOf(['closed', 'open'], 'closed: virtual users; open: arrivals'),
      targets: list(text('name'), 'names of its targets'),
      sequence: { type: 'boolean', description: 'whether the targets are loaded one after another' },
      peak: number('highest level of the plan: virtual users, or streams per second in the open model'),
      durationMs: count('planned duration'),
      warmUpMs: number('warm-up at the start'),
      budget: {
        oneOf: [
          object(
            'A budget.',
            {
              streams: count('streams'),
              outputTokens: count('output tokens'),
              cost: number('cost'),
              prices: object('Prices of a million tokens.', {
                input: number('of input'),
                output: number('of output'),
              }),
            },
            ['streams', 'outputTokens', 'cost', 'prices'],
          ),
          { type: 'null' },
        ],
        description: 'budget at which a run of it drains; null: none',
      },
    }),
    'all scenarios',
  ),
  configuration: {
    type: 'object',
    description:
      'the parsed configuration without tokens, headers, bodies, prompts, credentials and queries of URLs; times in ms. Its keys ' +
      'can change with the version of soakd',
  },
});

export interface CheckBody {
  readonly text: string;
}

export const CHECK: Schema = {
  ...object('an object with the text of a configuration', { text: text('YAML, as in the file') }),
  additionalProperties: false,
  examples: [{ text: 'targets: []' }],
};

export const CHECKED = object('Result of a check.', {
  valid: { type: 'boolean', description: 'whether there are no issues' },
  targets: list(text('name'), 'names of the targets; empty where there are issues'),
  scenarios: list(text('name'), 'names of the scenarios; empty where there are issues'),
  issues: list(
    object('An issue.', {
      line: { type: ['integer', 'null'], minimum: 1, description: 'line of the text; null: the whole text' },
      text: text('what was found, what is expected, how to fix it'),
    }),
    'issues in the order of the text',
  ),
});
