/** How a stream can end. A fixed list: it is the only source of values of the `outcome` label. */
export const OUTCOMES = [
  'complete',
  'limited',
  'connect_error',
  'tls_error',
  'http_error',
  'wrong_content_type',
  'ttfb_timeout',
  'stalled',
  'total_timeout',
  'inband_error',
  'truncated',
  'reset',
  'malformed',
  'protocol_violation',
  'below_minimum',
  'cancelled',
  'generator_lost',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** How a stream ended, and the detail of a failure. */
export interface ClassifierResult {
  readonly outcome: Outcome;
  /** For the log. Holds no content of the stream. */
  readonly detail?: string;
}

/** The class of an outcome. `cancelled` and `lost` are outside every ratio. */
export const RESULTS = ['success', 'failed', 'cancelled', 'lost'] as const;

export type Result = (typeof RESULTS)[number];

/** @returns the result that an outcome counts as (`STREAMS.md`: success, failed, cancelled, lost) */
export function resultOf(outcome: Outcome): Result {
  switch (outcome) {
    case 'complete':
    case 'limited':
      return 'success';
    case 'cancelled':
      return 'cancelled';
    case 'generator_lost':
      return 'lost';
    default:
      return 'failed';
  }
}
