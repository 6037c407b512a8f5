import type { ClassifierResult, StreamCounters } from './classifier.ts';
import { addContent } from './content.ts';
import { isDone } from './done.ts';
import { eventErrorName } from './errors.ts';
import { EventClassifier } from './event-classifier.ts';
import { DeltaReader } from './json/delta-reader.ts';
import type { JsonScanner } from './json/scanner.ts';
import { type JsonObject, parseObject } from './json/values.ts';

/** An event whose data is JSON, and of a less usual shape than a delta. */
export interface JsonEvent {
  readonly name: string;
  readonly value: JsonObject;
  /** The data as it was sent. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** What all formats have in common whose events are JSON: the usual delta on the fast way, and all else parsed. */
export abstract class JsonEventClassifier extends EventClassifier {
  protected readonly reader: DeltaReader;

  /** @param textOfWord see {@link DeltaReader} */
  constructor(scanner: JsonScanner, maxEventBytes: number | undefined, textOfWord?: readonly number[]) {
    super(maxEventBytes);
    this.reader = new DeltaReader(scanner, textOfWord);
  }

  /** Any event but a usual delta, `[DONE]` and one that is named `error`. */
  protected abstract onJson(event: JsonEvent, counters: StreamCounters): ClassifierResult | undefined;

  /** `[DONE]`, spaces around it aside. */
  protected abstract onDone(counters: StreamCounters): ClassifierResult | undefined;

  /** A usual delta; `reader` has its numbers. @param characters that it adds to the answer */
  protected onDelta(characters: number, counters: StreamCounters): ClassifierResult | undefined {
    addContent(characters, counters);
    return undefined;
  }

  protected override onEvent(
    name: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined {
    if (name !== 'error') {
      const characters = this.reader.read(bytes, start, end);
      if (characters >= 0) return this.onDelta(characters, counters);
      if (isDone(bytes, start, end)) return this.onDone(counters);
    }
    const value = parseObject(bytes, start, end);
    if (name === 'error') {
      const what = typeof value === 'string' ? 'an event named error' : `error ${eventErrorName(value)}`;
      return { outcome: 'inband_error', detail: what };
    }
    return typeof value === 'string'
      ? { outcome: 'malformed', detail: `the data of an event ${value}` }
      : this.onJson({ name, value, bytes, start, end }, counters);
  }
}

/** @returns the type of an event, which stands in its data, or else is its name; '' for none */
export function typeOf({ name, value }: JsonEvent): string {
  return typeof value.type === 'string' ? value.type : name;
}
