import type { Dispatcher } from 'undici';
import type { Phase } from '../catalog/slots.ts';
import { type Outcome, resultOf } from '../core/outcome.ts';
import { classify, headerFault } from './classify.ts';
import type { Connection, ConnectionUser } from './connection.ts';
import type { DialTimes } from './dial.ts';
import type { Finding, Judge, Tally } from './judge.ts';
import { judgeFor } from './judges/by-format.ts';
import type { StreamTarget } from './target.ts';

/** What happens to one stream, as it happens. All times are ms. */
export interface StreamObserver {
  connected(times: DialTimes): void;
  /** The request is written; phase is `waiting` from now on. */
  written(): void;
  /** `accepted`: TTFB, TTFT and gaps of this response count. */
  responded(status: number, headersMs: number, accepted: boolean): void;
  /** Phase is `streaming` from now on. */
  firstByte(ttfbMs: number, accepted: boolean): void;
  firstContent(ttftMs: number): void;
  /** The first chunk of a read, `gapMs` after the chunk before it (absent for a stream's first). */
  chunks(count: number, gapMs: number | undefined): void;
  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void;
  /** Called exactly once; nothing of the stream is held afterwards. */
  ended(stream: HttpStream, outcome: Outcome): void;
}

/** Bytes read on after a stream has failed in order to keep its connection; more, and it is closed. */
const DRAINED_BYTES = 65_536;

/** One stream from its start to its outcome. Applies the limits of its target when `sweep` is called. */
export class HttpStream implements ConnectionUser, Dispatcher.DispatchHandler {
  readonly id: string;
  readonly target: StreamTarget;
  readonly #connection: Connection;
  readonly #observer: StreamObserver;
  readonly #clock: () => number;
  readonly #judge: Judge;
  readonly tally: Tally = { chunks: 0, contentChunks: 0, keepalives: 0, characters: 0 };
  #controller: Dispatcher.DispatchController | undefined;
  #finding: Finding | undefined;
  #accepted = false;
  #ended = false;
  #lastRead = -1;
  #decidedBytes = 0;

  phase: Phase = 'connecting';
  readonly startMs: number;
  writtenMs = 0;
  headersMs: number | undefined;
  firstByteMs: number | undefined;
  firstContentMs: number | undefined;
  lastByteMs = 0;
  #lastChunkMs: number | undefined;
  /** When the outcome was known; the stream may linger after it. */
  decidedMs: number | undefined;
  connectMs: number | undefined;
  status: number | undefined;
  bytes = 0;
  detail: string | undefined;
  /** Seconds or date of a `retry-after` header, as sent. */
  retryAfter: string | undefined;

  constructor(
    id: string,
    target: StreamTarget,
    connection: Connection,
    observer: StreamObserver,
    clock: () => number,
  ) {
    this.id = id;
    this.target = target;
    this.#connection = connection;
    this.#observer = observer;
    this.#clock = clock;
    this.#judge = judgeFor(target.format, target.terminal);
    this.startMs = clock();
  }

