/** Random JSON for tests: as the APIs write it, as nobody does, and broken. */
import fc from 'fast-check';

/** A value to be written out. Pairs may hold a key twice; `raw` goes out as it is, good JSON or not. */
export type Node =
  | string
  | null
  | { readonly raw: string }
  | { readonly list: readonly Node[] }
  | { readonly pairs: readonly Pair[] };
type Pair = readonly [string, Node];

/** What a writer chooses by, one number for each choice, over and over. */
export type Style = readonly number[];
export const style: fc.Arbitrary<Style> = fc.oneof(
  fc.constant([0]),
  fc.array(fc.nat({ max: 63 }), { minLength: 1, maxLength: 40 }),
);

/** @returns the text of the value, with white space and escapes as the style has them */
export function write(node: Node, choices: Style): string {
  let n = 0;
  const choose = (): number => choices[n++ % choices.length]!;
  const space = (): string => [' ', '\n', '\t', '\r\n', '  '][choose() - 56] ?? '';
  const text = (value: string): string => {
    let out = '"';
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      const short = { 34: '\\"', 92: '\\\\', 47: '\\/', 8: '\\b', 12: '\\f', 10: '\\n', 13: '\\r', 9: '\\t' }[
        unit
      ];
      const isLone =
        (unit & 0xf800) === 0xd800 &&
        !((unit & 0xfc00) === 0xd800 && (value.charCodeAt(i + 1) & 0xfc00) === 0xdc00) &&
        !((unit & 0xfc00) === 0xdc00 && i > 0 && (value.charCodeAt(i - 1) & 0xfc00) === 0xd800);
      const isPair = (unit & 0xfc00) === 0xd800 && !isLone;
      const choice = choose();
      if (short !== undefined && (unit !== 47 || choice > 31) && choice < 60) out += short;
      else if (unit < 0x20 || unit === 34 || unit === 92 || isLone || choice > 60) {
        const hex = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;
        out += choice === 62 ? hex(unit).toUpperCase().replace('U', 'u') : hex(unit);
        if (isPair) out += hex(value.charCodeAt(++i));
      } else if (isPair) {
        out += value[i]! + value[++i]!;
      } else out += value[i];
    }
    return `${out}"`;
  };
  const value = (of: Node): string => {
    if (of === null) return 'null';
    if (typeof of === 'string') return text(of);
    if ('raw' in of) return of.raw;
    if ('list' in of)
      return `[${of.list.map((item) => space() + value(item) + space()).join(',')}${space()}]`;
    const members = of.pairs.map(
      ([key, item]) => `${space()}${text(key)}${space()}:${space()}${value(item)}${space()}`,
    );
    return `{${members.join(',')}${space()}}`;
  };
  return space() + value(node) + space();
}

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

/** Changes to bytes: where, what kind, what with. */
export const mutations = fc.array(
  fc.tuple(
    fc.nat({ max: 2000 }),
    fc.nat({ max: 3 }),
    fc.constantFrom(
      ...Buffer.from('"\\{}[],: \n\t0-.e9tfnu\0\x1f\x7f\x80\xc3\xe2\xed\xa0\xf0\x9f\xff', 'latin1'),
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

/** @returns the bytes with some of them replaced, left out, put in, or repeated */
export function mutate(bytes: Buffer, changes: readonly (readonly [number, number, number])[]): Buffer {
  let out = bytes;
  for (const [where, kind, byte] of changes) {
    const at = where % (out.length + 1);
    const head = out.subarray(0, at);
    if (kind === 0) out = Buffer.concat([head, Buffer.of(byte), out.subarray(at + 1)]);
    else if (kind === 1) out = Buffer.concat([head, out.subarray(at + 1)]);
    else if (kind === 2) out = Buffer.concat([head, Buffer.of(byte), out.subarray(at)]);
    else out = Buffer.concat([head, out.subarray(Math.max(0, at - 7), at), out.subarray(at)]);
  }
  return out;
}
