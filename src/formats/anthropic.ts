import type { FinishReason } from '../core/finish-reason.ts';
import type { ClassifierFactory, ClassifierResult, StreamCounters } from './classifier.ts';
import { codePointsOf } from './code-points.ts';
import { addContent, textLength, toolCallLength } from './content.ts';
import { eventErrorName, untypedError } from './errors.ts';
import { doneInPlaceOf } from './event-classifier.ts';
import { countFinish, finishError, finishReasonOf, outcomeOf } from './finish-reasons.ts';
import { EVENT_API, exampleEvent, type StreamFormat } from './format.ts';
import { JsonScanner, type Shape } from './json/scanner.ts';
import { isObject, type JsonObject } from './json/values.ts';
import { type JsonEvent, JsonEventClassifier, typeOf } from './json-events.ts';
import { noteUsage } from './tokens.ts';

/** Deltas that add to the answer, and the field that holds what they add. */
const DELTA_TEXT = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
} as const;
const DELTA_FIELDS: ReadonlyMap<unknown, string> = new Map(Object.entries(DELTA_TEXT));

const DELTAS: Shape = {
  object: {
    type: { word: ['content_block_delta'] },
    delta: {
      object: {
        type: { word: Object.keys(DELTA_TEXT) },
        ...Object.fromEntries(Object.values(DELTA_TEXT).map((field) => [field, 'text'] as const)),
      },
      required: ['type'],
    },
    usage: 'null',
    message: 'null',
    error: 'null',
  },
  required: ['type', 'delta'],
};
/** The n-th type of a delta has its text in the n-th field. */
const TEXT_OF_TYPE = Object.keys(DELTA_TEXT).map((_, n) => n);

/** A message with more blocks open at once than this is not remembered but refused. */
const MAX_OPEN_BLOCKS = 1024;

/** Streamed messages: complete at `message_stop`, all blocks closed, a stop_reason seen. */
class MessageClassifier extends JsonEventClassifier {
  readonly #openBlocks = new Set<number>();
  #stop: FinishReason | undefined;

  protected override onEvent(
    name: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined {
    return name === 'ping' ? undefined : super.onEvent(name, bytes, start, end, counters);
  }

  protected override onDone(): ClassifierResult {
    return doneInPlaceOf('message_stop');
  }

  protected override onEnd(): ClassifierResult {
    return { outcome: 'truncated', detail: 'the body ended without message_stop' };
  }

  protected override onJson(event: JsonEvent, counters: StreamCounters): ClassifierResult | undefined {
    const { value } = event;
    const type = typeOf(event);
    if (type === 'error') return { outcome: 'inband_error', detail: `error ${eventErrorName(value)}` };
    const error = untypedError(value, type);
    if (error !== undefined) return error;
    if (isObject(value.message)) noteUsage(value.message.usage, counters);
    noteUsage(value.usage, counters);
    return this.#typed(type, value, counters);
  }

  #typed(type: string, event: JsonObject, counters: StreamCounters): ClassifierResult | undefined {
    switch (type) {
      case 'content_block_start':
        this.#openBlocks.add(indexOf(event));
        addContent(blockLength(event.content_block), counters);
        return this.#openBlocks.size > MAX_OPEN_BLOCKS
          ? { outcome: 'malformed', detail: `a message with more than ${MAX_OPEN_BLOCKS} blocks open` }
          : undefined;
      case 'content_block_delta':
        addContent(deltaLength(event.delta), counters);
        return undefined;
      case 'content_block_stop':
        this.#openBlocks.delete(indexOf(event));
        return undefined;
      case 'message_delta':
        return this.#noteStop(event, counters);
      case 'message_stop':
        return this.#stopped();
      default:
        // The API says that new types may come at any time.
        return undefined;
    }
  }

  #noteStop({ delta }: JsonObject, counters: StreamCounters): ClassifierResult | undefined {
    const reason = isObject(delta) ? finishReasonOf(delta.stop_reason) : undefined;
    if (reason === undefined || !isObject(delta)) return undefined;
    if (this.#stop === undefined) countFinish(reason, counters);
    this.#stop = reason;
    return finishError(delta.stop_reason, 'stop_reason');
  }

  #stopped(): ClassifierResult {
    if (this.#openBlocks.size > 0)
      return { outcome: 'truncated', detail: 'message_stop with a content block open' };
    return this.#stop === undefined
      ? { outcome: 'truncated', detail: 'message_stop without a stop_reason' }
      : { outcome: outcomeOf([this.#stop]) };
  }
}

function indexOf({ index }: JsonObject): number {
  return typeof index === 'number' ? index : -1;
}

/** @returns code points of what a block begins with: the name of a tool, or a text that is not empty yet */
function blockLength(block: unknown): number {
  if (!isObject(block)) return 0;
  const { type } = block;
  if (typeof type === 'string' && type.endsWith('tool_use')) return toolCallLength({ name: block.name });
  return type === 'text' || type === 'thinking' ? textLength(block) : 0;
}

/** @returns code points of what a delta adds to the answer */
function deltaLength(delta: unknown): number {
  const field = isObject(delta) ? DELTA_FIELDS.get(delta.type) : undefined;
  const text = field === undefined ? undefined : (delta as JsonObject)[field];
  return typeof text === 'string' ? codePointsOf(text) : 0;
}

const event = (type: string, rest: object = {}): string => exampleEvent({ type, ...rest }, type);

export const ANTHROPIC = {
  name: 'anthropic',
  help: 'messages of the Anthropic API: content blocks, then message_stop',
  ...EVENT_API,
  paid: true,
  path: ['/messages'],
  tokenLimits: ['max_tokens'],
  guess: ({ name, data }) => {
    if (data === undefined) return undefined;
    const type = typeof data.type === 'string' ? data.type : name;
    if (type === 'message_start') return 'its first event is of type message_start';
    return type === 'error' && isObject(data.error)
      ? 'its first event is an error as that API writes it'
      : undefined;
  },
  classifier: ({ maxEventBytes }): ClassifierFactory => {
    const scanner = new JsonScanner(DELTAS);
    return () => new MessageClassifier(scanner, maxEventBytes, TEXT_OF_TYPE);
  },
  example: [
    event('message_start', { message: { id: 'm' } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'some' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: ' words' } }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
    event('message_stop'),
  ].join(''),
} as const satisfies StreamFormat;
