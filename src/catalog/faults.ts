import type { Fault, SimulatedOutcome } from '../core/simulator.ts';

/** Description of a fault and the outcome of its stream. */
interface FaultInfo {
  readonly help: string;
  /** Outcome, unless the encoding of a format names another. */
  readonly outcome: SimulatedOutcome;
}

export const FAULT_INFO: Readonly<Record<Fault, FaultInfo>> = {
  http503: { help: 'status 503 instead of the stream', outcome: 'http_error' },
  http429: { help: 'status 429 instead of the stream', outcome: 'http_error' },
  redirect: { help: 'a redirect to a host that does not exist', outcome: 'http_error' },
  html: {
    help: 'an HTML page with status 200',
    outcome: 'wrong_content_type',
  },
  gzip: { help: 'a gzip body that the request does not accept', outcome: 'wrong_content_type' },
  noFirstByte: { help: 'headers, but never a byte of the body', outcome: 'ttfb_timeout' },
  acceptOnly: { help: 'no response; the connection stays open', outcome: 'ttfb_timeout' },
  stall: { help: 'half the response, then silence', outcome: 'stalled' },
  trickle: { help: 'half the response, then a byte per second forever', outcome: 'total_timeout' },
  endless: { help: 'a response without end', outcome: 'total_timeout' },
  keepaliveOnly: {
    help: 'only comments (in line formats: blank lines), forever',
    outcome: 'total_timeout',
  },
  inbandError: {
    help: 'half the response, then an in-band error; same as `reset` if the format has none',
    outcome: 'inband_error',
  },
  truncate: {
    help: 'half the response, then a clean end of the body',
    outcome: 'truncated',
  },
  reset: { help: 'half the response, then an RST inside an HTTP chunk', outcome: 'reset' },
  finMidChunk: { help: 'half the response, then a FIN inside an HTTP chunk', outcome: 'reset' },
  contentLengthShort: { help: 'half the response, then a FIN before content-length', outcome: 'reset' },
  garbage: { help: 'bytes that are not HTTP', outcome: 'malformed' },
  badChunk: { help: 'half the response, then an HTTP chunk with an invalid length', outcome: 'malformed' },
  hugeLine: {
    help: 'half the response, then a single line of 100 MB',
    outcome: 'malformed',
  },
  dataAfterEnd: {
    help: 'a complete response, then more content',
    outcome: 'protocol_violation',
  },
  halfOpen: {
    help: 'a complete response, but neither the body nor the connection ends',
    outcome: 'complete',
  },
  splitUtf8: { help: 'a valid response whose characters are split across HTTP chunks', outcome: 'complete' },
  commentsWithin: {
    help: 'a valid response with a comment (in line formats: a blank line) after each chunk',
    outcome: 'complete',
  },
  closeDelimited: {
    help: 'a valid response without content-length or HTTP chunks, which ends with its connection',
    outcome: 'complete',
  },
};

/** Request header that selects a fault of the simulator; `none`: a valid response. */
export const FAULT_HEADER = 'x-soak-fault';