  /** @param body the request's body, `undefined` for none */
  start(headers: readonly string[], body: string | undefined): void {
    const { path, method } = this.target;
    this.#connection.dispatch(
      this,
      {
        path,
        method: method as Dispatcher.HttpMethod,
        headers: headers as string[],
        body: body ?? null,
        reset: this.target.fresh,
      },
      this,
    );
  }

  /** Ends the stream now, whatever it is doing. */
  cancel(outcome: Outcome, detail?: string): void {
    if (this.#ended) return;
    if (this.#finding === undefined) this.#fail(outcome, this.#clock(), detail);
    else this.#close();
  }

  /** Ends the stream if a limit of its target has passed. Called for every open stream a few times a second. */
  sweep(nowMs: number): void {
    const { timeouts } = this.target;
    if (this.decidedMs !== undefined) {
      if (nowMs - this.decidedMs >= timeouts.lingerMs) this.#close();
      return;
    }
    if (nowMs - this.startMs >= timeouts.totalMs) this.#fail('total_timeout', nowMs);
    else if (this.phase === 'connecting') {
      if (nowMs - this.startMs >= timeouts.connectMs) this.#fail('connect_error', nowMs, 'connect timeout');
    } else if (this.phase === 'waiting') {
      if (nowMs - this.writtenMs >= timeouts.ttfbMs) {
        // Observed at the time it waited: a target that gets worse must not get better by survivorship.
        this.#observer.firstByte(nowMs - this.writtenMs, true);
        this.#fail('ttfb_timeout', nowMs);
      }
    } else if (nowMs - this.lastByteMs >= timeouts.idleMs) this.#fail('stalled', nowMs);
  }

  // ── told by the connection ──

  connected(times: DialTimes): void {
    if (this.#ended) return;
    this.connectMs = times.connectMs;
    this.#observer.connected(times);
  }

  // ── told by undici ──

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(new Error('the stream is over'));
    else this.#written();
  }

  onRequestSent(): void {
    // For a body of several writes this comes later than the start; TTFB begins here.
    if (!this.#ended) this.writtenMs = this.#clock();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#ended || status < 200) return;
    const now = this.#now();
    this.status = status;
    this.headersMs = now - this.writtenMs;
    this.lastByteMs = now;
    const fault = headerFault(status, headers, this.target.contentTypes);
    this.#accepted = fault === undefined;
    if (typeof headers['retry-after'] === 'string') this.retryAfter = headers['retry-after'];
    this.#observer.responded(status, this.headersMs, this.#accepted);
    if (fault !== undefined) this.#decide(fault, now);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#ended) return;
    const now = this.#now();
    const newRead = this.#connection.reads !== this.#lastRead;
    this.#lastRead = this.#connection.reads;
    this.lastByteMs = now;
    this.bytes += chunk.length;
    if (this.firstByteMs === undefined) {
      this.firstByteMs = now - this.writtenMs;
      this.phase = 'streaming';
      this.#observer.firstByte(this.firstByteMs, this.#accepted);
    }
    if (this.#accepted) this.#read(chunk, newRead, now);
    else this.#observer.body(chunk.length, newRead, 0, 0);
    if (this.#finding !== undefined) this.#linger(chunk.length);
  }

  onResponseEnd(): void {
    if (this.#ended) return;
    if (this.#connection.broken !== undefined) {
      this.onResponseError(undefined, this.#connection.broken);
      return;
    }
    if (this.#finding === undefined) {
      const before = { ...this.tally };
      const finding = this.#judge.end(this.tally);
      this.#observe(0, false, before, this.#now());
      this.#decide(finding, this.#clock());
    }
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#ended) return;
    if (this.#finding === undefined) this.#decide(classify(error), this.#clock());
    this.#end();
  }

  /** The time of the present read; before the first one of this connection, now. */
  #now(): number {
    return Math.max(this.#connection.readAtMs, this.writtenMs) || this.#clock();
  }

  #written(): void {
    this.writtenMs = this.#clock();
    this.phase = 'waiting';
    this.#observer.written();
  }

  #read(chunk: Uint8Array, newRead: boolean, now: number): void {
    const { chunks, contentChunks, characters, keepalives } = this.tally;
    const finding = this.#judge.read(chunk, newRead, this.tally);
    this.#observe(chunk.length, newRead, { chunks, contentChunks, characters, keepalives }, now);
    if (finding === undefined) return;
    // The first cause wins, but a good end is none: data after it makes it a violation.
    const ended = this.#finding;
    const violated = finding.outcome === 'protocol_violation' && ended !== undefined && isSuccess(ended);
    if (ended === undefined || violated) this.#decide(finding, now);
  }

  /** Tells what a read, or the end of the body, has added to the tally. */
  #observe(bytes: number, newRead: boolean, before: Tally, now: number): void {
    const { tally } = this;
    const count = tally.chunks - before.chunks;
    if (count > 0) {
      this.#observer.chunks(count, this.#lastChunkMs === undefined ? undefined : now - this.#lastChunkMs);
      this.#lastChunkMs = now;
    }
    if (this.firstContentMs === undefined && tally.contentChunks > 0) {
      this.firstContentMs = now - this.writtenMs;
      this.#observer.firstContent(this.firstContentMs);
    }
    this.#observer.body(bytes, newRead, tally.characters - before.characters, tally.keepalives - before.keepalives);
  }

  #fail(outcome: Outcome, nowMs: number, detail?: string): void {
    this.#decide(detail === undefined ? { outcome } : { outcome, detail }, nowMs);
    this.#close();
  }

  #decide(finding: Finding, nowMs: number): void {
    this.#finding = isSuccess(finding) ? this.#checkMinimum(finding) : finding;
    this.detail = this.#finding.detail;
    this.decidedMs ??= nowMs;
  }

  #checkMinimum(finding: Finding): Finding {
    const { expect } = this.target;
    const { tally } = this;
    const short =
      tally.chunks < expect.minChunks
        ? `${tally.chunks} chunks of at least ${expect.minChunks}`
        : this.bytes < expect.minBytes
          ? `${this.bytes} bytes of at least ${expect.minBytes}`
          : tally.characters < expect.minCharacters
            ? `${tally.characters} characters of at least ${expect.minCharacters}`
            : undefined;
    return short === undefined ? finding : { outcome: 'below_minimum', detail: short };
  }

  /** After the outcome: read on for a while, so that the connection can be kept and a violation be seen. */
  #linger(bytes: number): void {
    this.#decidedBytes += bytes;
    const { outcome } = this.#finding!;
    if (outcome === 'malformed' || outcome === 'protocol_violation' || this.#decidedBytes > DRAINED_BYTES) this.#close();
  }

  /** Ends the stream and its connection. */
  #close(): void {
    this.#controller?.abort(new Error('ended by soakd'));
    if (this.#controller === undefined) this.#connection.destroy();
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#observer.ended(this, this.#finding!.outcome);
  }
}

function isSuccess(finding: Finding): boolean {
  return resultOf(finding.outcome) === 'success';
}
