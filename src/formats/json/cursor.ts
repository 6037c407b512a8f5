import { characterLength, digitsFrom, escaped, isSecondHalf, plainFrom } from './bytes.ts';
import { ascii, matches, skipColon, skipSpace, skipValue } from './skip.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const POINT = 46;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** Integers of so many digits are exact in a double. */
const MAX_DIGITS = 15;
const NO_BYTES = new Uint8Array(0);

/** Names to be looked for among keys. */
export interface Names {
  readonly names: readonly Uint8Array[];
  /** What most keys differ in already, for each name. */
  readonly codes: readonly number[];
}

/** @param texts ASCII, none empty */
export function namesOf(texts: readonly string[]): Names {
  const names = texts.map(ascii);
  return { names, codes: names.map((name) => codeOf(name, 0, name.length)) };
}

/** Its length, its first byte and its last one. */
function codeOf(bytes: Uint8Array, start: number, end: number): number {
  return ((end - start) << 16) | (bytes[start]! << 8) | bytes[end - 1]!;
}

/** @returns which of the names stands there; −1 for none */
function among(bytes: Uint8Array, start: number, end: number, { codes, names }: Names): number {
  if (end === start) return -1;
  const code = codeOf(bytes, start, end);
  for (let n = 0; n < codes.length; n++) {
    if (codes[n] === code && matches(bytes, start, end, names[n]!)) return n;
  }
  return -1;
}

const NULL = ascii('null');
const FALSE = ascii('false');

/**
 * A walk over the bytes of a JSON text that creates no values. It validates every byte, even of skipped
 * values: JSON.parse accepts every text that a walk takes to {@link done}, with the same meaning. The reverse
 * does not hold: failure means only that this reader does not support the text (it is invalid, has escapes in
 * a key, is nested deep, …). Failure is sticky: every later step fails, too.
 */
