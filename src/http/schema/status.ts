import { MISSED_POLICIES } from '../../core/schedule.ts';
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
  ...object('Status of soakd.', {
    version: text('version of soakd'),
    state: oneOf(STATES, 'state of the current run; idle without one'),
    run: { oneOf: [ref('Run'), { type: 'null' }], description: 'current run with its progress, or null' },
    last: { oneOf: [ref('Summary'), { type: 'null' }], description: 'summary of the previous run, or null' },
    scenarios: list(text('name'), 'names of all scenarios'),
    schedules: list(
      object('A schedule.', {
        name: text('name of the schedule'),
        scenario: text('name of the scenario that the schedule starts'),
        cron: text('cron expression'),
        timezone: text('time zone of the cron expression'),
        missed: oneOf(MISSED_POLICIES, 'policy for missed times: skip them, or start once for all of them'),
        nextAt: time('next due time, ISO 8601'),
        lastStartedAt: {
          ...time('last successful start, ISO 8601; null before the first'),
          type: ['string', 'null'],
        },
        skipped: count('due times without a start: a run was active, or soakd was suspended or not running'),
      }),
      'all schedules',
    ),
    history: {
      oneOf: [
        object('History of runs.', {
          path: text('path of the database'),
          sizeBytes: count('size of the database on disk, bytes'),
          failing: {
            type: ['string', 'null'],
            description: 'why the history cannot be written now; null: it can',
          },
        }),
        { type: 'null' },
      ],
      description: 'history of runs; null: none is kept',
    },
    targets: list(
      object('A target.', {
        name: text('name of the target'),
        url: text('URL without its query'),
        format: text('stream format'),
      }),
      'all targets of the configuration',
    ),
  }),
};

const reload: Schema = {
  $id: 'Reload',
  ...object('Changes of a reload. Each entry is a line for a person.', {
    applied: list(text('line'), 'changes in effect now'),
    waiting: list(text('line'), 'changes that take effect when the current run is over'),
    restart: list(text('line'), 'changes that need a restart'),
  }),
  examples: [{ applied: ['scenarios: night added'], waiting: [], restart: ['serve.port'] }],
};

export const STATUS_SCHEMAS: readonly Schema[] = [status, reload];
