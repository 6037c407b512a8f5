import { type Encoding, FAILURE, LINES, line, MODEL } from './encoding.ts';

const CREATED_AT = '2026-01-01T00:00:00.000000Z';

function say(content: string, rest: object = { done: false }): string {
  return line({
    model: MODEL,
    created_at: CREATED_AT,
    message: { role: 'assistant', content },
    ...rest,
  });
}

export const OLLAMA: Encoding = {
  ...LINES,
  opening: [],
  wholeLines: false,
  content: (text) => say(text),
  closing: ({ chunks, limited, promptTokens }) => [
    {
      text: say('', {
        done: true,
        done_reason: limited ? 'length' : 'stop',
        prompt_eval_count: promptTokens,
        eval_count: chunks,
      }),
      outputTokens: chunks,
      isTerminal: true,
    },
  ],
  error: () => [line({ error: FAILURE.message })],
  afterEnd: () => say('more'),
};
