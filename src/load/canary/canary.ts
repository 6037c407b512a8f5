import { buildAllowlist } from '../../core/allow.ts';
import { monotonicMs } from '../../core/clock.ts';
import type { Transport } from '../../core/target.ts';
import type { ClassifierResult, StreamClassifier } from '../../formats/classifier.ts';
import { HttpStream, type StreamObserver } from '../../stream/stream.ts';
import { ownTarget, type ReadyTarget } from '../../target/ready-target.ts';
import type { Connection } from '../../transport/connection.ts';
import { Connector, dialOptions } from '../../transport/connector.ts';
import type { Network } from '../../transport/dial.ts';
import type { Recorder } from '../recorder.ts';
import { STAMP_BYTES, STAMP_INTERVAL_MS } from './stamp.ts';

/** Silence that counts as late, ms: by chance it happens once in 10¹⁰ stamps. */
const SILENT_MS = 50 * STAMP_INTERVAL_MS;
/** Between the end of a stream and the next try, ms. */
const RETRY_MS = 500;
const TIMEOUTS = {
  connectMs: 2000,
  ttfbMs: 2000,
  idleMs: 2000,
  totalMs: Number.POSITIVE_INFINITY,
  lingerMs: 0,
};

export interface CanaryOptions {
  /** Of the server that writes stamps. */
  readonly port: number;
  /** Those that carry streams of this thread. */
  readonly transports: ReadonlySet<Transport>;
  readonly recorder: Pick<Recorder, 'measurementLag'>;
  readonly network: Network;
  /** Monotonic ms: the clock that this thread takes its times by. */
  readonly clock: () => number;
}

/**
 * Measures how late this thread sees bytes that have arrived: one stream for each transport, read through the
 * same path as the streams of the run; its chunks hold the time at which they were written. No target counts
 * any of it. It does not see the cost of TLS, nor data that waits inside an HTTP/2 connection.
 */
export class Canary {
  readonly #readers: readonly StampReader[];

  constructor({ transports, ...options }: CanaryOptions) {
    this.#readers = [...transports].map((transport) => new StampReader(transport, options));
  }

  start(): void {
    for (const reader of this.#readers) reader.start();
  }

  /** Called a few times a second, before reads: a missing stamp is late, too. */
  listen(): void {
    for (const reader of this.#readers) reader.listen();
  }

  /** Called a few times a second, after reads: applies the limits of its own streams. */
  sweep(): void {
    for (const reader of this.#readers) reader.sweep();
  }

  /** Moves the limits of its own streams. */
  frozen(middleMs: number, lengthMs: number): void {
    for (const reader of this.#readers) reader.frozen(middleMs, lengthMs);
  }

  stop(): void {
    for (const reader of this.#readers) reader.stop();
  }
}

const nothing = (): void => {};

/** One stream of stamps, begun again where it ends. */
class StampReader implements StreamClassifier, StreamObserver {
  readonly #transport: Transport;
  readonly #options: Omit<CanaryOptions, 'transports'>;
  readonly #target: ReadyTarget;
  readonly #connector: Connector;
  /** What the thread's clock is ahead of the one that all threads share, ms. */
  readonly #aheadMs: number;
  readonly #stamp = Buffer.alloc(STAMP_BYTES);
  #length = 0;
  #connection: Connection | undefined;
  #stream: HttpStream | undefined;
  /** On the thread's clock; absent before the first stamp. */
  #heardMs: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  #running = false;

  constructor(transport: Transport, options: Omit<CanaryOptions, 'transports'>) {
    this.#transport = transport;
    this.#options = options;
    const { port, network, clock } = options;
    this.#target = ownTarget(
      { port, transport },
      { name: 'canary', format: 'raw', timeouts: TIMEOUTS, fresh: true },
    );
    this.#connector = new Connector(dialOptions(this.#target.route, buildAllowlist([]), network, clock));
    this.#aheadMs = clock() - monotonicMs();
  }

  start(): void {
    this.#running = true;
    this.#open();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#retry);
    this.#stream?.cancel('cancelled');
    this.#connection?.destroy();
  }

  sweep(): void {
    this.#stream?.sweep(this.#options.clock());
  }

  frozen(middleMs: number, lengthMs: number): void {
    this.#stream?.frozen(middleMs, lengthMs);
  }

  listen(): void {
    const nowMs = this.#options.clock();
    if (!this.#running || this.#heardMs === undefined) return;
    const silentMs = nowMs - this.#heardMs;
    if (silentMs > SILENT_MS) this.#options.recorder.measurementLag(this.#transport, silentMs);
  }

  // ── as the classifier of its stream ──

  read(
    bytes: Uint8Array,
    _newRead: boolean,
    _counters: unknown,
    start = 0,
    end = bytes.length,
  ): ClassifierResult | undefined {
    for (let i = start; i < end; i++) {
      this.#stamp[this.#length++] = bytes[i]!;
      if (this.#length === STAMP_BYTES) this.#hear();
    }
    return undefined;
  }

  end(): ClassifierResult {
    return { outcome: 'truncated' };
  }

  // ── as the observer of its stream ──

  readonly connected = nothing;
  readonly written = nothing;
  readonly responded = nothing;
  readonly firstByte = nothing;
  readonly firstContent = nothing;
  readonly chunks = nothing;
  readonly body = nothing;

  ended(): void {
    this.#stream = undefined;
    if (!this.#running) return;
    this.#retry = setTimeout(() => this.#open(), RETRY_MS);
    this.#retry.unref();
  }

  #open(): void {
    this.#length = 0;
    if (this.#connection === undefined || this.#connection.destroyed)
      this.#connection = this.#connector.connect();
    this.#stream = new HttpStream('canary', this.#target, this.#connection, this, this.#options.clock, this);
    this.#stream.start([], undefined);
  }

  /** Timings use the time of the read, so its distance to the stamp is how late they are. */
  #hear(): void {
    this.#length = 0;
    const { readAtMs } = this.#connection!;
    this.#heardMs = readAtMs;
    const lagMs = readAtMs - this.#aheadMs - this.#stamp.readDoubleLE(0);
    this.#options.recorder.measurementLag(this.#transport, lagMs);
  }
}
