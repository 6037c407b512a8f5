/** The network that a relay simulates between a client and a target. `Infinity` means no limit. */
export interface NetworkShape {
  /** Round-trip time that is added, ms: half of it each way. */
  readonly latencyMs: number;
  /** The added round trip lies evenly within `latencyMs` ± this, ms: each way draws half of it. At most `latencyMs`. */
  readonly jitterMs: number;
  /** Of each connection in each direction, bits a second; `Infinity` for no limit. */
  readonly bandwidthBps: number;
  /** Share of connections that are reset, from 0 to 1. */
  readonly dropShare: number;
  /** Such a connection breaks at a moment drawn evenly from its first so many ms, or at its end if that is sooner. */
  readonly dropWithinMs: number;
  /** Every connection is reset after a time with this mean (exponential), ms; `Infinity` for never. */
  readonly dropAfterMs: number;
}