export class JsonCursor {
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;
  #end = 0;
  #keyStart = 0;
  #keyEnd = 0;
  #wordStart = 0;
  #wordEnd = 0;
  #failed = false;
  /** The last string in which {@link text} found characters: where it was, with its quotes, and how many. */
  textStart = 0;
  textEnd = 0;
  textCharacters = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = skipSpace(bytes, start, end);
    this.#end = end;
    this.#failed = false;
  }

  /** Ends the walk. @returns whether it came to the end of a whole JSON text */
  done(): boolean {
    const whole = !this.#failed && skipSpace(this.#bytes, this.#at, this.#end) === this.#end;
    // A read of the socket is not kept alive by the last walk over it.
    this.#bytes = NO_BYTES;
    this.#at = this.#end = 0;
    return whole;
  }

  /** @returns false, which a step can return in turn */
  fail(): false {
    this.#failed = true;
    this.#at = this.#end;
    return false;
  }

  /**
   * Notes that a key was seen, and fails if it was before: the last one of two alike counts for JSON.parse.
   * @param seen the bits of the keys seen in this object
   */
  once(seen: number, bit: number): number {
    if ((seen & bit) !== 0) this.fail();
    return seen | bit;
  }

  /** Steps into an object. @returns whether the cursor is at the value of its first key; not if it has none */
  enterObject(): boolean {
    if (this.#peek() !== OPEN_BRACE) return this.fail();
    this.#at++;
    if (this.#peek() !== CLOSE_BRACE) return this.#key();
    this.#at++;
    return false;
  }

  /** To the next key, from behind a value. @returns whether there is one; the object is left if not */
  nextKey(): boolean {
    const byte = this.#peek();
    if (byte !== COMMA && byte !== CLOSE_BRACE) return this.fail();
    this.#at++;
    if (byte === CLOSE_BRACE) return false;
    this.#peek();
    return this.#key();
  }

  /** Steps into an array. @returns whether the cursor is at its first element */
  enterArray(): boolean {
    if (this.#peek() !== OPEN_BRACKET) return this.fail();
    this.#at++;
    if (this.#peek() !== CLOSE_BRACKET) return true;
    this.#at++;
    return false;
  }

  /** To the next element, from behind one. @returns whether there is one; the array is left if not */
  nextElement(): boolean {
    const byte = this.#peek();
    if (byte !== COMMA && byte !== CLOSE_BRACKET) return this.fail();
    this.#at++;
    if (byte === CLOSE_BRACKET) return false;
    this.#peek();
    return true;
  }

  /** @returns which of these names the key is; −1 for none */
  keyAmong(names: Names): number {
    return among(this.#bytes, this.#keyStart, this.#keyEnd, names);
  }

  keyIs(name: Uint8Array): boolean {
    return (
      this.#keyEnd - this.#keyStart === name.length &&
      matches(this.#bytes, this.#keyStart, this.#keyEnd, name)
    );
  }

  /** Whether the value is null; it is left if so. */
  skipNull(): boolean {
    return this.#skipWord(NULL);
  }

  /** Whether the value is false; it is left if so. */
  skipFalse(): boolean {
    return this.#skipWord(FALSE);
  }

  /** Where the cursor is. */
  get at(): number {
    return this.#at;
  }

  /** Leaves a value of any kind. */
  skip(): void {
    const after = skipValue(this.#bytes, this.#at, this.#end);
    if (after < 0) this.fail();
    else this.#at = after;
  }

  /** @returns the value, which must be a small integer, ≥ 0 and written as one; −1 as it fails */
  integer(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    const after = digitsFrom(bytes, start, this.#end);
    const digits = after - start;
    const next = after < this.#end ? bytes[after]! : 0;
    const isPlain = next !== POINT && (next | 0x20) !== 0x65;
    if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[start] === 48) || !isPlain) {
      this.fail();
      return -1;
    }
    this.#at = after;
    let value = 0;
    for (let i = start; i < after; i++) value = value * 10 + bytes[i]! - 48;
    return value;
  }

  /** Leaves the value, which must be a string without escapes. @returns whether it was */
  word(): boolean {
    const end = this.#plainString();
    if (end < 0) return false;
    this.#wordStart = this.#at + 1;
    this.#wordEnd = end;
    this.#at = end + 1;
    return true;
  }

  /** @returns which of these the last {@link word} was; −1 for none */
  wordAmong(names: Names): number {
    return among(this.#bytes, this.#wordStart, this.#wordEnd, names);
  }

  /**
   * Leaves the value, which must be a string of good UTF-8. Escapes are the characters that they stand for; as
   * in `codePointsOf`, the second half of a pair adds none.
   * @returns its code points; −1 as it fails
   */
  text(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = this.#at;
    if (i >= end || bytes[i] !== QUOTE) return this.#noText();
    // The bytes before i, less those that start no code point of their own.
    let start = ++i;
    for (;;) {
      i = plainFrom(bytes, i, end);
      if (i >= end) return this.#noText();
      const byte = bytes[i]!;
      if (byte === QUOTE) {
        if (i > start) {
          this.textStart = this.#at;
          this.textEnd = i + 1;
          this.textCharacters = i - start;
        }
        this.#at = i + 1;
        return i - start;
      }
      if (byte === BACKSLASH) {
        const after = escaped(bytes, i, end);
        if (after < 0) return this.#noText();
        start += after - i - (isSecondHalf(bytes, i) ? 0 : 1);
        i = after;
      } else {
        const length = byte < 0x80 ? 0 : characterLength(bytes, i, end);
        if (length === 0) return this.#noText();
        start += length - 1;
        i += length;
      }
    }
  }

  #noText(): number {
    this.fail();
    return -1;
  }

  /** @returns the next byte that is no space, to which the cursor moves; 0 at the end of the text */
  #peek(): number {
    let at = this.#at;
    if (at < this.#end && this.#bytes[at]! > 0x20) return this.#bytes[at]!;
    at = skipSpace(this.#bytes, at, this.#end);
    this.#at = at;
    return at < this.#end ? this.#bytes[at]! : 0;
  }

  /** To the value of the key that begins here. */
  #key(): boolean {
    const end = this.#plainString();
    if (end < 0) return false;
    this.#keyStart = this.#at + 1;
    this.#keyEnd = end;
    const value = skipColon(this.#bytes, end + 1, this.#end);
    if (value < 0) return this.fail();
    this.#at = value;
    return true;
  }

  #skipWord(word: Uint8Array): boolean {
    if (!matches(this.#bytes, this.#at, this.#end, word)) return false;
    this.#at += word.length;
    return true;
  }

  /** @returns where the string that begins here ends, which must have no escapes; −1 as it fails */
  #plainString(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = this.#at;
    if (i < end && bytes[i] === QUOTE) {
      // Keys and words that matter are ASCII; whether another is valid UTF-8 is seen elsewhere.
      i = plainFrom(bytes, i + 1, end);
      if (i < end && bytes[i] === QUOTE) return i;
    }
    this.fail();
    return -1;
  }
}
