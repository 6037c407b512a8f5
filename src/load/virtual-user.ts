import type { Phase } from '../catalog/slots.ts';
import { type Outcome, resultOf } from '../core/outcome.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { ClassifierFactory } from '../formats/classifier.ts';
import type { EndedStream } from '../measures/ended-stream.ts';
import { bodyFor, headersFor } from '../stream/request.ts';
import { HttpStream, type StreamObserver } from '../stream/stream.ts';
import type { ReadyTarget } from '../target/ready-target.ts';
import type { Connection } from '../transport/connection.ts';
import type { Connector } from '../transport/connector.ts';
import type { DialTimes } from '../transport/dial.ts';
import type { Recorder, TargetRecorder } from './recorder.ts';

/** What the virtual users of a worker have in common. */
export interface UserContext {
  readonly runId: string;
  readonly targets: readonly ReadyTarget[];
  /** By the index of the target. */
  readonly connectors: readonly Connector[];
  /** By the index of the target. */
  readonly classifiers: readonly ClassifierFactory[];
  readonly recorder: Recorder;
  /** Monotonic ms. */
  readonly clock: () => number;
  /** Streams that are open, for the sweep of their limits. */
  readonly open: Set<HttpStream>;
  /** Called for every stream that ends. */
  readonly finished: (result: StreamResult) => void;
}

/**
 * Holds one stream at a time, on a connection of its own. It keeps the connection to the target that it used last, so the
 * sockets of a run are its users, not users times targets.
 */
export class VirtualUser implements StreamObserver {
  readonly name: string;
  readonly #context: UserContext;
  readonly #connections: (Connection | undefined)[] = [];
  #count = 0;
  #recorder!: TargetRecorder;
  #stream: HttpStream | undefined;
  #phase: Phase = 'connecting';
  #dueMs = 0;
  #ended: (outcome: Outcome, stream: HttpStream) => void = () => {};

  constructor(name: string, context: UserContext) {
    this.name = name;
    this.#context = context;
  }

  /** Whether a stream to this target, started now, would have to open a connection. */
  mustDial(target: number): boolean {
    return this.#context.targets[target]!.fresh || (this.#connections[target]?.mustDial ?? true);
  }

  /**
   * Starts a stream. The user must be free.
   * @param dueMs when it was due; what has passed since then is schedule lag
   * @param ended called once, when the user is free again
   */
  start(
    target: number,
    prompt: string | undefined,
    dueMs: number,
    ended: (outcome: Outcome, stream: HttpStream) => void,
  ): void {
    const { targets, classifiers, recorder, clock, open } = this.#context;
    const streamTarget = targets[target]!;
    this.#closeOthers(target);
    const classifier = classifiers[target]!();
    if (!recorder.targets[target]!.needsLastData) classifier.skipLastData?.();
    const stream = new HttpStream(
      `${this.#context.runId}-${this.name}-${++this.#count}`,
      streamTarget,
      this.#connectionTo(target),
      this,
      clock,
      classifier,
    );
    this.#stream = stream;
    this.#recorder = recorder.targets[target]!;
    this.#dueMs = dueMs;
    this.#ended = ended;
    this.#phase = 'connecting';
    recorder.scheduleLag(stream.startMs - dueMs);
    this.#recorder.started();
    open.add(stream);
    stream.start(headersFor(streamTarget, stream.id), bodyFor(streamTarget, prompt));
  }

  /** Cancels its stream, where that began before a time of the clock. */
  cancel(startedBeforeMs: number): void {
    if (this.#stream !== undefined && this.#stream.startMs < startedBeforeMs)
      this.#stream.cancel('cancelled');
  }

  /** Closes its connections. An open stream keeps the outcome that it was given before. */
  close(): void {
    for (const connection of this.#connections) connection?.destroy();
    this.#connections.length = 0;
  }

  connected(times: DialTimes): void {
    this.#recorder.timing('connect', times.connectMs);
  }

  written(): void {
    this.#move('waiting');
  }

  responded(status: number, headersMs: number, accepted: boolean): void {
    this.#recorder.responded(status);
    if (accepted) this.#recorder.timing('headers', headersMs);
  }

  firstByte(ttfbMs: number, accepted: boolean): void {
    if (accepted) this.#recorder.timing('ttfb', ttfbMs);
    if (this.#stream!.phase === 'streaming') this.#move('streaming');
  }

  firstContent(ttftMs: number): void {
    this.#recorder.timing('ttft', ttftMs);
  }

  chunks(count: number, withContent: number, gapMs: number | undefined): void {
    this.#recorder.chunks(count, withContent, gapMs);
  }

  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void {
    this.#recorder.body(bytes, newRead, characters, keepalives);
  }

  ended(stream: HttpStream, outcome: Outcome): void {
    const { clock, open, finished } = this.#context;
    const durationMs = (stream.decidedMs ?? clock()) - stream.startMs;
    const lagMs = stream.startMs - this.#dueMs;
    this.#recorder.counted(stream.counters);
    if (resultOf(outcome) === 'success') this.#recorder.succeeded(endedStream(stream, durationMs));
    this.#recorder.ended(this.#phase, outcome, durationMs, lagMs);
    open.delete(stream);
    this.#stream = undefined;
    finished(resultFor(stream, outcome, durationMs, lagMs, clock()));
    this.#ended(outcome, stream);
  }

  #move(to: Phase): void {
    this.#recorder.moved(this.#phase, to);
    this.#phase = to;
  }

  /** Closes idle connections to other targets; places on the shared sessions of HTTP/2 hold no socket. */
  #closeOthers(target: number): void {
    const { connectors } = this.#context;
    for (const [other, connection] of this.#connections.entries()) {
      if (other === target || connection === undefined || connectors[other]!.isShared) continue;
      connection.destroy();
      this.#connections[other] = undefined;
    }
  }

  #connectionTo(target: number): Connection {
    const known = this.#connections[target];
    if (known !== undefined && !known.destroyed) return known;
    const made = this.#context.connectors[target]!.connect();
    this.#connections[target] = made;
    return made;
  }
}

function endedStream(stream: HttpStream, durationMs: number): EndedStream {
  const { counters, firstContentMs, lastContentMs, contentReads, maxGapMs, target } = stream;
  const { objective } = target;
  return { counters, firstContentMs, lastContentMs, contentReads, maxGapMs, durationMs, objective };
}

function resultFor(
  stream: HttpStream,
  outcome: Outcome,
  durationMs: number,
  lagMs: number,
  nowMs: number,
): StreamResult {
  const tail = resultOf(outcome) === 'failed' ? stream.tail?.text(stream.target.secrets) : undefined;
  const {
    id,
    target,
    detail,
    status,
    retryAfter,
    connectMs,
    headersMs,
    firstByteMs,
    firstContentMs,
    bytes,
    counters,
  } = stream;
  return {
    id,
    target: target.name,
    outcome,
    startedAt: Date.now() - (nowMs - stream.startMs),
    detail,
    status,
    retryAfter,
    lagMs,
    connectMs,
    headersMs,
    ttfbMs: firstByteMs,
    ttftMs: firstContentMs,
    durationMs,
    chunks: counters.chunks,
    bytes,
    tail,
  };
}
