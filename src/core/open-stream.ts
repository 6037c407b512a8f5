/** A query for open streams: the most silent first, then the oldest. */
export interface OpenStreamQuery {
  /** Only those that are silent for longer than their stall limit. */
  readonly stalledOnly: boolean;
  readonly target?: string;
  /** At most this many. */
  readonly limit: number;
}

/** A stream that is open now. Times are ms. */
export interface OpenStream {
  readonly id: string;
  readonly target: string;
  readonly phase: 'connecting' | 'waiting' | 'streaming';
  readonly ageMs: number;
  /** Since the last byte; before the first one, since the request was written; 0 while connecting. */
  readonly silenceMs: number;
  readonly stalled: boolean;
  readonly chunks: number;
  readonly bytes: number;
}

/** Puts the most silent first, and of those the oldest. */
export function bySilence(a: OpenStream, b: OpenStream): number {
  return b.silenceMs - a.silenceMs || b.ageMs - a.ageMs;
}
