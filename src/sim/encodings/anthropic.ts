import { type Encoding, EVENTS, FAILURE, ID, MODEL, type Typed, typed } from './encoding.ts';

function deltaOf(text: string): string {
  return typed({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text },
  });
}

const OPENING: readonly Typed[] = [
  {
    type: 'message_start',
    message: {
      id: `msg_${ID}`,
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'ping' },
];

export const ANTHROPIC: Encoding = {
  ...EVENTS,
  opening: OPENING.map(typed),
  content: deltaOf,
  closing: ({ chunks, limited, promptTokens }) => [
    { text: typed({ type: 'content_block_stop', index: 0 }) },
    {
      text: typed({
        type: 'message_delta',
        delta: { stop_reason: limited ? 'max_tokens' : 'end_turn', stop_sequence: null },
        // The opening is the same for all streams, so the prompt's tokens are reported here.
        usage: { input_tokens: promptTokens, output_tokens: chunks },
      }),
      outputTokens: chunks,
    },
    { text: typed({ type: 'message_stop' }), isTerminal: true },
  ],
  error: () => [typed({ type: 'error', error: { type: 'api_error', message: FAILURE.message } })],
  afterEnd: () => deltaOf('more'),
};
