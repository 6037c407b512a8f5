import {
  type ClassifierResult,
  isSuccess,
  newCounters,
  type StreamClassifier,
  type StreamCounters,
  trailingViolation,
} from './classifier.ts';
import { isDone } from './done.ts';
import { skipSpace } from './json/skip.ts';
import { LastData } from './last-data.ts';
import { MAX_EVENT_BYTES, overLimit } from './limits.ts';
import { SseOpening } from './sse-opening.ts';
import { SseParser } from './sse-parser.ts';

const NOT_EVENTS: ClassifierResult = { outcome: 'malformed', detail: 'the body is no stream of events' };
const NO_COUNTERS = newCounters();

/** What all formats of server-sent events have in common: what an event means is up to the format. */
export abstract class EventClassifier implements StreamClassifier {
  readonly #parser: SseParser;
  #counters: StreamCounters = NO_COUNTERS;
  #result: ClassifierResult | undefined;
  #last: LastData | undefined = new LastData();
  /** Until it is known to be a stream of events, or none. */
  #opening: SseOpening | undefined = new SseOpening();

  constructor(maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#parser = new SseParser(this, maxEventBytes);
  }

  /**
   * An event with data. Called after the end of the stream too, to see whether there is content in it.
   * @returns a result where the event decides the stream
   */
  protected abstract onEvent(
    name: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined;

  /** The body ended cleanly and no event has decided the stream. */
  protected abstract onEnd(counters: StreamCounters): ClassifierResult;

  /** An event that has a name and no data. It is a keep-alive, unless its name says otherwise. */
  protected onNameAlone(name: string, _counters: StreamCounters): ClassifierResult | undefined {
    return name === 'error' ? ERROR_EVENT : undefined;
  }

  /** Whether data that begins with a space says nothing: where it has to be JSON, spaces say nothing. */
  protected isBlank(bytes: Uint8Array, start: number, end: number): boolean {
    return skipSpace(bytes, start, end) === end;
  }

  read(
    bytes: Uint8Array,
    _newRead: boolean,
    counters: StreamCounters,
    start = 0,
    end = bytes.length,
  ): ClassifierResult | undefined {
    this.#counters = counters;
    if (this.#opening !== undefined) this.#open(bytes, start, end);
    this.#parser.push(bytes, start, end);
    if (this.#parser.overflow) this.#result ??= this.#overflow();
    return this.#result;
  }

  end(counters: StreamCounters): ClassifierResult {
    this.#counters = counters;
    this.#parser.end();
    if (this.#parser.overflow) this.#result ??= this.#overflow();
    if (this.#opening?.end() === false) this.#result ??= NOT_EVENTS;
    if (this.#result !== undefined) return this.#result;
    const result = this.onEnd(counters);
    return this.#last?.explain(result) ?? result;
  }

  skipLastData(): void {
    this.#last = undefined;
  }

  /** Called by the parser. */
  event(name: string, bytes: Uint8Array, start: number, end: number): void {
    const counters = this.#counters;
    if (start === end || (bytes[start]! <= 0x20 && this.isBlank(bytes, start, end))) {
      counters.keepalives++;
      if (this.#result === undefined && name !== '') this.#result = this.onNameAlone(name, counters);
      return;
    }
    counters.chunks++;
    this.#last?.keep(name, bytes, start, end);
    if (this.#result === undefined) this.#result = this.onEvent(name, bytes, start, end, counters);
    else if (isSuccess(this.#result)) this.#trail(name, bytes, start, end);
  }

  /** Called by the parser. */
  comment(): void {
    this.#counters.keepalives++;
  }

  #trail(name: string, bytes: Uint8Array, start: number, end: number): void {
    const counters = this.#counters;
    const own = newCounters();
    const result = isDone(bytes, start, end) ? undefined : this.onEvent(name, bytes, start, end, own);
    // Usage may come last.
    if (own.inputTokens !== undefined) counters.inputTokens = own.inputTokens;
    if (own.outputTokens !== undefined) counters.outputTokens = own.outputTokens;
    if (own.reasoningTokens !== undefined) counters.reasoningTokens = own.reasoningTokens;
    const violation = trailingViolation(own, result, 'event');
    if (violation === undefined) counters.trailing = (counters.trailing ?? 0) + 1;
    else this.#result = violation;
  }

  #open(bytes: Uint8Array, start: number, end: number): void {
    const isStream = this.#opening!.read(bytes, start, end);
    if (isStream === undefined) return;
    this.#opening = undefined;
    // Before any line that could have said anything else.
    if (!isStream) this.#result = NOT_EVENTS;
  }

  #overflow(): ClassifierResult {
    return { outcome: 'malformed', detail: overLimit(this.#parser.maxEventBytes) };
  }
}

export const ERROR_EVENT: ClassifierResult = { outcome: 'inband_error', detail: 'an event named error' };

/** `[DONE]` in a format that ends in another way. */
export function doneInPlaceOf(terminal: string): ClassifierResult {
  return { outcome: 'truncated', detail: `[DONE] instead of ${terminal}` };
}
