import { CREATED_S, type Encoding, EVENTS, event, FAILURE, ID, MODEL } from './encoding.ts';
import { DONE } from './plain.ts';

function chunk(choices: readonly object[], usage?: object): string {
  return event({
    id: `cmpl-${ID}`,
    object: 'text_completion',
    created: CREATED_S,
    model: MODEL,
    choices,
    ...(usage === undefined ? {} : { usage }),
  });
}

const choice = (text: string, finishReason: string | null = null): string =>
  chunk([{ index: 0, text, logprobs: null, finish_reason: finishReason }]);

export const OPENAI_COMPLETIONS: Encoding = {
  ...EVENTS,
  opening: [],
  content: (text) => choice(text),
  closing: ({ chunks, limited, promptTokens, usage }) => [
    { text: choice('', limited ? 'length' : 'stop') },
    ...(usage
      ? [
          {
            text: chunk([], {
              prompt_tokens: promptTokens,
              completion_tokens: chunks,
              total_tokens: promptTokens + chunks,
            }),
            outputTokens: chunks,
          },
        ]
      : []),
    { text: DONE, isTerminal: true },
  ],
  error: () => [event({ error: FAILURE })],
  afterEnd: () => choice('more'),
};
