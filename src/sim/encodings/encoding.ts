import type { Fault, SimulatedOutcome } from '../../core/simulator.ts';

/** How one answer ends, for what its last events say about it. */
export interface AnswerEnd {
  /** Events that came before. */
  readonly index: number;
  /** Chunks with content. */
  readonly chunks: number;
  /** It was cut at the number of chunks that the request allows. */
  readonly limited: boolean;
  readonly promptTokens: number;
  /** Whether the request asks for usage, in formats that report it only on request. */
  readonly usage: boolean;
}

/** One event or line of an answer's end. */
interface ClosingEvent {
  readonly text: string;
  /** Output tokens of the answer; absent: this one does not report them. */
  readonly outputTokens?: number;
  /** Ends the answer. Formats without such an event end with the body. */
  readonly isTerminal?: true;
}

/** How a format writes; every text is one chunk. */
export interface Encoding {
  readonly contentType: string;
  /** Before the content. */
  readonly opening: readonly string[];
  /** @param index of the event in its stream, for formats that number them */
  content(text: string, index: number): string;
  /** Whether events hold their number, so that none can be used twice. */
  readonly numbered: boolean;
  /** Whether a line as a whole is content, since the format does not say where in it that is. */
  readonly wholeLines: boolean;
  /** After the content of an answer that ends well. */
  closing(end: AnswerEnd): readonly ClosingEvent[];
  /** The report of a failure inside the stream; empty where the format knows none. */
  error(index: number): readonly string[];
  /** More of the answer after its end; absent where the format marks no end. */
  afterEnd?(end: AnswerEnd): string;
  /** What keeps a connection alive without saying anything. */
  readonly keepalive?: string;
  /** What a line without end stands between. */
  readonly line: readonly [before: string, after: string];
  /**
   * Part of an event that never comes to its end. A reader that hands out what it has when the connection
   * breaks makes no event of it, so chunks and characters stay beyond dispute.
   */
  readonly broken: string;
  /** Outcomes of faults that differ from the usual; `null`: the format cannot have it, its stream is a good one. */
  readonly faults?: Readonly<Partial<Record<Fault, SimulatedOutcome | null>>>;
}

export const FAILURE = { message: 'simulated failure', type: 'server_error', code: 'simulated' } as const;

export const MODEL = 'simulated-1';
/** One answer's id and time are the same for all, so that no frame has to be made for one stream alone. */
export const ID = 'simulated0000000000000000';
export const CREATED_S = 1_767_225_600;

/** What all formats of server-sent events have in common. */
export const EVENTS = {
  contentType: 'text/event-stream',
  numbered: false,
  wholeLines: false,
  keepalive: ': ping\n\n',
  line: ['data: ', '\n\n'],
  // Part of a field's name.
  broken: 'dat',
} as const;

/** What all formats of lines have in common. */
export const LINES = {
  contentType: 'application/x-ndjson',
  numbered: false,
  // Blank lines are skipped.
  keepalive: '\n',
  line: ['{"text":"', '"}\n'],
  // Any byte would be part of a line that some readers hand out.
  broken: '',
} as const;

export function event(data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export interface Typed {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** An event whose name is also in its data. */
export function typed(data: Typed): string {
  return event(data, data.type);
}

export function line(data: unknown): string {
  return `${JSON.stringify(data)}\n`;
}
