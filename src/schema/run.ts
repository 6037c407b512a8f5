import { RUN_ACTIONS } from '../core/control.ts';
import { OUTCOMES } from '../core/outcome.ts';
import { RUN_REASONS, RUN_VERDICTS } from '../core/run.ts';
import { count, list, named, number, object, oneOf, text, time } from './build.ts';

export const reason = oneOf(RUN_REASONS, 'why the run ended or is ending');
export const verdict = oneOf(RUN_VERDICTS, 'verdict of the run');

export const gaps = list(
  object('A time in which soakd was not running.', {
    fromAt: time('last record before the gap, ISO 8601'),
    toAt: time('resume of the run, ISO 8601'),
    lost: count('streams that were open at the start of the gap; their outcome is generator_lost'),
  }),
  'gaps in the run, oldest first; the plan was paused in them',
);

export const runEvent = named(
  'RunEvent',
  'An event of a run.',
  {
    at: time('time of the event, ISO 8601'),
    action: oneOf(RUN_ACTIONS, 'kind of event'),
    by: text('cause: the name of a token; or local, signal, configuration, schedule with its name, soakd'),
    detail: text('description of the event'),
  },
  {
    at: '2026-01-01T00:05:00.000Z',
    action: 'set',
    by: 'deploy',
    detail: '200 users for the rest of the stage',
  },
);

export const streamResult = named(
  'StreamResult',
  'An ended stream. Timings that the stream did not reach are absent.',
  {
    id: text('value of the header x-soak-stream-id'),
    target: text('name of the target'),
    outcome: oneOf(OUTCOMES, 'outcome of the stream'),
    startedAt: time('start, ISO 8601'),
    detail: text('details of the outcome').optional(),
    status: count('HTTP status of the response').optional(),
    retryAfter: text('Retry-After header of the response').optional(),
    lagMs: number('time from due to start'),
    connectMs: number('time to a usable socket').optional(),
    headersMs: number('time from the written request to the headers').optional(),
    ttfbMs: number('time from the written request to the first byte of the body').optional(),
    ttftMs: number('time from the written request to the first content').optional(),
    durationMs: number('time from start to end'),
    chunks: count('chunks received'),
    bytes: count('bytes received'),
    tail: text('end of the body without control characters and secrets, if the target keeps it').optional(),
  },
  {
    id: 'w0-12',
    target: 'a',
    outcome: 'truncated',
    startedAt: '2026-01-01T00:00:00.000Z',
    detail: 'the body ended without its terminal event',
    status: 200,
    lagMs: 0.4,
    connectMs: 0.6,
    headersMs: 3.1,
    ttfbMs: 801.2,
    durationMs: 9120.7,
    chunks: 31,
    bytes: 4096,
  },
);
