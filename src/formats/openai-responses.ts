import type { ClassifierFactory, ClassifierResult, StreamCounters } from './classifier.ts';
import { codePointsOf } from './code-points.ts';
import { addContent, toolCallLength } from './content.ts';
import { errorName, eventErrorName, untypedError } from './errors.ts';
import { doneInPlaceOf } from './event-classifier.ts';
import { countFinish, finishReasonOf } from './finish-reasons.ts';
import { EVENT_API, exampleEvent, type StreamFormat } from './format.ts';
import { JsonScanner, type Shape } from './json/scanner.ts';
import { isObject, type JsonObject } from './json/values.ts';
import { type JsonEvent, JsonEventClassifier, typeOf } from './json-events.ts';
import { noteUsage } from './tokens.ts';

/** The usual events whose `delta` adds to the answer. */
const DELTAS: Shape = {
  object: {
    type: {
      word: [
        'response.output_text.delta',
        'response.refusal.delta',
        'response.reasoning_text.delta',
        'response.reasoning_summary_text.delta',
        'response.function_call_arguments.delta',
      ],
    },
    delta: 'text',
    sequence_number: { integer: 'sequence_number' },
    response: 'null',
    error: 'null',
  },
  required: ['type', 'delta'],
};

/** Any other event of this form adds to the answer as well, but for sound, which is no text. */
const DELTA_TYPE = /^response\.(?!audio\.delta$).*\.delta$/;
/** Deltas of reasoning, in full or as a summary. */
const REASONING_TYPE = /^response\.reasoning/;
/** Items that call a tool: their name is content. */
const CALL_TYPE = /_call$/;

/** Streamed responses: complete at `response.completed`, numbered without a gap. */
class ResponsesClassifier extends JsonEventClassifier {
  /** Where the scanner keeps the number of an event. */
  readonly #slot: number;
  #sequence: number | undefined;

  constructor(scanner: JsonScanner, maxEventBytes: number | undefined) {
    super(scanner, maxEventBytes);
    this.#slot = scanner.slotOf('sequence_number');
  }

  protected override onDelta(characters: number, counters: StreamCounters): ClassifierResult | undefined {
    if (this.reader.reasoning) counters.reasoning = true;
    const number = this.reader.number(this.#slot);
    return (number < 0 ? undefined : this.#gap(number)) ?? super.onDelta(characters, counters);
  }

  protected override onDone(): ClassifierResult {
    return doneInPlaceOf('response.completed');
  }

  protected override onEnd(): ClassifierResult {
    return { outcome: 'truncated', detail: 'the body ended without response.completed' };
  }

  protected override onJson(event: JsonEvent, counters: StreamCounters): ClassifierResult | undefined {
    const { value } = event;
    const type = typeOf(event);
    if (type === 'error') return { outcome: 'inband_error', detail: `error ${eventErrorName(value)}` };
    const error = untypedError(value, type);
    if (error !== undefined) return error;
    const gap = this.#gap(value.sequence_number);
    if (gap !== undefined) return gap;
    if (isObject(value.response)) noteUsage(value.response.usage, counters);
    return this.#typed(type, value, counters);
  }

  #typed(type: string, event: JsonObject, counters: StreamCounters): ClassifierResult | undefined {
    const response = isObject(event.response) ? event.response : undefined;
    switch (type) {
      case 'response.completed':
        countFinish('stop', counters);
        return { outcome: 'complete' };
      case 'response.incomplete': {
        const details = response?.incomplete_details;
        countFinish(finishReasonOf(isObject(details) ? details.reason : undefined) ?? 'other', counters);
        return { outcome: 'limited' };
      }
      case 'response.failed':
      case 'response.cancelled':
        countFinish('error', counters);
        return { outcome: 'inband_error', detail: `${type} ${errorName(response?.error)}` };
      case 'response.output_item.added': {
        const { item } = event;
        if (isObject(item) && CALL_TYPE.test(String(item.type)))
          addContent(toolCallLength({ name: item.name }), counters);
        return undefined;
      }
      default:
        if (DELTA_TYPE.test(type) && typeof event.delta === 'string') {
          const characters = codePointsOf(event.delta);
          if (characters > 0 && REASONING_TYPE.test(type)) counters.reasoning = true;
          addContent(characters, counters);
        }
        return undefined;
    }
  }

  /** Numbers start at the first one seen. One that repeats, or goes back, is taken as the next one. */
  #gap(number: unknown): ClassifierResult | undefined {
    if (typeof number !== 'number') return undefined;
    const expected = this.#sequence === undefined ? number : this.#sequence + 1;
    this.#sequence = expected;
    if (number <= expected) return undefined;
    return { outcome: 'protocol_violation', detail: `sequence_number ${number} where ${expected} was due` };
  }
}

const event = (type: string, rest: object): string => exampleEvent({ type, ...rest }, type);

export const OPENAI_RESPONSES = {
  name: 'openai-responses',
  help: 'responses of the OpenAI API: numbered events, then response.completed',
  ...EVENT_API,
  paid: true,
  path: ['/responses'],
  tokenLimits: ['max_output_tokens'],
  guess: ({ name, data }) => {
    if (data === undefined) return undefined;
    const type = typeof data.type === 'string' ? data.type : name;
    return type.startsWith('response.') ? `its first event is of type ${type.slice(0, 40)}` : undefined;
  },
  classifier: ({ maxEventBytes }): ClassifierFactory => {
    const scanner = new JsonScanner(DELTAS);
    return () => new ResponsesClassifier(scanner, maxEventBytes);
  },
  example: [
    event('response.created', { sequence_number: 0, response: { id: 'r' } }),
    event('response.output_text.delta', { sequence_number: 1, item_id: 'i', delta: 'some' }),
    event('response.output_text.delta', { sequence_number: 2, item_id: 'i', delta: ' words' }),
    event('response.completed', { sequence_number: 3, response: { id: 'r' } }),
  ].join(''),
} as const satisfies StreamFormat;
