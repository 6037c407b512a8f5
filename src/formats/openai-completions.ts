import { textLength } from './content.ts';
import { EVENT_STREAM, exampleEvent, type StreamFormat } from './format.ts';
import { isObject } from './json/values.ts';
import { choicesClassifier } from './openai-choices.ts';

const choice = (text: string, finish_reason: string | null = null): string =>
  exampleEvent({ id: 'c', object: 'text_completion', choices: [{ index: 0, text, finish_reason }] });

export const OPENAI_COMPLETIONS = {
  name: 'openai-completions',
  help: 'legacy completions of the OpenAI API: as openai-chat, with the text in choices[].text',
  framing: 'events',
  ...EVENT_STREAM,
  paid: true,
  terminals: { kinds: ['finish'] },
  errors: [],
  path: ['/completions'],
  tokenLimits: ['max_tokens'],
  usageAdvice: 'stream_options: { include_usage: true } in the body of the request',
  guess: ({ data }) => {
    if (data === undefined) return undefined;
    if (data.object === 'text_completion') return 'its first event has object: text_completion';
    const [first] = Array.isArray(data.choices) ? data.choices : [];
    return isObject(first) && typeof first.text === 'string'
      ? 'its first event has choices with text, as completions do'
      : undefined;
  },
  classifier: choicesClassifier({ shape: { text: 'text' }, length: ({ text }) => textLength(text) }),
  example: `${choice('some')}${choice(' words')}${choice('', 'stop')}data: [DONE]\n\n`,
} as const satisfies StreamFormat;
