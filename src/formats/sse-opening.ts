import { highestSecond, lowestSecond } from './json/bytes.ts';

const LF = 10;
const CR = 13;
const COLON = 58;

/** Names of fields; a line that begins with its colon is a comment. */
const FIELDS: readonly string[] = ['data', 'event', 'id', 'retry', ''];
/** Of the longest name, and of a byte order mark before it, one byte more than any has. */
const KEPT = 9;
const BOM = '\u00ef\u00bb\u00bf';

/**
 * Detects bodies that are not server-sent events at all, regardless of their content type: a page, a picture,
 * compressed bytes. The standard does not help: it accepts every text as a stream and ignores lines of
 * unknown fields. So a body is refused only for what no server of events sends:
 *
 * - bytes that are not UTF-8, or a NUL, before the first line that is a known field or a comment: at once;
 * - a body whose lines include no known field and no comment: when it has ended. Streams that use fields of
 *   their own beside the known ones pass, and so does one that is cut off within its first line.
 *
 * Nothing is checked after the first known line.
 */
export class SseOpening {
  /** Up to its colon, and no longer than matters. */
  #name = '';
  #isName = true;
  #isFirstLine = true;
  #unknownLines = 0;
  /** Of the UTF-8 character that is being read: bytes still to come, and what the next may be. */
  #pending = 0;
  #lowest = 0x80;
  #highest = 0xbf;

  /** @returns true for a stream of events, false for none; `undefined` as long as it can be either */
  read(bytes: Uint8Array, start = 0, end = bytes.length): boolean | undefined {
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte < 0x80 && this.#pending > 0) return false;
      if (byte === LF || byte === CR) {
        if (this.#isName && this.#bare() !== '' && this.#isKnown()) return true;
        this.#endLine();
      } else if (byte === COLON && this.#isName) {
        if (this.#isKnown()) return true;
        this.#isName = false;
      } else if (!this.#isText(byte)) return false;
      else if (this.#isName && this.#name.length < KEPT) this.#name += String.fromCharCode(byte);
    }
    return undefined;
  }

  /** The body ended before {@link read} decided. @returns whether it can have been a stream of events */
  end(): boolean {
    if (this.#unknownLines > 0) return false;
    // A line that was cut off may have been about to become a known one.
    const name = this.#bare();
    const isStart = FIELDS.some((field) => field.startsWith(name)) || BOM.startsWith(this.#name);
    return this.#isName && isStart;
  }

  #isKnown(): boolean {
    return FIELDS.includes(this.#bare());
  }

  /** The name without a byte order mark. */
  #bare(): string {
    return this.#isFirstLine && this.#name.startsWith(BOM) ? this.#name.slice(BOM.length) : this.#name;
  }

  #endLine(): void {
    if (!this.#isName || this.#bare() !== '') this.#unknownLines++;
    this.#name = '';
    this.#isName = true;
    this.#isFirstLine = false;
  }

  /** @returns whether the byte may follow in a text of UTF-8 without NUL */
  #isText(byte: number): boolean {
    if (this.#pending > 0) {
      if (byte < this.#lowest || byte > this.#highest) return false;
      this.#pending--;
      this.#lowest = 0x80;
      this.#highest = 0xbf;
      return true;
    }
    if (byte < 0x80) return byte !== 0;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#pending = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#lowest = lowestSecond(byte);
    this.#highest = highestSecond(byte);
    return true;
  }
}
