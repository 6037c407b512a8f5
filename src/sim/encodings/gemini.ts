import { type Encoding, EVENTS, event, ID, MODEL } from './encoding.ts';

function response(text: string, candidate: object = {}, rest: object = {}): string {
  return event({
    candidates: [{ content: { parts: [{ text }], role: 'model' }, ...candidate, index: 0 }],
    ...rest,
    modelVersion: MODEL,
    responseId: ID,
  });
}

export const GEMINI: Encoding = {
  ...EVENTS,
  opening: [],
  content: (text) => response(text),
  closing: ({ chunks, limited, promptTokens }) => [
    {
      text: response(
        '',
        { finishReason: limited ? 'MAX_TOKENS' : 'STOP' },
        {
          usageMetadata: {
            promptTokenCount: promptTokens,
            candidatesTokenCount: chunks,
            totalTokenCount: promptTokens + chunks,
          },
        },
      ),
      outputTokens: chunks,
    },
  ],
  error: () => [event({ error: { code: 503, message: 'simulated failure', status: 'UNAVAILABLE' } })],
  // The reason is no terminal event: content may follow it, and only the end of the body is the end.
  faults: { dataAfterEnd: null, halfOpen: 'stalled' },
};
