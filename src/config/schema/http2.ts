import { mapping } from './mapping.ts';
import { whole } from './scalars.ts';

/** Maximum of streams per connection, above the limit of any known server. */
const MAX_STREAMS = 10_000;

export const http2 = mapping(
  { streamsPerConnection: whole(1, MAX_STREAMS) },
  'write for example { streamsPerConnection: 100 }',
);
