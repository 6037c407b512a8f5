import type { EventMatcher, Terminal } from '../core/target.ts';
import type { ClassifierFactory, ClassifierOptions } from './classifier.ts';
import type { JsonObject } from './json/values.ts';

/** The first event or line of a body that says anything, as a format's `guess` sees it. */
export interface FirstPart {
  /** The name of the event; '' for none, and for a line. */
  readonly name: string;
  /** Absent where it is not a JSON object. */
  readonly data: JsonObject | undefined;
}

/** All that soakd knows of a stream format. One file each in this folder, one line each in `list.ts`. */
export interface StreamFormat {
  readonly name: string;
  readonly help: string;
  /** What a chunk is: a read of the body, an event with data, or a line. */
  readonly framing: 'reads' | 'events' | 'lines';
  /** Value of the `accept` header. */
  readonly accept: string;
  /** Media types that are accepted; empty accepts any. */
  readonly contentTypes: readonly string[];
  /** Whether it is that of APIs that cost money: away from loopback, a scenario then needs a budget. */
  readonly paid: boolean;
  readonly terminals: {
    /** Kinds of `terminal:` that can be configured; empty where the format has its own end alone. */
    readonly kinds: readonly Terminal['kind'][];
    /** What a server usually sends, where that can be chosen: the simulator does. */
    readonly usual?: Terminal;
  };
  /** Kinds of `error:` that can be configured. */
  readonly errors: readonly EventMatcher['kind'][];
  /** Ends of request paths by which an API of this format is known. */
  readonly path: readonly string[];
  /** Where a request limits the output tokens: paths into its JSON, the first that is there counts. */
  readonly tokenLimits: readonly string[];
  /** What makes a target report its usage where it does not always; absent where it does. */
  readonly usageAdvice?: string;
  /**
   * @returns why a body looks like this format; `undefined` if it does not. `null`: known by its framing
   * alone
   */
  readonly guess: ((first: FirstPart) => string | undefined) | null;
  readonly classifier: (options: ClassifierOptions) => ClassifierFactory;
  /** A whole stream that is `complete`: for warm-up and tests. */
  readonly example: string;
}

/** Media types of server-sent events. */
export const EVENT_STREAM = { accept: 'text/event-stream', contentTypes: ['text/event-stream'] } as const;

/** A format of server-sent events whose end cannot be chosen. */
export const EVENT_API = {
  framing: 'events',
  ...EVENT_STREAM,
  terminals: { kinds: [] },
  errors: [],
} as const;

/** @returns the text of an event */
export function exampleEvent(data: object, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}
