import { TARGET_COLUMNS, WINDOW_COLUMNS } from '../../history/window-row.ts';
import { reason, verdict } from '../../schema/run.ts';
import { setup } from '../../schema/setup.ts';
import type { Schema } from './build.ts';
import { count, inline, list, number, numberOrNull, object, oneOf, ref, text, time } from './build.ts';

const orNull = (schema: Schema, why: string): Schema => ({
  ...schema,
  type: ['string', 'null'],
  ...(schema.enum === undefined ? {} : { enum: [...(schema.enum as readonly string[]), null] }),
  description: `${String(schema.description)}; null ${why}`,
});

const keptRun = {
  id: text('identifier of the run in metrics and logs'),
  scenario: text('name of the scenario'),
  source: oneOf(['serve', 'run'], 'command that carried out the run'),
  state: oneOf(['active', 'finished'], 'state of the run in the history'),
  verdict: orNull(inline(verdict), 'while the run is active'),
  verdictReason: orNull(text('reason for the verdict'), 'while the run is active'),
  endReason: orNull(inline(reason), 'while the run is active'),
  startedAt: time('start, ISO 8601'),
  endedAt: orNull(time('end, ISO 8601'), 'while the run is active'),
  pinned: { type: 'boolean', description: 'whether the run is kept whatever its age' },
  resumes: count('how often the run was resumed after the end of its process'),
  targets: list(text('name'), 'names of all targets that were counted'),
};

const EXAMPLE = {
  id: '20260101-000000-4f9a',
  scenario: 'demo',
  source: 'serve',
  state: 'finished',
  verdict: 'pass',
  verdictReason: 'all 5 limits hold',
  endReason: 'completed',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T01:00:12.000Z',
  pinned: false,
  resumes: 0,
  targets: ['a'],
};

type Columns = readonly {
  readonly name: string;
  readonly kind: (typeof TARGET_COLUMNS)[number]['kind'];
  readonly description: string;
}[];

const KINDS: Readonly<Record<Columns[number]['kind'], (description: string) => Schema>> = {
  time,
  text,
  count,
  number,
  'number?': (description) => numberOrNull(`${description}; null without observations`),
  'ratio?': (description) => ({
    type: ['number', 'null'],
    minimum: 0,
    maximum: 1,
    description: `${description}; null without any`,
  }),
};

/**
 * Returns the schema of a row: a dot in the name of a column is a level.
 * @param required keys that are always there; absent: all
 */
function rowSchema(
  description: string,
  columns: Columns,
  more: Readonly<Record<string, Schema>>,
  required?: readonly string[],
): Schema {
  const own = new Map<string, Schema>();
  const groups = Map.groupBy(columns, ({ name }) => name.split('.', 1)[0]!);
  for (const [key, of] of groups) {
    const [only] = of;
    const inner = of.map((column) => ({ ...column, name: column.name.slice(key.length + 1) }));
    own.set(
      key,
      only!.name === key
        ? KINDS[only!.kind](only!.description)
        : rowSchema(`Group ${key}.`, inner, {}, required && []),
    );
  }
  const optional = required && [...own.keys()].filter((key) => !required.includes(key));
  return object(description, { ...Object.fromEntries(own), ...more }, optional);
}

export const HISTORY_SCHEMAS: readonly Schema[] = [
  {
    $id: 'KeptRun',
    ...object('A run in the history.', keptRun),
    examples: [EXAMPLE],
  },
  {
    $id: 'KeptRunDetail',
    ...object('A run in the history, with everything but its windows.', {
      ...keptRun,
      setup: inline(setup),
      summary: {
        oneOf: [ref('Summary'), { type: 'null' }],
        description: 'summary, as the soakd that carried out the run made it; null while the run is active',
      },
      events: list(ref('RunEvent'), 'events of the run, oldest first'),
      failures: list(ref('StreamResult'), 'the latest failed streams of each target and outcome'),
    }),
  },
  {
    $id: 'TargetWindow',
    ...rowSchema(
      'What was counted in a window for one target. Durations are ms. The keys are all, or those of `columns`.',
      TARGET_COLUMNS,
      {},
      ['target'],
    ),
  },
  {
    $id: 'RunWindow',
    ...rowSchema('What was counted in a window.', WINDOW_COLUMNS, {
      targets: list(ref('TargetWindow'), 'counts and timings of each target of the run'),
    }),
  },
];

export const RUN_LIST = object('A page of runs.', {
  runs: list(ref('KeptRun'), 'runs, the newest first'),
  next: { type: ['string', 'null'], description: 'URL of the next page; null: there is none' },
});

export const WINDOW_LIST = object('A page of windows.', {
  run: text('identifier of the run'),
  widthMs: count('planned length of a window'),
  windows: list(ref('RunWindow'), 'windows in their order'),
  next: {
    type: ['string', 'null'],
    description: 'URL of the next page; null: there are no more windows now',
  },
});
