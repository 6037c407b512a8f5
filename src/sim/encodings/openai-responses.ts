import {
  type AnswerEnd,
  CREATED_S,
  type Encoding,
  EVENTS,
  FAILURE,
  ID,
  MODEL,
  type Typed,
  typed,
} from './encoding.ts';

const ITEM_ID = `msg_${ID}`;

function response(status: string, more: object = {}): object {
  return {
    id: `resp_${ID}`,
    object: 'response',
    created_at: CREATED_S,
    status,
    model: MODEL,
    output: [],
    error: null,
    incomplete_details: null,
    ...more,
  };
}

function deltaOf(delta: string, index: number): string {
  return typed({
    type: 'response.output_text.delta',
    sequence_number: index,
    item_id: ITEM_ID,
    output_index: 0,
    content_index: 0,
    delta,
  });
}

/**
 * Leaves out the whole text, which the real API repeats at the end: each open stream would have to keep it.
 */
function finished({ index, chunks, limited, promptTokens }: AnswerEnd): string {
  const usage = {
    input_tokens: promptTokens,
    output_tokens: chunks,
    total_tokens: promptTokens + chunks,
  };
  const status = limited ? 'incomplete' : 'completed';
  const more = limited ? { usage, incomplete_details: { reason: 'max_output_tokens' } } : { usage };
  return typed({
    type: `response.${status}`,
    sequence_number: index,
    response: response(status, more),
  });
}

const OPENING: readonly Typed[] = [
  { type: 'response.created', response: response('in_progress') },
  { type: 'response.in_progress', response: response('in_progress') },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { id: ITEM_ID, type: 'message', status: 'in_progress', role: 'assistant', content: [] },
  },
  {
    type: 'response.content_part.added',
    item_id: ITEM_ID,
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
];

export const OPENAI_RESPONSES: Encoding = {
  ...EVENTS,
  numbered: true,
  opening: OPENING.map((one, index) => typed({ ...one, sequence_number: index })),
  content: deltaOf,
  closing: (end) => [{ text: finished(end), outputTokens: end.chunks, isTerminal: true }],
  error: (index) => [
    typed({
      type: 'error',
      sequence_number: index,
      code: FAILURE.code,
      message: FAILURE.message,
      param: null,
    }),
  ],
  afterEnd: ({ index }) => deltaOf('more', index + 1),
};
