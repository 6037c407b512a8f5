import type { OpenStream } from '../../core/open-stream.ts';
import { OUTCOMES } from '../../core/outcome.ts';
import type { Schema } from './build.ts';
import { count, namesOf, number, object, oneOf, text, time } from './build.ts';

const PHASES = namesOf<OpenStream['phase']>({ connecting: true, waiting: true, streaming: true });

const openStream: Schema = {
  $id: 'OpenStream',
  ...object('An open stream, without its content.', {
    id: text('value of the header x-soak-stream-id'),
    target: text('name of the target'),
    phase: oneOf(PHASES, 'phase; waiting: for the first byte'),
    ageMs: number('time since the start'),
    silenceMs: number('time since the last byte; before the first byte, since the request was written'),
    stalled: { type: 'boolean', description: 'whether the silence exceeds the stall limit' },
    chunks: count('chunks received'),
    bytes: count('bytes received'),
  }),
  examples: [
    {
      id: 'w0-17',
      target: 'a',
      phase: 'streaming',
      ageMs: 8120,
      silenceMs: 5200,
      stalled: true,
      chunks: 31,
      bytes: 4096,
    },
  ],
};

const streamResult: Schema = {
  $id: 'StreamResult',
  ...object(
    'An ended stream. Timings that the stream did not reach are absent.',
    {
      id: text('value of the header x-soak-stream-id'),
      target: text('name of the target'),
      outcome: oneOf(OUTCOMES, 'outcome of the stream'),
      startedAt: time('start, ISO 8601'),
      detail: text('details of the outcome'),
      status: count('HTTP status of the response'),
      retryAfter: text('Retry-After header of the response'),
      lagMs: number('time from due to start'),
      connectMs: number('time to a usable socket'),
      headersMs: number('time from the written request to the headers'),
      ttfbMs: number('time from the written request to the first byte of the body'),
      ttftMs: number('time from the written request to the first content'),
      durationMs: number('time from start to end'),
      chunks: count('chunks received'),
      bytes: count('bytes received'),
      tail: text('end of the body without control characters and secrets, if the target keeps it'),
    },
    ['detail', 'status', 'retryAfter', 'connectMs', 'headersMs', 'ttfbMs', 'ttftMs', 'tail'],
  ),
  examples: [
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
  ],
};

export const STREAM_SCHEMAS: readonly Schema[] = [openStream, streamResult];
