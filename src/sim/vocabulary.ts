/**
 * Characters by how many bytes of UTF-8 they take. Chosen to hurt a careless reader: quotes and backslashes
 * that JSON must escape, U+0085, U+2028 and U+2029, which are no line ends in server-sent events, and
 * characters outside the basic plane, which are two units of a JavaScript string and one code point.
 */
const ALPHABETS: readonly (readonly string[])[] = [
  [...'the quick "brown" fox, jumps: over {a} <lazy> dog & c\\d; 42% of [it] = ok?'],
  [...'éüñßøäçàλжяшאבد\u0085'],
  [...'日本語中文한글€—…あア\u2028\u2029'],
  [...'😀🚀𝄞🎉👍🧪𝒳🌍'],
];

/** Where the share of one alphabet ends and the next begins; 1.9 bytes a character, as the seed's answers have. */
const SHARES_UP_TO: readonly number[] = [0.5, 0.7, 0.9, 1];

/** Multiples of this, modulo 1, fill [0, 1) evenly from the first few on. */
const GOLDEN_RATIO = 0.6180339887498949;

/** Different texts of each length. */
export const TEXTS_PER_LENGTH = 64;

/** Longest text that is worth keeping; a longer one repeats one of these. Code points. */
export const MAX_KEPT = 256;

/**
 * @param characters code points, at least 1
 * @param variant from 0 to TEXTS_PER_LENGTH − 1
 * @returns always the same text for the same arguments. Over all variants of a length bytes and characters
 * stand in the same proportion, to within about a percent: the characters are dealt out evenly, not drawn.
 */
export function textOf(characters: number, variant: number): string {
  if (characters > MAX_KEPT) {
    const block = textOf(MAX_KEPT, variant);
    const rest = characters % MAX_KEPT;
    return block.repeat(Math.floor(characters / MAX_KEPT)) + (rest > 0 ? textOf(rest, variant) : '');
  }
  let text = '';
  const first = variant * characters;
  for (let i = first; i < first + characters; i++) {
    const u = (i * GOLDEN_RATIO) % 1;
    const alphabet = ALPHABETS[SHARES_UP_TO.findIndex((upTo) => u < upTo)]!;
    text += alphabet[i % alphabet.length]!;
  }
  return text;
}
