import type { Phase } from '../catalog/slots.ts';
import type { Outcome } from '../core/outcome.ts';
import {
  type ClassifierResult,
  isSuccess,
  newCounters,
  type StreamClassifier,
  type StreamCounters,
} from '../formats/classifier.ts';
import type { ReadyTarget } from '../target/ready-target.ts';
import { classify, unanswered } from '../transport/classify.ts';
import type { Connection, ConnectionUser, HttpHeaders, HttpRequest } from '../transport/connection.ts';
import type { DialTimes } from '../transport/dial.ts';
import { headerFault } from './acceptance.ts';
import { MovedLimits } from './moved-limits.ts';
import { Tail } from './tail.ts';

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
  /**
   * Chunks of a read, some of them with content.
   * @param gapMs from the chunk with content before the first of these; absent where there is none of either
   */
  chunks(count: number, withContent: number, gapMs: number | undefined): void;
  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void;
  /** Called exactly once; no reference to the stream is kept afterwards. */
  ended(stream: HttpStream, outcome: Outcome): void;
}

/** Bytes read on after a stream has failed in order to keep its connection; more, and it is closed. */
const DRAINED_BYTES = 65_536;

/** What it means that a stream was too long in a phase. */
const TIMED_OUT: Readonly<Record<Phase, ClassifierResult>> = {
  connecting: { outcome: 'connect_error', detail: 'connect timeout' },
  waiting: { outcome: 'ttfb_timeout' },
  streaming: { outcome: 'stalled' },
};

/** One stream from its start to its outcome. Applies the limits of its target when `sweep` is called. */
export class HttpStream implements ConnectionUser {
  readonly id: string;
  readonly target: ReadyTarget;
  readonly #connection: Connection;
  readonly #observer: StreamObserver;
  readonly #clock: () => number;
  readonly #classifier: StreamClassifier;
  readonly counters: StreamCounters = newCounters();
  /** Until it is sent. */
  #request: HttpRequest | undefined;
  #result: ClassifierResult | undefined;
  #accepted = false;
  #ended = false;
  #lastRead = -1;
  #decidedBytes = 0;
  /** Absent while soakd has not been frozen during the stream. */
  #moved: MovedLimits | undefined;

  phase: Phase = 'connecting';
  readonly startMs: number;
  writtenMs = 0;
  headersMs: number | undefined;
  firstByteMs: number | undefined;
  firstContentMs: number | undefined;
  /** Negative before the first: a number all along, so that it is written in place for every chunk. */
  #lastContentMs = -0.5;
  /** Reads that contained content. */
  contentReads = 0;
  /** The longest time between two chunks with content, ms; 0 while there are not two. */
  maxGapMs = 0;
  /** When the outcome was known; the stream may linger after it. */
  decidedMs: number | undefined;
  connectMs: number | undefined;
  status: number | undefined;
  bytes = 0;
  detail: string | undefined;
  /** The end of the body, where the target keeps it. */
  readonly tail: Tail | undefined;
  /** Seconds or date of a `retry-after` header, as sent. */
  retryAfter: string | undefined;

  constructor(
    id: string,
    target: ReadyTarget,
    connection: Connection,
    observer: StreamObserver,
    clock: () => number,
    classifier: StreamClassifier,
  ) {
    this.id = id;
    this.target = target;
    this.#connection = connection;
    this.#observer = observer;
    this.#clock = clock;
    this.#classifier = classifier;
    if (target.tailBytes > 0) this.tail = new Tail(target.tailBytes);
    this.startMs = clock();
  }

  /** @param body the request's body, `undefined` for none */
  start(headers: readonly string[], body: string | undefined): void {
    const { route, method, fresh } = this.target;
    this.#request = { method, path: route.path, headers, body, last: fresh };
    this.#connection.send(this, this.#request);
  }

  /** From the written request to the last chunk with content, ms; `undefined` before the first. */
  get lastContentMs(): number | undefined {
    return this.#lastContentMs < 0 ? undefined : this.#lastContentMs - this.writtenMs;
  }

  /** While the stream is open: when the last byte of any kind came, or else the request was written. */
  get lastByteMs(): number {
    const { readAtMs } = this.#connection;
    return readAtMs > this.writtenMs ? readAtMs : this.writtenMs;
  }

