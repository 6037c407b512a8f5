import type { NetworkShape } from '../core/network.ts';
import type { Random } from '../core/random.ts';

/** A part of what was read at once, and when it is through the line, ms. */
export interface Piece {
  readonly length: number;
  readonly dueMs: number;
}

/** What an Ethernet frame carries of a TCP stream: the smallest part that is paced on its own, bytes. */
const SEGMENT_BYTES = 1448;
/** On fast lines parts are as long as the line takes this time for, ms: timers are no finer. */
const PACE_MS = 5;

/**
 * One direction of a simulated line. A pure function of time and draws: bytes first wait until the line is
 * free, then occupy it for their length (bandwidth), then travel (half of the round trip, with jitter). They
 * never overtake each other.
 */
export class DelayLine {
  readonly #shape: NetworkShape;
  readonly #random: Random;
  readonly #bytesPerMs: number;
  readonly #pieceBytes: number;
  /** When the line is free again: the last byte so far has been put on it. */
  #freeMs = 0;
  /** When the last byte so far arrives. */
  #lastDueMs = 0;

  constructor(shape: NetworkShape, random: Random) {
    this.#shape = shape;
    this.#random = random;
    this.#bytesPerMs = shape.bandwidthBps / 8000;
    this.#pieceBytes = Math.max(SEGMENT_BYTES, Math.floor(this.#bytesPerMs * PACE_MS));
  }

  /**
   * Sends bytes that were read at once.
   * @param length bytes; 0 for an end of the stream, which is one piece of length 0
   */
  send(nowMs: number, length: number): Piece[] {
    // One draw for a read: its bytes left together, and of many draws the largest would hold back all.
    const travelMs = this.#drawTravelMs();
    const pieces: Piece[] = [];
    let rest = length;
    do {
      const size = Math.min(rest, this.#pieceBytes);
      this.#freeMs = Math.max(nowMs, this.#freeMs) + size / this.#bytesPerMs;
      this.#lastDueMs = Math.max(this.#lastDueMs, this.#freeMs + travelMs);
      pieces.push({ length: size, dueMs: this.#lastDueMs });
      rest -= size;
    } while (rest > 0);
    return pieces;
  }

  #drawTravelMs(): number {
    const { latencyMs, jitterMs } = this.#shape;
    return (latencyMs + jitterMs * (2 * this.#random() - 1)) / 2;
  }
}

const MIN_QUEUE_BYTES = 16_384;
const MAX_QUEUE_BYTES = 1_048_576;

/**
 * @returns bytes that may be on their way in one direction before the sender is made to wait: twice what fits on
 * the line in a round trip, as a router's buffer has it. More would only be waited for.
 */
export function queueBytes({ latencyMs, jitterMs, bandwidthBps }: NetworkShape): number {
  const bytes = (2 * (latencyMs + jitterMs) * bandwidthBps) / 8000;
  // No limit of bandwidth and no latency is NaN: nothing waits then.
  if (Number.isNaN(bytes)) return MAX_QUEUE_BYTES;
  return Math.min(MAX_QUEUE_BYTES, Math.max(MIN_QUEUE_BYTES, Math.ceil(bytes)));
}
