import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SimulatedOutcome } from '../core/simulator.ts';
import type { Ending } from './fault-scripts.ts';
import type { Frame } from './frames.ts';
import type { Ledger, StreamRecord } from './ledger.ts';
import type { Script } from './script.ts';

/**
 * Between the last byte and the RST or FIN, ms. A reset may discard bytes that the client has not read yet,
 * and the ground truth would then count more than the client can see.
 */
const BREAK_AFTER_MS = 50;

/** Chunks written in one turn of the event loop by one stream that is behind, so that others get theirs. */
const MAX_BURST = 64;

/** Maximum delay of a timer, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const NOTHING = Buffer.alloc(0);

/** When a stream plays. */
export interface Timing {
  /** performance.now() of the complete request; absent: now. */
  readonly requestedAt?: number;
  /** Delays events that fall into a pause. */
  readonly notBefore?: ((dueMs: number) => number) | undefined;
}

/**
 * Plays one script on a socket. The head goes through node:http; the chunks, framed once in advance, go to
 * the socket as they are (`res.write` would frame each of them again: about a fifth more user CPU);
 * `res.end()` writes the last chunk (of length 0) and returns the connection, since node:http sees an empty
 * chunked body.
 */
export class Player {
  readonly #script: Script;
  readonly #record: StreamRecord;
  readonly #ledger: Ledger;
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  readonly #startedAt: number;
  readonly #notBefore: ((dueMs: number) => number) | undefined;
  /** When the next frame is due. Advanced by gaps alone, so that lateness never adds up. */
  #dueAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Handed to the socket, not yet to the kernel. */
  #unflushed: Frame | undefined;
  #decided = false;

  constructor(
    script: Script,
    record: StreamRecord,
    ledger: Ledger,
    response: ServerResponse,
    socket: Socket,
    { requestedAt = performance.now(), notBefore }: Timing = {},
  ) {
    this.#script = script;
    this.#record = record;
    this.#ledger = ledger;
    this.#response = response;
    this.#socket = socket;
    this.#startedAt = requestedAt;
    this.#notBefore = notBefore;
  }

  /** Call when the head is flushed. */
  start(): void {
    const now = performance.now();
    this.#dueAt = now;
    this.#advance(this.#script.ttfbMs);
    // Even a millisecond would double the time of a prebuilt answer.
    if (this.#dueAt <= now) this.#play();
    else this.#arm(now);
  }

  /** Call when the response is complete or its connection closed; releases everything. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#unflushed = undefined;
  }

  /** How the stream ends if the client leaves now. */
  get outcomeIfLeft(): SimulatedOutcome {
    return this.#decided ? this.#script.outcome : 'cancelled';
  }

  #advance(ms: number): void {
    this.#dueAt += ms;
    if (this.#notBefore !== undefined) this.#dueAt = this.#notBefore(this.#dueAt);
  }

  #arm(now: number): void {
    const ms = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(this.#dueAt - now)));
    this.#timer = setTimeout(playDue, ms, this);
  }

  /** Called by the timer. */
  onDue(): void {
    const now = performance.now();
    // A timer counts from the beginning of its turn of the loop, and so may fire before its time.
    if (this.#dueAt - now > 1) {
      this.#arm(now);
    } else {
      this.#ledger.late(Math.max(0, now - this.#dueAt));
      this.#play();
    }
  }

  /**
   * Writes the frames that are due, then waits for the next one or for the client to read, or is finished.
   */
  #play(): void {
    let now: number;
    let burst = 0;
    do {
      const frame = this.#script.next();
      if (frame === undefined) {
        ENDINGS[this.#script.ending](this);
        return;
      }
      const writtenAt = this.#write(frame);
      if (writtenAt === undefined) return;
      now = writtenAt;
      this.#advance(this.#script.gapMs);
    } while (this.#dueAt <= now && ++burst < MAX_BURST);
    this.#arm(now);
  }

  /**
   * @returns when the kernel took the frame; `undefined` if it took only a part: playing resumes with the
   * rest
   */
  #write(frame: Frame): number | undefined {
    const socket = this.#socket;
    // After the client's FIN node has ended our side as well; `close` follows and settles.
    if (!socket.writable) return undefined;
    socket.write(frame.wire);
    // The kernel may refuse it at once (EPIPE, ECONNRESET): then nothing waits, and nothing was sent either.
    if (!socket.writable) return undefined;
    if (socket.writableLength === 0) {
      const now = performance.now();
      this.#count(frame, now);
      return now;
    }
    // An empty write is called back when all before it is flushed. Waiting for it, rather than for `drain`,
    // keeps at most one frame in memory and never counts bytes that the kernel has not accepted.
    this.#unflushed = frame;
    socket.write(NOTHING, (error) => {
      if (error == null) this.#flushed();
    });
    return undefined;
  }

  #flushed(): void {
    const frame = this.#unflushed;
    if (frame === undefined) return;
    this.#unflushed = undefined;
    const now = performance.now();
    this.#count(frame, now);
    this.#advance(this.#script.gapMs);
    if (this.#dueAt > now) this.#arm(now);
    else this.#play();
  }

  #count(frame: Frame, now: number): void {
    if (frame.decides) this.#decided = true;
    this.#ledger.sent(this.#record, frame, now - this.#startedAt);
  }

  // ── endings ──

  /** Ends the body properly. */
  end(): void {
    this.#decided = true;
    this.#response.once('finish', () => {
      this.#ledger.ended(this.#record, performance.now() - this.#startedAt);
      this.#ledger.settle(this.#record, this.#script.outcome);
    });
    this.#response.end();
  }

  /** Leaves the connection open and silent. */
  hold(): void {
    this.#decided = true;
  }

  /** Breaks the connection within the answer. */
  breakOff(how: (socket: Socket) => void): void {
    this.#timer = setTimeout(() => {
      this.#ledger.settle(this.#record, this.#script.outcome);
      how(this.#socket);
    }, BREAK_AFTER_MS);
  }
}

const ENDINGS: Readonly<Record<Ending, (player: Player) => void>> = {
  end: (player) => player.end(),
  hold: (player) => player.hold(),
  reset: (player) => player.breakOff((socket) => socket.resetAndDestroy()),
  fin: (player) => player.breakOff((socket) => socket.destroySoon()),
};

/** One function for all timers, not a closure for each chunk. */
function playDue(player: Player): void {
  player.onDue();
}
