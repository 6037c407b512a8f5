import type { Format } from '../core/scenario.ts';

/** What a format needs of a response, and what is sent to ask for it. */
export interface FormatInfo {
  /** Media types that are accepted; empty accepts any. */
  readonly contentTypes: readonly string[];
  /** Value of the `accept` header. */
  readonly accept: string;
  readonly help: string;
}

export const FORMAT_INFO: Readonly<Record<Format, FormatInfo>> = {
  raw: { contentTypes: [], accept: '*/*', help: 'a body of bytes; one chunk is one read' },
  sse: {
    contentTypes: ['text/event-stream'],
    accept: 'text/event-stream',
    help: 'server-sent events; one chunk is one event with data',
  },
  'openai-chat': {
    contentTypes: ['text/event-stream'],
    accept: 'text/event-stream',
    help: 'chat completions of the OpenAI API: events of JSON, then [DONE]',
  },
  'openai-responses': {
    contentTypes: ['text/event-stream'],
    accept: 'text/event-stream',
    help: 'responses of the OpenAI API: numbered events, then response.completed',
  },
  anthropic: {
    contentTypes: ['text/event-stream'],
    accept: 'text/event-stream',
    help: 'messages of the Anthropic API: content blocks, then message_stop',
  },
  ollama: {
    contentTypes: ['application/x-ndjson', 'application/ndjson'],
    accept: 'application/x-ndjson',
    help: 'lines of JSON as Ollama sends them; the last has done: true',
  },
  ndjson: {
    contentTypes: [
      'application/x-ndjson',
      'application/ndjson',
      'application/jsonl',
      'application/json-lines',
    ],
    accept: 'application/x-ndjson',
    help: 'lines of JSON; one chunk is one line',
  },
};

/** A line or an event longer than this is `malformed`, not memory. Bytes. */
export const MAX_EVENT_BYTES = 1_048_576;

/** Request header that carries the stream's id to the target. */
export const STREAM_ID_HEADER = 'x-soak-stream-id';
