import type { Outcome } from '../core/outcome.ts';

/** Meaning of each outcome, for logs, the page and the docs. */
export const OUTCOME_HELP: Readonly<Record<Outcome, string>> = {
  complete: 'the stream ended as its format requires',
  limited: 'complete, but the target cut it short (length, filter, refusal, pause)',
  connect_error: 'no connection: refused, unreachable, name not found, or connect timeout',
  tls_error: 'the TLS handshake failed: certificate, protocol, or a broken connection',
  http_error: 'the status is 400 or above, or a redirect (never followed)',
  wrong_content_type: 'the format does not accept the content type, or there is no body (204)',
  ttfb_timeout: 'no byte of the body arrived within the TTFB timeout',
  stalled: 'after the first byte, no byte arrived for the idle timeout',
  total_timeout: 'the stream did not finish within the total timeout',
  inband_error: 'the target reported an error inside a successful response',
  truncated: 'the body ended cleanly, without its terminal event or without content',
  reset: 'the connection broke, or ended inside the framing',
  malformed: 'the answer violates HTTP, the format, or the size limit of a line or event',
  protocol_violation: 'content or an error came after the terminal event, or a sequence has a gap',
  below_minimum: 'complete, but with fewer chunks, bytes or characters than expected',
  cancelled: 'soakd ended the stream: a stop, fewer users with a grace period, shutdown',
  generator_lost: 'lost by soakd: out of descriptors or ports, a thread died, or it was killed',
};
