import type { JsonScanner } from './scanner.ts';
import { JsonTemplate } from './template.ts';

/**
 * Reads the deltas of one stream, the fastest way first: an event that is the last one but for its text, one of
 * the usual shape, any other.
 */
export class DeltaReader {
  readonly #scanner: JsonScanner;
  readonly #indexSlot: number;
  /** Which text counts for each of the words of the shape; absent: any. */
  readonly #textOfWord: readonly number[] | undefined;
  readonly #template = new JsonTemplate();
  /** Of the event that the template knows. */
  #knownIndex = -1;
  /** Whether the last event was the known one: it had no number but its index. */
  #known = false;
  #reasoning = false;

  constructor(scanner: JsonScanner, textOfWord?: readonly number[]) {
    this.#scanner = scanner;
    this.#indexSlot = scanner.slotOf('index');
    this.#textOfWord = textOfWord;
  }

  /** @returns code points that an event adds to the answer; −1 where it is of another shape */
  read(bytes: Uint8Array, start: number, end: number): number {
    const scanner = this.#scanner;
    const known = this.#template.match(bytes, start, end, scanner.cursor);
    this.#known = known >= 0;
    if (this.#known) return known;
    if (!scanner.scan(bytes, start, end) || !this.#fits()) return -1;
    const { characters, cursor } = scanner;
    if (characters > 0 && scanner.isReasoning) this.#reasoning = true;
    if (characters > 0 && !this.#template.hopeless) {
      const index = scanner.number(this.#indexSlot);
      if (scanner.integers > (index < 0 ? 0 : 1)) return characters;
      this.#knownIndex = index;
      this.#template.learn(bytes, start, end, cursor.textStart, cursor.textEnd);
    }
    return characters;
  }

  /** Whether the text of any event so far was reasoning. */
  get reasoning(): boolean {
    return this.#reasoning;
  }

  /** The `index` of the last event; −1 where it has none. */
  get index(): number {
    return this.#known ? this.#knownIndex : this.#scanner.number(this.#indexSlot);
  }

  /** @param slot of the scanner @returns a number of the last event besides its index; −1 where it has none */
  number(slot: number): number {
    return this.#known ? -1 : this.#scanner.number(slot);
  }

  #fits(): boolean {
    const textOfWord = this.#textOfWord;
    if (textOfWord === undefined) return true;
    const { text, word } = this.#scanner;
    return text < 0 || textOfWord[word] === text;
  }
}
