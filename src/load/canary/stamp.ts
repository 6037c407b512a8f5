/** Bytes of a stamp: a time as a double, little-endian. */
export const STAMP_BYTES = 8;

/** The head that goes before the stamps, each of which is a chunk of its own. */
export const STAMPS_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n';

/**
 * Mean time between two stamps of one stream, ms; times are exponential, so that no periodic work stays in
 * step with them. A window of 5 s has 1000 of one thread then: enough that the upper confidence limit of its
 * p99 is no maximum.
 */
export const STAMP_INTERVAL_MS = 5;
