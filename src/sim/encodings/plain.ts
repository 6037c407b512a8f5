import { type Encoding, EVENTS, event, FAILURE, LINES, line } from './encoding.ts';

/** Text, and nothing that says where it ends. */
export const RAW: Encoding = {
  contentType: 'text/plain; charset=utf-8',
  opening: [],
  content: (text) => text,
  numbered: false,
  wholeLines: false,
  closing: () => [],
  error: () => [],
  line: ['', ''],
  // Any byte would be content, and a client would have to call it a chunk.
  broken: '',
  faults: {
    // Any content type will do.
    html: 'complete',
    keepaliveOnly: null,
    commentsWithin: null,
    inbandError: 'reset',
    // Without an end marker a client cannot distinguish a short answer from a whole one.
    truncate: 'complete',
    hugeLine: 'complete',
    dataAfterEnd: null,
    halfOpen: 'stalled',
  },
};

export const DONE = 'data: [DONE]\n\n';

export const SSE: Encoding = {
  ...EVENTS,
  opening: [],
  content: (text) => `data: ${text}\n\n`,
  closing: () => [{ text: DONE, isTerminal: true }],
  error: () => [event({ error: FAILURE }, 'error')],
  afterEnd: () => 'data: more\n\n',
};

export const NDJSON: Encoding = {
  ...LINES,
  opening: [],
  wholeLines: true,
  content: (text) => line({ text }),
  closing: () => [{ text: line({ done: true }), isTerminal: true }],
  error: () => [],
  faults: { inbandError: 'reset' },
  afterEnd: () => line({ text: 'more' }),
};
