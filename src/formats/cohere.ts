import type { ClassifierFactory, ClassifierResult, StreamCounters } from './classifier.ts';
import { addContent, textLength, toolCallLength } from './content.ts';
import { eventErrorName, untypedError } from './errors.ts';
import { doneInPlaceOf } from './event-classifier.ts';
import { countFinish, finishError, finishReasonOf, outcomeOf } from './finish-reasons.ts';
import { EVENT_API, exampleEvent, type StreamFormat } from './format.ts';
import { JsonScanner, type Shape } from './json/scanner.ts';
import { isObject, type JsonObject } from './json/values.ts';
import { type JsonEvent, JsonEventClassifier, typeOf } from './json-events.ts';
import { isPresent } from './matcher.ts';
import { noteUsage } from './tokens.ts';

const DELTAS: Shape = {
  object: {
    type: { word: ['content-delta'] },
    delta: {
      object: {
        message: {
          object: {
            content: { object: { text: 'text', thinking: 'text' } },
            tool_plan: 'null',
            tool_calls: 'null',
          },
        },
        error: 'null',
      },
    },
    index: { integer: 'index' },
    error: 'null',
  },
  required: ['type', 'delta'],
};

/** Events whose message adds to the answer. */
const CONTENT: ReadonlySet<string> = new Set([
  'content-start',
  'content-delta',
  'tool-plan-delta',
  'tool-call-start',
  'tool-call-delta',
]);

/** Streams of the second chat API of Cohere: complete at `message-end` with a finish_reason. */
class CohereClassifier extends JsonEventClassifier {
  protected override onDone(): ClassifierResult {
    return doneInPlaceOf('message-end');
  }

  protected override onEnd(): ClassifierResult {
    return { outcome: 'truncated', detail: 'the body ended without message-end' };
  }

  protected override onJson(event: JsonEvent, counters: StreamCounters): ClassifierResult | undefined {
    const { value } = event;
    const type = typeOf(event);
    const delta = isObject(value.delta) ? value.delta : {};
    if (type === 'error' || isPresent(delta.error))
      return { outcome: 'inband_error', detail: `error ${eventErrorName(type === 'error' ? value : delta)}` };
    const error = untypedError(value, type);
    if (error !== undefined) return error;
    if (CONTENT.has(type)) addContent(messageLength(delta.message), counters);
    return type === 'message-end' ? ended(delta, counters) : undefined;
  }
}

function ended({ finish_reason: given, usage }: JsonObject, counters: StreamCounters): ClassifierResult {
  if (isObject(usage)) noteUsage(usage.tokens ?? usage.billed_units, counters);
  const reason = finishReasonOf(given);
  if (reason === undefined) return { outcome: 'truncated', detail: 'message-end without a finish_reason' };
  countFinish(reason, counters);
  return finishError(given, 'finish_reason') ?? { outcome: outcomeOf([reason]) };
}

/** @returns code points of what the message of an event adds to the answer */
function messageLength(message: unknown): number {
  if (!isObject(message)) return 0;
  const { content, tool_plan: plan, tool_calls: call } = message;
  return textLength(content) + textLength(plan) + toolCallLength(isObject(call) ? call.function : undefined);
}

const event = (type: string, rest: object = {}): string => exampleEvent({ type, ...rest }, type);
const content = (text: string): object => ({ message: { content: { text } } });

export const COHERE = {
  name: 'cohere',
  help: 'version 2 of the chat API of Cohere: typed events, then message-end',
  ...EVENT_API,
  paid: true,
  path: ['/v2/chat'],
  tokenLimits: ['max_tokens'],
  guess: ({ name, data }) => {
    const type = typeof data?.type === 'string' ? data.type : name;
    return type === 'message-start' ? 'its first event is of type message-start' : undefined;
  },
  classifier: ({ maxEventBytes }): ClassifierFactory => {
    const scanner = new JsonScanner(DELTAS);
    return () => new CohereClassifier(scanner, maxEventBytes);
  },
  example: [
    event('message-start', { id: 'm', delta: { message: { role: 'assistant' } } }),
    event('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
    event('content-delta', { index: 0, delta: content('some') }),
    event('content-delta', { index: 0, delta: content(' words') }),
    event('content-end', { index: 0 }),
    event('message-end', { delta: { finish_reason: 'COMPLETE' } }),
  ].join(''),
} as const satisfies StreamFormat;
