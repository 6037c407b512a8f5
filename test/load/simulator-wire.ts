/** The simulator's real answers, on a wire in memory and on a clock that only the test moves. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { seededRandom } from '../../src/core/random.ts';
import { STREAM_ID_HEADER } from '../../src/core/stream-id.ts';
import { answerStream } from '../../src/sim/answer.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { head, LAST_CHUNK } from '../stream/peer.ts';
import type { Wire } from './wire-network.ts';

/** The longest read of the lean transport, bytes. */
const MAX_READ_BYTES = 65_536;

const REAL = { setTimeout, clearTimeout };

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  unref(): void;
}

/**
 * Stands in for `setTimeout`, `clearTimeout` and `performance.now` until it is reset. Timers are up to 0.75 ms late: all
 * times are quarters of a ms, which are exact in binary.
 */
export class VirtualTimers {
  readonly #clock: { nowMs: number };
  readonly #lateness = seededRandom(1);
  #timers: Timer[] = [];

  constructor(clock: { nowMs: number }) {
    this.#clock = clock;
    // No mocks of node:test: these keep all calls.
    performance.now = () => clock.nowMs;
    const set = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer => {
      const lateMs = Math.floor(this.#lateness() * 4) / 4;
      const timer = { dueMs: clock.nowMs + Math.ceil(ms) + lateMs, run: () => run(...args), unref() {} };
      this.#timers.push(timer);
      return timer;
    };
    globalThis.setTimeout = set as unknown as typeof setTimeout;
    globalThis.clearTimeout = (timer) => this.#drop(timer);
  }

  /** Timers that have been set and neither fired nor been cleared. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Fires what is due, in order. The clock ends at that time, or where `stopped` holds. */
  run(untilMs: number, stopped: () => boolean): void {
    while (!stopped()) {
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (first === undefined || timer.dueMs < first.dueMs ? timer : first),
        undefined,
      );
      if (next === undefined || next.dueMs > untilMs) {
        this.#clock.nowMs = untilMs;
        return;
      }
      this.#drop(next);
      this.#clock.nowMs = Math.max(this.#clock.nowMs, next.dueMs);
      next.run();
    }
  }

  reset(): void {
    Object.assign(globalThis, REAL);
    // What hides the method of its class.
    Reflect.deleteProperty(performance, 'now');
  }

  #drop(timer: unknown): void {
    this.#timers = this.#timers.filter((one) => one !== timer);
  }
}

/** The simulator's socket: what is written to it is read at once at the other end, write by write. */
class FarSocket {
  readonly #wire: Wire;
  #isOpen = true;
  #corked: Buffer[] | undefined;
  #flushed: ((error: null) => void)[] = [];
  writableLength = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** That the client has gone is seen when the response is closed, not while something is written. */
  get writable(): boolean {
    return this.#isOpen;
  }

  cork(): void {
    this.#corked = [];
  }

  uncork(): void {
    const bytes = Buffer.concat(this.#corked ?? []);
    const flushed = this.#flushed;
    this.#corked = undefined;
    this.#flushed = [];
    this.writableLength = 0;
    this.#deliver(bytes);
    for (const done of flushed) done(null);
  }

  write(bytes: Buffer, done?: (error: null) => void): void {
    if (this.#corked === undefined) {
      this.#deliver(bytes);
      done?.(null);
      return;
    }
    this.#corked.push(bytes);
    this.writableLength += bytes.length;
    if (done !== undefined) this.#flushed.push(done);
  }

  resetAndDestroy(): void {
    this.#close(() => this.#wire.break());
  }

  destroySoon(): void {
    this.#close(() => this.#wire.emit('end'));
  }

  #close(emit: () => void): void {
    this.#isOpen = false;
    if (!this.#wire.destroyed) emit();
  }

  /** A chunk of HTTP that is longer than a read comes as its length, its bytes, and its end. */
  #deliver(bytes: Buffer): void {
    const cuts = [0, bytes.length];
    if (bytes.length > MAX_READ_BYTES) cuts.splice(1, 0, bytes.indexOf('\n') + 1, bytes.length - 2);
    for (let n = 1; n < cuts.length && !this.#wire.destroyed; n++) {
      if (cuts[n]! > cuts[n - 1]!) this.#wire.send(bytes.subarray(cuts[n - 1]!, cuts[n]!));
    }
  }
}

/** As much of a response of node:http as the simulator uses. */
class FarResponse extends EventEmitter {
  readonly socket: FarSocket;
  #head: Buffer | undefined;
  #headers: Readonly<Record<string, string | number>> = {};
  headersSent = false;
  useChunkedEncodingByDefault = true;

  constructor(wire: Wire) {
    super();
    this.socket = new FarSocket(wire);
  }

  writeHead(status: number, headers: Readonly<Record<string, string | number>>): void {
    this.#headers = headers;
    const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    this.#head = Buffer.from(head(`${status} Any`, texts));
  }

  flushHeaders(): void {
    this.headersSent = true;
    this.socket.write(this.#head!);
  }

  end(body?: Buffer): void {
    if (!this.headersSent) {
      this.headersSent = true;
      this.socket.write(Buffer.concat([this.#head!, body ?? Buffer.alloc(0)]));
    } else if (this.#headers['transfer-encoding'] === 'chunked') {
      this.socket.write(Buffer.from(LAST_CHUNK));
    }
    if (this.#headers.connection === 'close') this.socket.destroySoon();
    this.emit('finish');
  }

  /** The response is done, or its connection gone. Node says so later, and the test when the stream is over. */
  close(): void {
    this.emit('close');
  }
}

/** A request as the simulator's server sees it. */
export interface FarRequest {
  readonly id: string;
  readonly path: string;
  readonly body: string;
}

/**
 * Has a simulator answer a request on a wire.
 * @returns the response, to be closed when the client is done with it
 */
export function answerOn(
  wire: Wire,
  simulation: Simulation,
  { id, path, body }: FarRequest,
): { close(): void } {
  const response = new FarResponse(wire);
  const request = Object.assign(new EventEmitter(), {
    httpVersion: '1.1',
    method: 'POST',
    url: path,
    headers: { [STREAM_ID_HEADER]: id },
    resume() {},
  });
  answerStream(simulation, request as unknown as IncomingMessage, response as unknown as ServerResponse);
  request.emit('data', Buffer.from(body));
  request.emit('end');
  return response;
}
