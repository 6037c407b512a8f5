/** Random JSON for tests: as the APIs write it, and as nobody does. */
import fc from 'fast-check';
import type { Node, Pair } from './json-writer.ts';

/** Text with what is hard about text. */
export const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('', 'a', ' token', 'Hello, world', 'length', 'ß', '€', '😀', '"}],{'),
  },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\ud83d', '\ude00', '\ude00\ud83d', '\0', '\u007f', '\\', '\u2028', '\ufeff'),
  },
);

const number = fc
  .oneof(
    { weight: 60, arbitrary: fc.nat({ max: 12 }).map(String) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        '-0',
        '-1',
        '1.5',
        '1e2',
        '1E+2',
        '2e-3',
        '0.10',
        '999999999999999',
        '9007199254740993',
        '1e999',
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('01', '1.', '.5', '1e', '-', '+1', '0x1', 'NaN', '00', '1_0', '-a'),
    },
  )
  .map((raw): Node => ({ raw }));

const anything: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'node' },
    fc.constantFrom<Node>(null, { raw: 'true' }, { raw: 'false' }),
    text,
    number,
    fc.array(tie('node'), { maxLength: 3 }).map((list): Node => ({ list })),
    fc.array(fc.tuple(text, tie('node')), { maxLength: 3 }).map((pairs): Node => ({ pairs })),
    fc.constantFrom<Node>(
      { raw: 'nul' },
      { raw: 'True' },
      { raw: '' },
      { raw: '[1,]' },
      { raw: '{"a":1,}' },
      { raw: '"\t"' },
      { raw: '"\\x"' },
      { raw: '"\\u12g4"' },
    ),
  ),
})).node;

/** Mostly the value, at times anything else. */
function mostly(arbitrary: fc.Arbitrary<Node>, weight = 30): fc.Arbitrary<Node> {
  return fc.oneof({ weight, arbitrary }, { weight: 1, arbitrary: anything });
}

/** An object of some of these members, in any order, at times with one twice or another besides. */
function object(
  members: Readonly<Record<string, fc.Arbitrary<Node>>>,
  required: readonly string[] = [],
  seldom: readonly string[] = [],
): fc.Arbitrary<Node> {
  const all: fc.Arbitrary<Pair[]>[] = Object.entries(members).map(([key, value]) => {
    const member = value.map((node): Pair[] => [[key, node]]);
    const twice = fc.tuple(value, value).map(([a, b]): Pair[] => [
      [key, a],
      [key, b],
    ]);
    const some = { weight: required.includes(key) ? 400 : seldom.includes(key) ? 2 : 60, arbitrary: member };
    return fc.oneof(
      some,
      { weight: 30, arbitrary: fc.constant<Pair[]>([]) },
      { weight: 2, arbitrary: twice },
    );
  });
  const other = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Pair[]>([]) },
    { weight: 1, arbitrary: fc.tuple(text, anything).map((pair): Pair[] => [pair]) },
  );
  return fc
    .tuple(fc.tuple(...all, other), fc.nat({ max: 3 }), fc.nat({ max: 20 }))
    .map(([parts, order, at]): Node => {
      const pairs = parts.flat();
      if (order > 0) return { pairs };
      const cut = at % (pairs.length + 1);
      return { pairs: [...pairs.slice(cut), ...pairs.slice(0, cut).reverse()] };
    });
}

const NULL = fc.constant<Node>(null);
const textOrNull = mostly(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: NULL }));
const id = fc.constantFrom<Node>('chatcmpl-1', 'msg_1');
const rare = (arbitrary: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
  fc.oneof({ weight: 20, arbitrary: NULL }, { weight: 1, arbitrary });

/** Text of a chunk whose key is at times written with an escape, which the style does to any of them. */
const toolCalls = mostly(
  fc
    .array(
      mostly(object({ index: number, function: mostly(object({ name: text, arguments: textOrNull })) })),
      { maxLength: 2 },
    )
    .map((list): Node => ({ list })),
);
const choice = mostly(
  object(
    {
      index: mostly(number),
      delta: mostly(
        object(
          {
            role: text,
            content: textOrNull,
            reasoning_content: textOrNull,
            refusal: rare(text),
            reasoning: rare(text),
            tool_calls: rare(toolCalls),
          },
          ['content'],
        ),
      ),
      logprobs: NULL,
      finish_reason: mostly(
        fc.constantFrom<Node>(
          null,
          null,
          null,
          'stop',
          'length',
          'content_filter',
          'tool_calls',
          'error',
          'lengths',
          '',
          'constructor',
        ),
      ),
    },
    ['index', 'delta', 'finish_reason'],
  ),
);
const usage = mostly(
  object({
    prompt_tokens: mostly(number),
    completion_tokens: mostly(number),
    total_tokens: number,
    input_tokens: rare(number),
    completion_tokens_details: anything,
  }),
);
export const chatChunk = mostly(
  object(
    {
      id,
      object: id,
      created: number,
      choices: mostly(fc.array(choice, { maxLength: 3 }).map((list): Node => ({ list }))),
      usage: fc.oneof({ weight: 2, arbitrary: NULL }, { weight: 1, arbitrary: usage }),
      error: rare(mostly(object({ type: text, code: number, message: text }))),
    },
    ['choices'],
  ),
);

export const anthropicEvent = mostly(
  object(
    {
      type: mostly(
        fc.constantFrom<Node>(
          'content_block_delta',
          'content_block_delta',
          'content_block_delta',
          'content_block_start',
          'content_block_stop',
          'message_delta',
          'error',
          'ping',
          'news',
        ),
      ),
      index: mostly(number),
      delta: mostly(
        object(
          {
            type: mostly(
              fc.constantFrom<Node>('text_delta', 'thinking_delta', 'input_json_delta', 'signature_delta'),
            ),
            text: mostly(text),
            thinking: mostly(text),
            partial_json: mostly(text),
            stop_reason: rare(text),
          },
          ['type', 'text'],
        ),
      ),
      usage: object({ input_tokens: number, output_tokens: number }),
    },
    ['type', 'delta'],
    ['usage'],
  ),
);

export const responsesEvent = mostly(
  object(
    {
      type: mostly(
        fc.constantFrom<Node>(
          'response.output_text.delta',
          'response.output_text.delta',
          'response.refusal.delta',
          'response.created',
          'response.failed',
          'response.incomplete',
          'error',
        ),
      ),
      sequence_number: mostly(number),
      item_id: id,
      delta: mostly(text),
      logprobs: anything,
      obfuscation: text,
      response: object({ usage: object({ input_tokens: number }) }),
    },
    ['type', 'delta'],
    ['response'],
  ),
);

export const ollamaLine = mostly(
  object(
    {
      model: id,
      created_at: id,
      message: mostly(object({ role: text, content: mostly(text), thinking: mostly(text) }, ['content'])),
      response: mostly(text),
      done: mostly(
        fc.constantFrom<Node>({ raw: 'false' }, { raw: 'false' }, { raw: 'false' }, { raw: 'true' }),
      ),
      done_reason: rare(fc.constantFrom<Node>('stop', 'length')),
      error: text,
      eval_count: number,
    },
    ['done'],
    ['error'],
  ),
);
