/** JSON text written in any style, and broken. */
import fc from 'fast-check';

/** A value to be written out. Pairs may hold a key twice; `raw` goes out as it is, good JSON or not. */
export type Node =
  | string
  | null
  | { readonly raw: string }
  | { readonly list: readonly Node[] }
  | { readonly pairs: readonly Pair[] };
export type Pair = readonly [string, Node];

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
