import net, { type Socket } from 'node:net';
import type { NetworkShape } from '../core/network.ts';
import { seededRandom } from '../core/random.ts';
import { type AddedDelay, DelayCounters, round } from './added-delay.ts';
import { DelayLine, queueBytes } from './delay-line.ts';
import { Pipe } from './pipe.ts';
import { reset } from './reset.ts';

/** How a relayed connection ended: the first cause in time. */
export const ENDS = [
  /** Both sides ended it in good order. */
  'closed',
  'reset-by-client',
  'reset-by-target',
  /** The relay broke it, as it was asked to. */
  'dropped',
  'target-unreachable',
  /** Open when the relay itself was closed. */
  'cut',
] as const;
export type End = (typeof ENDS)[number];

/** One direction of a connection, or of all of them. */
export interface DirectionRecord {
  readonly bytes: number;
  readonly added: AddedDelay;
}

/** One connection at its end: the line of the relay's log. */
export interface ConnectionRecord {
  /** Counted from 1 in the order of their coming. */
  readonly connection: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly end: End;
  /** Code of the system's error, where one ended it. */
  readonly error?: string;
  /** What the relay has added to the client's connect: always 0, the kernel completes it. */
  readonly addedConnectMs: 0;
  /** How long the relay's own connect to the target took, ms; absent where it failed. */
  readonly targetConnectMs?: number;
  /** From client to target. */
  readonly up: DirectionRecord;
  readonly down: DirectionRecord;
}

/** Where connections are relayed to. */
export interface RelayTarget {
  /** At least one address that the allowlist permits: a name could point elsewhere later. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface RelayedOptions {
  readonly number: number;
  readonly client: Socket;
  readonly target: RelayTarget;
  readonly shape: NetworkShape;
  readonly seed: number;
  readonly totals: { readonly up: DelayCounters; readonly down: DelayCounters };
  readonly clock: () => number;
  /** Called once, when both sockets are closed. */
  readonly ended: (record: ConnectionRecord) => void;
}

/** A client's connection, the relay's own one to the target, and what goes between them. */
export class RelayedConnection {
  readonly #options: RelayedOptions;
  readonly #target: Socket;
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #counters = { up: new DelayCounters(), down: new DelayCounters() };
  readonly #startMs: number;
  readonly #startedAt = new Date();
  readonly #doomed: boolean;
  #dropTimer: NodeJS.Timeout | undefined;
  #targetConnectMs: number | undefined;
  #end: End | undefined;
  #error: string | undefined;
  #open = 2;
  readonly #over = Promise.withResolvers<void>();

  constructor(options: RelayedOptions) {
    this.#options = options;
    const { client, clock, number, seed, shape, totals } = options;
    this.#startMs = clock();
    this.#target = connectTo(options.target);
    client.setNoDelay(true);
    // Draws of their own for each: what one direction draws must not hang on when the other does.
    const pipe = (from: Socket, to: Socket, way: 'up' | 'down', nth: number): Pipe =>
      new Pipe({
        from,
        to,
        line: new DelayLine(shape, seededRandom(seed, 3 * number + nth)),
        queueBytes: queueBytes(shape),
        counters: [this.#counters[way], totals[way]],
        clock,
      });
    this.#up = pipe(client, this.#target, 'up', 1);
    this.#down = pipe(this.#target, client, 'down', 2);
    this.#watch(client, this.#up, this.#down, 'reset-by-client');
    this.#watch(this.#target, this.#down, this.#up, 'reset-by-target');
    this.#target.once('connect', () => {
      this.#targetConnectMs = clock() - this.#startMs;
    });
    this.#doomed = this.#planDrop();
  }

  /** Bytes that are held at this moment, both ways. */
  get queued(): number {
    return this.#up.queued + this.#down.queued;
  }

  /** Resolves once both sockets are closed. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Resets both sides at once. */
  break(end: 'dropped' | 'cut'): void {
    this.#end ??= end;
    clearTimeout(this.#dropTimer);
    this.#up.discard();
    this.#down.discard();
    reset(this.#options.client);
    reset(this.#target);
  }

  #planDrop(): boolean {
    const { shape, seed, number } = this.#options;
    const random = seededRandom(seed, 3 * number);
    const doomed = random() < shape.dropShare;
    const share = doomed ? random() * shape.dropWithinMs : Number.POSITIVE_INFINITY;
    const after = -Math.log(1 - random()) * shape.dropAfterMs;
    // 0 × ∞, for a draw of exactly 0.
    const dropMs = Math.min(share, Number.isNaN(after) ? Number.POSITIVE_INFINITY : after);
    if (dropMs < 0x7fff_ffff) this.#dropTimer = setTimeout(() => this.break('dropped'), dropMs);
    return doomed;
  }

  #watch(socket: Socket, onwards: Pipe, backwards: Pipe, broken: End): void {
    socket.on('end', () => {
      // A share of connections is asked for: one that ends before its moment must not escape.
      if (this.#doomed && this.#end === undefined) this.break('dropped');
      else onwards.fin();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#end === undefined) this.#error = error.code ?? error.message;
      backwards.discard();
      if (socket === this.#target && this.#targetConnectMs === undefined) {
        this.#end ??= 'target-unreachable';
        // The way there, which no bytes have gone.
        onwards.reset(this.#options.clock() + this.#options.shape.latencyMs / 2);
      } else {
        this.#end ??= broken;
        onwards.reset();
      }
    });
    socket.once('close', () => {
      backwards.discard();
      if (--this.#open === 0) this.#finish();
    });
  }

  #finish(): void {
    clearTimeout(this.#dropTimer);
    const { number, clock, ended } = this.#options;
    const direction = ({ bytes, added }: DelayCounters): DirectionRecord => ({ bytes, added });
    ended({
      connection: number,
      startedAt: this.#startedAt.toISOString(),
      durationMs: round(clock() - this.#startMs),
      end: this.#end ?? 'closed',
      error: this.#error,
      addedConnectMs: 0,
      ...(this.#targetConnectMs === undefined ? {} : { targetConnectMs: round(this.#targetConnectMs) }),
      up: direction(this.#counters.up),
      down: direction(this.#counters.down),
    });
    this.#over.resolve();
  }
}

/** Tries the addresses as Node does those of a name, which may have one of each family. */
function connectTo({ addresses, port }: RelayTarget): Socket {
  const found = addresses.map((address) => ({ address, family: net.isIP(address) }));
  return net.connect({
    // Never looked up.
    host: 'relay-target.invalid',
    port,
    lookup: (_host, { all }, done) =>
      all === true ? done(null, found) : done(null, found[0]!.address, found[0]!.family),
    allowHalfOpen: true,
    noDelay: true,
  });
}
