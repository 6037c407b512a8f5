import { reasoningLength, textLength, toolCallLength } from './content.ts';
import { EVENT_STREAM, exampleEvent, type StreamFormat } from './format.ts';
import { isObject, type JsonObject } from './json/values.ts';
import { type ChoiceContent, choicesClassifier } from './openai-choices.ts';

/** Content of the delta of a choice: what is said, refused and thought, and calls of tools. */
const DELTAS: ChoiceContent = {
  shape: {
    delta: {
      object: {
        content: 'text',
        reasoning_content: 'reasoning',
        reasoning: 'reasoning',
        refusal: 'text',
        reasoning_details: 'null',
        thinking_blocks: 'null',
        function_call: 'null',
        tool_calls: { one: { object: { function: { object: { name: 'null', arguments: 'text' } } } } },
      },
    },
  },
  length: ({ delta }) =>
    isObject(delta)
      ? textLength(delta.content) + textLength(delta.refusal) + reasoningLength(delta) + callsLength(delta)
      : 0,
  reasons: ({ delta }) => isObject(delta) && reasoningLength(delta) > 0,
};

function callsLength({ tool_calls: calls, function_call: call }: JsonObject): number {
  const all = Array.isArray(calls) ? calls : [];
  return all.reduce(
    (sum: number, one) => sum + toolCallLength(isObject(one) ? one.function : undefined),
    toolCallLength(call),
  );
}

const choice = (delta: object, finish_reason: string | null = null): string =>
  exampleEvent({
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  });

export const OPENAI_CHAT = {
  name: 'openai-chat',
  help: 'chat completions of the OpenAI API: events of JSON, then [DONE]',
  framing: 'events',
  ...EVENT_STREAM,
  paid: true,
  terminals: { kinds: ['finish'] },
  errors: [],
  path: ['/chat/completions'],
  tokenLimits: ['max_completion_tokens', 'max_tokens'],
  usageAdvice: 'stream_options: { include_usage: true } in the body of the request',
  guess: ({ name, data }) => {
    if (data === undefined) return undefined;
    if (data.object === 'chat.completion.chunk') return 'its first event has object: chat.completion.chunk';
    if (Array.isArray(data.choices)) {
      return isObject(data.choices[0]) && 'text' in data.choices[0]
        ? undefined
        : 'its first event has choices, as chat completions do';
    }
    return isObject(data.error) && data.type === undefined && name === ''
      ? 'its first event is an error as that API writes it'
      : undefined;
  },
  classifier: choicesClassifier(DELTAS),
  example: `${choice({ role: 'assistant', content: '' })}${choice({ content: 'some' })}${choice({ content: ' words' })}${choice({}, 'stop')}data: [DONE]\n\n`,
} as const satisfies StreamFormat;
