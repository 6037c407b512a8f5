import type { OpenStream } from '../../core/open-stream.ts';
import { OUTCOMES } from '../../core/outcome.ts';
import type { Schema } from './build.ts';
import { count, namesOf, number, object, oneOf, text, time } from './build.ts';

const PHASES = namesOf<OpenStream['phase']>({ connecting: true, waiting: true, streaming: true });

const openStream: Schema = {
  $id: 'OpenStream',
  ...object('A stream that is open. Never what it contains.', {
    id: text('as in the header x-soak-stream-id'),
    target: text('name of the target'),
    phase: oneOf(PHASES, 'waiting: for the first byte'),
    ageMs: number('since its start'),
    silenceMs: number('since the last byte; before the first, since the request was written'),
    stalled: { type: 'boolean', description: 'silent for longer than its stall limit' },
    chunks: count('received'),
    bytes: count('received'),
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
    'A stream that has ended. Durations are ms; absent where it did not come so far.',
    {
      id: text('as in the header x-soak-stream-id'),
      target: text('name of the target'),
      outcome: oneOf(OUTCOMES, 'how it ended'),
      startedAt: time('ISO 8601'),
      detail: text('more of how it ended'),
      status: count('of the response'),
      retryAfter: text('the retry-after header of the response, as sent'),
      lagMs: number('from the time it was due to its start'),
      connectMs: number('until the socket was usable'),
      headersMs: number('from the written request to the headers'),
      ttfbMs: number('from the written request to the first byte of the body'),
      ttftMs: number('from the written request to the first content'),
      durationMs: number('from its start to its end'),
      chunks: count('received'),
      bytes: count('received'),
      tail: text('the end of the body, where the target asks for it, without control characters and secrets'),
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
