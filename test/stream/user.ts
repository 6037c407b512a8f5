import assert from 'node:assert/strict';
import { type AddressGuard, buildAllowlist } from '../../src/core/allow.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { formatNamed } from '../../src/formats/list.ts';
import { bodyFor, headersFor } from '../../src/stream/request.ts';
import { HttpStream, type StreamObserver } from '../../src/stream/stream.ts';
import type { ReadyTarget } from '../../src/target/ready-target.ts';
import type { Route } from '../../src/target/route.ts';
import type { Connection } from '../../src/transport/connection.ts';
import { Connector, dialOptions } from '../../src/transport/connector.ts';
import { type DialTimes, NETWORK, type Network } from '../../src/transport/dial.ts';
import { transport } from '../transport/transports.ts';

/** Limits that no test comes near to, unless it sets its own. */
const LONG = { connectMs: 20_000, ttfbMs: 20_000, idleMs: 20_000, totalMs: 40_000, lingerMs: 20_000 };

export type TargetOptions = Partial<Omit<ReadyTarget, 'route' | 'timeouts' | 'expect'>> &
  Partial<Route> & {
    readonly timeouts?: Partial<ReadyTarget['timeouts']>;
    readonly expect?: Partial<ReadyTarget['expect']>;
  };

/** A target on loopback: events that end with `[DONE]`, unless told otherwise. */
export function targetAt(port: number, options: TargetOptions = {}): ReadyTarget {
  const { host = '127.0.0.1', tls, path = '/stream', pinned = [], socketPath, proxy, names, http2 } = options;
  const { origin = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`, ...more } = options;
  const via = tls !== undefined || proxy !== undefined ? 'undici' : transport();
  return {
    name: 'target',
    method: 'POST',
    headers: ['content-type', 'application/json'],
    body: { pieces: ['{}'], json: true },
    prompts: [],
    format: 'sse',
    terminal: (options.format ?? 'sse') === 'sse' ? { kind: 'data', data: '[DONE]' } : undefined,
    contentTypes: formatNamed(options.format ?? 'sse').contentTypes,
    fresh: false,
    tailBytes: 0,
    secrets: [],
    ...more,
    route: {
      origin,
      host,
      port,
      tls,
      path,
      pinned,
      socketPath,
      proxy,
      names,
      http2,
      transport: options.transport ?? via,
    },
    expect: { minChunks: 0, minBytes: 0, minCharacters: 0, ...options.expect },
    timeouts: { ...LONG, ...options.timeouts },
  };
}

/** Writes down what it is told of one stream, and what breaks the observer's contract. */
export class Seen implements StreamObserver {
  readonly connects: DialTimes[] = [];
  readonly responses: { status: number; headersMs: number; accepted: boolean }[] = [];
  readonly firstBytes: { ms: number; accepted: boolean }[] = [];
  readonly firstContents: number[] = [];
  /** One entry for each chunk: the gaps before it. */
  readonly gaps: (number | undefined)[] = [];
  chunkCount = 0;
  readonly outcomes: Outcome[] = [];
  readonly faults: string[] = [];
  written_ = 0;
  bytes = 0;
  reads = 0;
  characters = 0;
  keepalives = 0;
  stream!: HttpStream;
  readonly #over = Promise.withResolvers<void>();

  /** Resolves when the stream has ended. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  get outcome(): Outcome | undefined {
    return this.outcomes[0];
  }

  get durationMs(): number {
    return this.stream.decidedMs! - this.stream.startMs;
  }

  connected(times: DialTimes): void {
    this.#alive('connected');
    this.#expect(this.written_ === 0 && this.connects.length === 0, 'connected late or twice');
    this.#expect(this.stream.phase === 'connecting', 'connected in another phase');
    this.connects.push({ ...times });
  }

  written(): void {
    this.#alive('written');
    this.#expect(this.stream.phase === 'waiting', 'written in another phase');
    this.#expect(this.written_++ === 0, 'written twice');
  }

  responded(status: number, headersMs: number, accepted: boolean): void {
    this.#alive('responded');
    this.#expect(this.stream.phase === 'waiting', 'responded in another phase');
    this.#expect(this.written_ === 1 && this.responses.length === 0, 'responded early or twice');
    this.responses.push({ status, headersMs, accepted });
  }

  firstByte(ms: number, accepted: boolean): void {
    this.#alive('firstByte');
    this.#expect(this.firstBytes.length === 0, 'a second first byte');
    // Where it is told of one that never came, the phase stays.
    const phase = this.stream.firstByteMs === undefined ? 'waiting' : 'streaming';
    this.#expect(this.stream.phase === phase, 'first byte in another phase');
    this.firstBytes.push({ ms, accepted });
  }

  firstContent(ms: number): void {
    this.#alive('firstContent');
    this.#expect(this.firstContents.length === 0, 'a second first content');
    this.firstContents.push(ms);
  }

  chunks(count: number, withContent: number, gapMs: number | undefined): void {
    this.#alive('chunks');
    this.#expect(count > 0, 'no chunk');
    this.#expect(withContent <= count, 'more chunks with content than chunks');
    this.chunkCount += count;
    if (withContent === 0) {
      this.#expect(gapMs === undefined, 'a gap without content');
      return;
    }
    this.#expect(
      (gapMs === undefined) === (this.gaps.length === 0),
      'a gap before the first content, or none later',
    );
    this.#expect(gapMs === undefined || gapMs >= 0, 'a negative gap');
    this.gaps.push(gapMs, ...Array<number>(withContent - 1).fill(0));
  }

  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void {
    this.#alive('body');
    this.bytes += bytes;
    if (newRead) this.reads++;
    this.characters += characters;
    this.keepalives += keepalives;
  }

  ended(stream: HttpStream, outcome: Outcome): void {
    this.outcomes.push(outcome);
    this.#expect(this.outcomes.length === 1, 'ended twice');
    this.#expect(stream === this.stream, 'another stream ended');
    const { counters, headersMs, firstByteMs, firstContentMs, decidedMs, startMs } = stream;
    this.#expect(decidedMs !== undefined && decidedMs >= startMs, 'no duration');
    this.#expect(stream.bytes === this.bytes, 'bytes differ');
    this.#expect(counters.chunks === this.chunkCount, 'chunks differ');
    this.#expect(counters.characters === this.characters, 'characters differ');
    this.#expect(counters.keepalives === this.keepalives, 'keep-alives differ');
    this.#expect(
      (headersMs ?? 0) <= (firstByteMs ?? Number.POSITIVE_INFINITY),
      'a first byte before the headers',
    );
    this.#expect(
      (firstByteMs ?? 0) <= (firstContentMs ?? Number.POSITIVE_INFINITY),
      'content before the first byte',
    );
    this.#over.resolve();
  }

  #alive(what: string): void {
    this.#expect(this.outcomes.length === 0, `${what} after the end`);
  }

  #expect(holds: boolean, fault: string): void {
    if (!holds) this.faults.push(fault);
  }
}

interface UserOptions {
  readonly network?: Network;
  readonly sweepMs?: number;
  readonly frozen?: boolean;
  readonly guard?: AddressGuard;
  readonly connector?: Connector;
}

/** Runs streams one after another, as a virtual user does, and sweeps their limits. */
export class User {
  readonly target: ReadyTarget;
  readonly #connector: Connector;
  readonly #seen: Seen[] = [];
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | undefined;
  /** Added to the clock: time passes without waiting for it. */
  skippedMs = 0;
  readonly clock: () => number;

  /**
   * @param frozen the clock goes by `skippedMs` alone
   * @param guard in place of that of loopback
   * @param connector shared with other users
   */
  constructor(
    target: ReadyTarget,
    { network = NETWORK, sweepMs = 10, frozen = false, guard, connector }: UserOptions = {},
  ) {
    this.target = target;
    this.#timer = setInterval(() => this.sweep(), sweepMs);
    this.clock = () => (frozen ? 0 : performance.now()) + this.skippedMs;
    const dial = dialOptions(target.route, buildAllowlist([]), network, this.clock);
    this.#connector = connector ?? new Connector(guard === undefined ? dial : { ...dial, guard });
  }

  /** The connection that the next stream would use. */
  get connection(): Connection {
    if (this.#connection === undefined || this.#connection.destroyed) {
      this.#connection = this.#connector.connect();
    }
    return this.#connection;
  }

  start(prompt?: string): Seen {
    const seen = new Seen();
    const stream = new HttpStream(
      `test-${this.#seen.length}`,
      this.target,
      this.connection,
      seen,
      this.clock,
      formatNamed(this.target.format).classifier(this.target)(),
    );
    seen.stream = stream;
    this.#seen.push(seen);
    stream.start(headersFor(this.target, stream.id), bodyFor(this.target, prompt));
    return seen;
  }

  async run(): Promise<Seen> {
    const seen = this.start();
    await seen.over;
    return seen;
  }

  sweep(): void {
    for (const { stream, outcome } of this.#seen) if (outcome === undefined) stream.sweep(this.clock());
  }

  /** Closes what is kept, after a while in which something late could have happened, and checks the contract. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    clearInterval(this.#timer);
    this.#connection?.destroy();
    for (const seen of this.#seen) {
      assert.equal(seen.outcomes.length, 1, `ended ${seen.outcomes.length} times`);
      assert.deepEqual(seen.faults, []);
    }
  }
}
