import { CREATED_S, type Encoding, EVENTS, event, FAILURE, MODEL } from './encoding.ts';
import { DONE } from './plain.ts';

/** What differs between the two formats of OpenAI whose events have a list of choices. */
interface Differences {
  /** Keys of each event, before and after the common ones. */
  readonly head: object;
  readonly more?: object;
  /** Returns the part of a choice that carries its content; without content, that of its end. */
  readonly carry: (content?: string) => object;
  /** Part of the first choice, before any content. */
  readonly first?: object;
}

export function choicesEncoding({ head, more, carry, first }: Differences): Encoding {
  const chunk = (choices: readonly object[], usage?: object): string =>
    event({ ...head, created: CREATED_S, model: MODEL, ...more, choices, usage });
  const choice = (part: object, finishReason: string | null = null): string =>
    chunk([{ index: 0, ...part, logprobs: null, finish_reason: finishReason }]);
  return {
    ...EVENTS,
    opening: first === undefined ? [] : [choice(first)],
    content: (content) => choice(carry(content)),
    closing: ({ chunks, limited, promptTokens, usage }) => {
      const counts = {
        prompt_tokens: promptTokens,
        completion_tokens: chunks,
        total_tokens: promptTokens + chunks,
      };
      return [
        { text: choice(carry(), limited ? 'length' : 'stop') },
        ...(usage ? [{ text: chunk([], counts), outputTokens: chunks }] : []),
        { text: DONE, isTerminal: true },
      ];
    },
    error: () => [event({ error: FAILURE })],
    afterEnd: () => choice(carry('more')),
  };
}
