import type { Readable } from 'node:stream';

/** Of a long run only the last part is kept, so that a talkative program cannot fill the memory. */
const KEPT_CHARACTERS = 1_048_576;

interface Waiter {
  readonly pattern: RegExp;
  readonly found: (match: RegExpMatchArray) => void;
}

/** What a program prints on one stream. */
export class OutputText {
  #text = '';
  /** Start of the line that is still being printed. */
  #partial = '';
  readonly #waiters = new Set<Waiter>();

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => this.#add(piece));
  }

  get text(): string {
    return this.#text;
  }

  /** Complete lines, without the last one's rest. */
  get lines(): string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  /** Resolves with the first line that matches, of those kept or to come; never once `signal` is aborted. */
  line(pattern: RegExp, signal: AbortSignal): Promise<RegExpMatchArray> {
    return new Promise((found) => {
      for (const line of this.lines) {
        const match = line.match(pattern);
        if (match !== null) return found(match);
      }
      const waiter = { pattern, found };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', () => this.#waiters.delete(waiter));
    });
  }

  #add(piece: string): void {
    this.#text = (this.#text + piece).slice(-KEPT_CHARACTERS);
    const lines = (this.#partial + piece).split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) {
      for (const waiter of this.#waiters) {
        const match = line.match(waiter.pattern);
        if (match === null) continue;
        this.#waiters.delete(waiter);
        waiter.found(match);
      }
    }
  }
}
