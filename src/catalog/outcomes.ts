import type { Outcome } from '../core/outcome.ts';

/** Meaning of each outcome, for logs, the page and the docs. */
export const OUTCOME_HELP: Readonly<Record<Outcome, string>> = {
  complete: 'the stream ended as its format requires',
  limited: 'complete, but cut short by the target (length, filter, refusal, pause)',
  connect_error: 'no connection: refused, unreachable, name not found, connect timeout',
  tls_error: 'the TLS handshake failed: certificate, protocol, or a broken connection',
  http_error: 'status 400 or above, or a redirect (never followed)',
  wrong_content_type: 'a content type that the format does not accept, or no body (204)',
  ttfb_timeout: 'no byte of the body within the TTFB timeout',
  stalled: 'no byte for the idle timeout, after the first byte',
  total_timeout: 'not finished within the total timeout',
  inband_error: 'the target reported an error inside a successful response',
  truncated: 'the body ended cleanly, without its terminal event or without content',
  reset: 'the connection broke, or ended inside the framing',
  malformed: 'not HTTP, not the format, or a line or event above the size limit',
  protocol_violation: 'content or an error after the terminal event, or a gap in a sequence',
  below_minimum: 'ended well with fewer chunks, bytes or characters than expected',
  cancelled: 'ended by soakd itself: a stop, fewer users with a grace period, shutdown',
  generator_lost: "the generator's own fault: no descriptor or port left, a worker that died",
};
