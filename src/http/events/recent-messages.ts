/** Messages to remember, and their characters: those of minutes. */
const MAX_MESSAGES = 1000;
const MAX_CHARACTERS = 4_000_000;

/** The latest messages that no reader must miss, for readers that were away for a short time. */
export class RecentMessages {
  readonly #messages: { readonly id: string; readonly text: string }[] = [];
  /** Position before the oldest message. */
  #before: string;
  #characters = 0;

  /** @param id position before the first message */
  constructor(id: string) {
    this.#before = id;
  }

  /** @param id position of a reader that has the message */
  add(id: string, text: string): void {
    this.#messages.push({ id, text });
    this.#characters += text.length;
    while (this.#messages.length > MAX_MESSAGES || this.#characters > MAX_CHARACTERS) {
      const { id: before, text: oldest } = this.#messages.shift()!;
      this.#before = before;
      this.#characters -= oldest.length;
    }
  }

  /** Returns the messages after a position; `undefined`: they are not known any more, or never were. */
  after(id: string): string | undefined {
    const from = id === this.#before ? 0 : this.#messages.findLastIndex((one) => one.id === id) + 1;
    if (from === 0 && id !== this.#before) return undefined;
    return this.#messages
      .slice(from)
      .map(({ text }) => text)
      .join('');
  }
}
