import type { Status } from '../status.ts';
import type { Schema } from './build.ts';
import { count, list, namesOf, object, oneOf, ref, text, time } from './build.ts';

const STATES = namesOf<Status['state']>({
  idle: true,
  starting: true,
  running: true,
  paused: true,
  draining: true,
});

const status: Schema = {
  $id: 'Status',
  ...object('How soakd is.', {
    version: text('of soakd'),
    state: oneOf(STATES, 'that of the present run, else idle'),
    run: { oneOf: [ref('Run'), { type: 'null' }], description: 'the present run with its progress, or null' },
    last: { oneOf: [ref('Summary'), { type: 'null' }], description: 'the last run that ended, or null' },
    scenarios: list(text('name'), 'what can be started'),
    schedules: list(
      object('A schedule.', {
        name: text('its name'),
        scenario: text('name of the scenario that it starts'),
        cron: text('when: its pattern'),
        timezone: text('in whose wall clock'),
        nextAt: time('when it is due next, ISO 8601'),
        lastStartedAt: {
          ...time('when it last started its scenario, ISO 8601; null before the first time'),
          type: ['string', 'null'],
        },
        skipped: count('times at which it started nothing: a run was active, or soakd stood still'),
      }),
      'what starts by itself',
    ),
    targets: list(
      object('A target.', {
        name: text('its name'),
        url: text('where it is, without its query'),
        format: text('how its streams are judged'),
      }),
      'all targets of the configuration',
    ),
  }),
};

const reload: Schema = {
  $id: 'Reload',
  ...object('What a new configuration came to: each entry is a line for a person.', {
    applied: list(text('line'), 'in effect now'),
    waiting: list(text('line'), 'in effect when the present run is over'),
    restart: list(text('line'), 'in effect after a restart only'),
  }),
  examples: [{ applied: ['scenarios: night added'], waiting: [], restart: ['serve.port'] }],
};

export const STATUS_SCHEMAS: readonly Schema[] = [status, reload];
