import { mapping } from './mapping.ts';
import { whole } from './scalars.ts';

/** More than any server is known to take on one connection. */
const MAX_STREAMS = 10_000;

export const http2 = mapping(
  { streamsPerConnection: whole(1, MAX_STREAMS) },
  'write for example { streamsPerConnection: 100 }',
);
