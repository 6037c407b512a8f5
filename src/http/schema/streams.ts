import type { OpenStream } from '../../core/open-stream.ts';
import type { Schema } from './build.ts';
import { count, namesOf, number, object, oneOf, text } from './build.ts';

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

export const STREAM_SCHEMAS: readonly Schema[] = [openStream];