  /** @returns time without a byte, ms: 0 while it connects, and once its outcome is known */
  silenceMs(nowMs: number): number {
    if (this.#ended || this.decidedMs !== undefined || this.phase === 'connecting') return 0;
    return Math.max(0, nowMs - this.lastByteMs - this.#movedMs(this.lastByteMs));
  }

  /**
   * Moves the limits of the stream: soakd was frozen in between. Bytes that it has read since then began a limit again.
   * @param middleMs a time within the freeze
   */
  frozen(middleMs: number, lengthMs: number): void {
    if (this.#ended || this.startMs > middleMs) return;
    this.#moved ??= new MovedLimits();
    const sinceMs = this.#sinceMs();
    if (sinceMs <= middleMs) this.#moved.move(sinceMs, lengthMs);
    else this.#moved.totalMs += lengthMs;
  }

  /** Ends the stream now, in any state. */
  cancel(outcome: Outcome, detail?: string): void {
    if (this.#ended) return;
    if (this.#result === undefined)
      this.#decide(detail === undefined ? { outcome } : { outcome, detail }, this.#clock());
    this.#close();
  }

  /** Ends the stream if a limit of its target has passed. Called for every open stream a few times a second. */
  sweep(nowMs: number): void {
    if (this.#ended) return;
    const { timeouts } = this.target;
    if (this.decidedMs !== undefined) {
      if (nowMs - this.decidedMs - this.#movedMs(this.decidedMs) >= timeouts.lingerMs) this.#close();
      return;
    }
    const totalDueMs = this.startMs + timeouts.totalMs + (this.#moved?.totalMs ?? 0);
    const dueMs = this.#phaseDueMs();
    if (nowMs < Math.min(dueMs, totalDueMs)) return;
    // Observed at the time it waited: a target that gets worse must not get better by survivorship.
    if (this.phase === 'waiting') this.#observer.firstByte(nowMs - this.writtenMs, true);
    // The first cause in time; at the same moment the more specific one.
    this.#decide(totalDueMs < dueMs ? { outcome: 'total_timeout' } : TIMED_OUT[this.phase], nowMs);
    this.#close();
  }

  #phaseDueMs(): number {
    const { connectMs, ttfbMs, idleMs } = this.target.timeouts;
    const limitMs = this.phase === 'connecting' ? connectMs : this.phase === 'waiting' ? ttfbMs : idleMs;
    const sinceMs = this.#sinceMs();
    return sinceMs + limitMs + this.#movedMs(sinceMs);
  }

  /** From when the limit of its phase counts. */
  #sinceMs(): number {
    if (this.decidedMs !== undefined) return this.decidedMs;
    if (this.phase === 'connecting') return this.startMs;
    return this.phase === 'waiting' ? this.writtenMs : this.lastByteMs;
  }

  #movedMs(sinceMs: number): number {
    return this.#moved?.phaseMs(sinceMs) ?? 0;
  }

  // ── called by the connection ──

  connected(times: DialTimes): void {
    if (this.#ended) return;
    this.connectMs = times.connectMs;
    this.#observer.connected(times);
  }

  sent(): void {
    if (this.#ended) return;
    this.#request = undefined;
    this.writtenMs = this.#clock();
    this.phase = 'waiting';
    this.#observer.written();
  }

  head(status: number, headers: HttpHeaders): void {
    if (this.#ended) return;
    const now = this.lastByteMs;
    this.status = status;
    this.headersMs = now - this.writtenMs;
    const { contentTypes, headers: sent } = this.target;
    const at = sent.indexOf('accept-encoding');
    const fault = headerFault(status, headers, contentTypes, at % 2 === 0 ? sent[at + 1] : undefined);
    this.#accepted = fault === undefined;
    if (typeof headers['retry-after'] === 'string')
      this.retryAfter = printable(headers['retry-after']).slice(0, 60);
    if (fault !== undefined) this.#decide(fault, now);
    this.#observer.responded(status, this.headersMs, this.#accepted);
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#ended) return;
    const now = this.lastByteMs;
    const { reads } = this.#connection;
    const newRead = reads !== this.#lastRead;
    const length = end - start;
    this.#lastRead = reads;
    this.bytes += length;
    this.tail?.push(bytes.subarray(start, end));
    if (this.firstByteMs === undefined) {
      this.firstByteMs = now - this.writtenMs;
      this.phase = 'streaming';
      this.#observer.firstByte(this.firstByteMs, this.#accepted);
    }
    if (this.#accepted) {
      const { counters } = this;
      const { chunks, contentChunks, characters, keepalives } = counters;
      const result = this.#classifier.read(bytes, newRead, counters, start, end);
      if (counters.chunks > chunks)
        this.#observeChunks(counters.chunks - chunks, counters.contentChunks - contentChunks, now);
      this.#observer.body(
        length,
        newRead,
        counters.characters - characters,
        counters.keepalives - keepalives,
      );
      if (result !== undefined) this.#conclude(result, now);
    } else this.#observer.body(length, newRead, 0, 0);
    if (this.#result !== undefined) this.#linger(length);
  }

  end(): void {
    if (this.#ended) return;
    if (this.#accepted) {
      const now = this.lastByteMs;
      const { counters } = this;
      const { chunks, contentChunks, characters, keepalives } = counters;
      // After a good end too: what still stood without its blank line is data after it.
      const result = this.#classifier.end(counters);
      if (counters.chunks > chunks)
        this.#observeChunks(counters.chunks - chunks, counters.contentChunks - contentChunks, now);
      this.#observer.body(0, false, counters.characters - characters, counters.keepalives - keepalives);
      this.#conclude(result, now);
    }
    this.#end();
  }

  failed(error: Error): void {
    if (this.#ended) return;
    const { broken, closed } = this.#connection;
    if (this.phase === 'connecting' && error === broken && this.#result === undefined) {
      this.#redial();
      return;
    }
    const cut = closed || (broken !== undefined && broken !== error);
    const refused = this.status === undefined ? this.#connection.tlsRefusal : undefined;
    if (this.#result === undefined) this.#decide(refused ?? this.#broken(error, cut), this.#clock());
    this.#end();
  }

  #broken(error: Error, cut: boolean): ClassifierResult {
    const result = classify(error, cut);
    const isUnanswered = this.phase === 'waiting' && this.status === undefined;
    return isUnanswered && this.connectMs !== undefined && this.target.route.tls === undefined
      ? unanswered(result)
      : result;
  }

  /**
   * A kept connection was reset before this stream was written to it: undici dials again by itself where the
   * other side closed, but not there. Deferred, because undici must not be called while it reports an error.
   */
  #redial(): void {
    queueMicrotask(() => {
      if (!this.#ended) this.#connection.send(this, this.#request!);
    });
  }

  #observeChunks(count: number, withContent: number, now: number): void {
    if (withContent === 0) {
      this.#observer.chunks(count, 0, undefined);
      return;
    }
    const gapMs = this.#lastContentMs < 0 ? undefined : now - this.#lastContentMs;
    if (gapMs !== undefined && gapMs > this.maxGapMs) this.maxGapMs = gapMs;
    if (now !== this.#lastContentMs) this.contentReads++;
    this.#observer.chunks(count, withContent, gapMs);
    this.#lastContentMs = now;
    if (this.firstContentMs === undefined) {
      this.firstContentMs = now - this.writtenMs;
      this.#observer.firstContent(this.firstContentMs);
    }
  }

  /** The first failure wins; after a good end, more data still makes a violation. */
  #conclude(result: ClassifierResult, nowMs: number): void {
    const known = this.#result;
    const violated = result.outcome === 'protocol_violation' && known !== undefined && isSuccess(known);
    if (known === undefined || violated) this.#decide(result, nowMs);
  }

  #decide(result: ClassifierResult, nowMs: number): void {
    this.#result = isSuccess(result) ? this.#checkMinimum(result) : result;
    const { detail } = this.#result;
    this.detail = detail === undefined ? undefined : printable(this.#withoutSecrets(detail));
    this.decidedMs ??= nowMs;
  }

  /** The target may quote secrets of the request. */
  #withoutSecrets(detail: string): string {
    return this.target.secrets.reduce(
      (text, secret) => (secret.length < 4 ? text : text.replaceAll(secret, '[redacted]')),
      detail,
    );
  }

  #checkMinimum(result: ClassifierResult): ClassifierResult {
    const { expect } = this.target;
    const { counters } = this;
    const short =
      counters.chunks < expect.minChunks
        ? `${counters.chunks} chunks of at least ${expect.minChunks}`
        : this.bytes < expect.minBytes
          ? `${this.bytes} bytes of at least ${expect.minBytes}`
          : counters.characters < expect.minCharacters
            ? `${counters.characters} characters of at least ${expect.minCharacters}`
            : undefined;
    return short === undefined ? result : { outcome: 'below_minimum', detail: short };
  }

  /** After the outcome: read on for a while, so that the connection can be kept and a violation be seen. */
  #linger(bytes: number): void {
    this.#decidedBytes += bytes;
    const { outcome } = this.#result!;
    if (outcome === 'malformed' || outcome === 'protocol_violation' || this.#decidedBytes > DRAINED_BYTES)
      this.#close();
  }

  /** Ends the stream and its connection. */
  #close(): void {
    this.#connection.abort(this);
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.release(this);
    this.#observer.ended(this, this.#result!.outcome);
  }
}

/** The text comes from the target, so characters that a terminal could act on are replaced. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?');
}
