import {
  type ClassifierResult,
  isSuccess,
  newCounters,
  type StreamClassifier,
  type StreamCounters,
  trailingViolation,
} from './classifier.ts';
import { isDone } from './done.ts';
import { LastData } from './last-data.ts';
import { MAX_EVENT_BYTES, overLimit } from './limits.ts';
import { LineParser } from './line-parser.ts';

const NO_COUNTERS = newCounters();

/** What all formats of lines have in common: what a line means is up to the format. */
export abstract class LineClassifier implements StreamClassifier {
  readonly #parser: LineParser;
  #counters: StreamCounters = NO_COUNTERS;
  #result: ClassifierResult | undefined;
  #last: LastData | undefined = new LastData();

  constructor(maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#parser = new LineParser(this, maxEventBytes);
  }

  /**
   * A line. Called after the end of the stream too, to see whether there is content in it.
   * @returns a result where the line decides the stream
   */
  protected abstract onLine(
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined;

  /** The body ended cleanly and no line has decided the stream. */
  protected abstract onEnd(counters: StreamCounters): ClassifierResult;

  /** `[DONE]` before the stream is decided: no format of lines ends so. */
  protected abstract onDone(counters: StreamCounters): ClassifierResult | undefined;

  read(
    bytes: Uint8Array,
    _newRead: boolean,
    counters: StreamCounters,
    start = 0,
    end = bytes.length,
  ): ClassifierResult | undefined {
    this.#counters = counters;
    this.#parser.push(bytes, start, end);
    if (this.#parser.overflow)
      this.#result ??= { outcome: 'malformed', detail: overLimit(this.#parser.maxEventBytes) };
    return this.#result;
  }

  end(counters: StreamCounters): ClassifierResult {
    this.#counters = counters;
    this.#parser.end();
    if (this.#result !== undefined) return this.#result;
    const result = this.onEnd(counters);
    return this.#last?.explain(result) ?? result;
  }

  skipLastData(): void {
    this.#last = undefined;
  }

  /** Called by the parser. */
  line(bytes: Uint8Array, start: number, end: number): void {
    const counters = this.#counters;
    counters.chunks++;
    this.#last?.keep('', bytes, start, end);
    const done = isDone(bytes, start, end);
    if (this.#result === undefined) {
      this.#result = done ? this.onDone(counters) : this.onLine(bytes, start, end, counters);
    } else if (isSuccess(this.#result)) {
      const own = newCounters();
      const result = done ? undefined : this.onLine(bytes, start, end, own);
      const violation = trailingViolation(own, result, 'line');
      if (violation === undefined) counters.trailing = (counters.trailing ?? 0) + 1;
      else this.#result = violation;
    }
  }
}
