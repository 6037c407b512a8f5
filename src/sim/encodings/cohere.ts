import { type Encoding, EVENTS, FAILURE, ID, typed } from './encoding.ts';

const contentOf = (text: string): string =>
  typed({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } });

export const COHERE: Encoding = {
  ...EVENTS,
  opening: [
    typed({
      type: 'message-start',
      id: ID,
      delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
    }),
    typed({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
  ],
  content: contentOf,
  closing: ({ chunks, limited, promptTokens }) => [
    { text: typed({ type: 'content-end', index: 0 }) },
    {
      text: typed({
        type: 'message-end',
        delta: {
          finish_reason: limited ? 'MAX_TOKENS' : 'COMPLETE',
          usage: {
            billed_units: { input_tokens: promptTokens, output_tokens: chunks },
            tokens: { input_tokens: promptTokens, output_tokens: chunks },
          },
        },
      }),
      outputTokens: chunks,
      isTerminal: true,
    },
  ],
  error: () => [typed({ type: 'message-end', delta: { finish_reason: 'ERROR', error: FAILURE.message } })],
  afterEnd: () => contentOf('more'),
};
