import type { Outcome } from '../core/outcome.ts';

/** What an outcome says about the target, and what to do. */
export interface Advice {
  readonly meaning: string;
  readonly action: string;
}

/** Advice for every outcome that is not a success. */
const ADVICE: Readonly<Record<Exclude<Outcome, 'complete' | 'limited'>, Advice>> = {
  connect_error: {
    meaning: 'No connection to the target.',
    action: 'Check that the target runs and listens, its connection limit, and the network in between.',
  },
  tls_error: {
    meaning: 'The TLS handshake failed.',
    action: 'Check certificate, name and expiry with "soakd probe".',
  },
  http_error: {
    meaning: 'The target answered with an HTTP error.',
    action: 'Read the status below: 429 is a rate limit, 5xx an error in the log of the target.',
  },
  wrong_content_type: {
    meaning: 'The answer has another content type than a stream.',
    action: 'Compare the URL and the accept header; a proxy or a login page may answer.',
  },
  ttfb_timeout: {
    meaning: 'The first byte did not arrive in time.',
    action: 'Check whether requests queue: workers, pool sizes, upstream limits. Lower the load to compare.',
  },
  stalled: {
    meaning: 'The stream stopped sending in the middle.',
    action: 'Check for blocked workers, upstream stalls, and proxies that buffer.',
  },
  total_timeout: {
    meaning: 'The stream took longer than its limit.',
    action: 'Compare the duration with timeouts.total, and the speed of chunks with earlier levels.',
  },
  inband_error: {
    meaning: 'The stream reported an error in its body.',
    action: 'Read the detail below, and the log of the target for the same time.',
  },
  truncated: {
    meaning: 'The stream ended without its terminal event.',
    action: 'Check for restarts and for worker timeouts on the target, and whether "terminal" is right.',
  },
  reset: {
    meaning: 'The connection was reset.',
    action: 'Check for crashes, restarts and idle timeouts of the target or a proxy.',
  },
  malformed: {
    meaning: 'The body is not valid in its format.',
    action: 'Check "format" with "soakd probe"; an interleaved or compressed body also looks like this.',
  },
  protocol_violation: {
    meaning: 'The answer breaks HTTP.',
    action: 'Check the server and the proxy in between with "soakd probe".',
  },
  below_minimum: {
    meaning: 'The stream was shorter than "expect" allows.',
    action: 'Compare the content with a single request; the target may cut answers under load.',
  },
  cancelled: { meaning: 'soakd cancelled the stream.', action: 'Nothing to do.' },
  generator_lost: {
    meaning: 'soakd lost the stream.',
    action: 'Raise the limits for descriptors and ports of this machine; "soakd doctor" says which.',
  },
};

/** Returns the advice for an outcome, also for one of a newer version. */
export function adviceFor(outcome: string): Advice {
  return (
    (ADVICE as Readonly<Record<string, Advice>>)[outcome] ?? {
      meaning: `The stream ended with ${outcome}.`,
      action: 'Read the detail below.',
    }
  );
}
