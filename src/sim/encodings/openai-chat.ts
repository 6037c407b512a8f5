import { CREATED_S, type Encoding, EVENTS, event, FAILURE, ID, MODEL } from './encoding.ts';
import { DONE } from './plain.ts';

function chunk(choices: readonly object[], usage?: object): string {
  return event({
    id: `chatcmpl-${ID}`,
    object: 'chat.completion.chunk',
    created: CREATED_S,
    model: MODEL,
    system_fingerprint: null,
    choices,
    ...(usage === undefined ? {} : { usage }),
  });
}

const delta = (delta: object, finishReason: string | null = null): string =>
  chunk([{ index: 0, delta, logprobs: null, finish_reason: finishReason }]);

export const OPENAI_CHAT: Encoding = {
  ...EVENTS,
  opening: [delta({ role: 'assistant', content: '' })],
  content: (content) => delta({ content }),
  closing: ({ chunks, limited, promptTokens, usage }) => [
    { text: delta({}, limited ? 'length' : 'stop') },
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
  afterEnd: () => delta({ content: 'more' }),
};
