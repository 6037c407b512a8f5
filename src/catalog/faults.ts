import type { Fault, SimulatedOutcome } from '../core/simulator.ts';

/** What one fault does, and what a client judges its stream to be. */
interface FaultInfo {
  readonly help: string;
  /** The outcome in formats whose encoding does not name another. */
  readonly outcome: SimulatedOutcome;
}

export const FAULT_INFO: Readonly<Record<Fault, FaultInfo>> = {
  http503: { help: 'status 503 in place of the stream', outcome: 'http_error' },
  http429: { help: 'status 429 in place of the stream', outcome: 'http_error' },
  redirect: { help: 'a redirect to another host, which does not exist', outcome: 'http_error' },
  html: {
    help: 'a page of HTML with status 200',
    outcome: 'wrong_content_type',
  },
  gzip: { help: 'a body in gzip, though none was asked for', outcome: 'wrong_content_type' },
  noFirstByte: { help: 'a head, and never a byte of the body', outcome: 'ttfb_timeout' },
  acceptOnly: { help: 'no answer at all, the connection stays open', outcome: 'ttfb_timeout' },
  stall: { help: 'half the answer, then silence', outcome: 'stalled' },
  trickle: { help: 'half the answer, then a byte a second for ever', outcome: 'total_timeout' },
  endless: { help: 'an answer without end', outcome: 'total_timeout' },
  keepaliveOnly: {
    help: 'comments (in formats of lines: blank lines) and nothing else, for ever',
    outcome: 'total_timeout',
  },
  inbandError: {
    help: 'half the answer, then an error in it; where the format has none, as `reset`',
    outcome: 'inband_error',
  },
  truncate: {
    help: 'half the answer, then a clean end of the body',
    outcome: 'truncated',
  },
  reset: { help: 'half the answer, then an RST inside a chunk of HTTP', outcome: 'reset' },
  finMidChunk: { help: 'half the answer, then a FIN inside a chunk of HTTP', outcome: 'reset' },
  contentLengthShort: { help: 'half the answer, then a FIN short of content-length', outcome: 'reset' },
  garbage: { help: 'bytes that are not HTTP', outcome: 'malformed' },
  badChunk: { help: 'half the answer, then a chunk whose length is none', outcome: 'malformed' },
  hugeLine: {
    help: 'half the answer, then a single line of 100 MB',
    outcome: 'malformed',
  },
  dataAfterEnd: {
    help: 'a whole answer, then more of it',
    outcome: 'protocol_violation',
  },
  halfOpen: {
    help: 'a whole answer, but neither the body nor the connection is ended',
    outcome: 'complete',
  },
  splitUtf8: { help: 'a good answer whose characters are split over chunks of HTTP', outcome: 'complete' },
  commentsWithin: {
    help: 'a good answer with a comment (in formats of lines: a blank line) after each chunk',
    outcome: 'complete',
  },
  closeDelimited: {
    help: 'a good answer without length and chunks of HTTP, which ends with its connection',
    outcome: 'complete',
  },
};

/** Request header by which a stream of the simulator is given a fault; `none`: a good answer. */
export const FAULT_HEADER = 'x-soak-fault';
