import type { Terminal } from '../../core/scenario.ts';
import { codePoints } from '../code-points.ts';
import type { Finding, Judge, Tally } from '../judge.ts';

/** A body of bytes. One chunk is one read. With an end marker, a body that ends otherwise is `truncated`. */
export class RawJudge implements Judge {
  readonly #marker: Buffer | undefined;
  /** The last bytes of the body, as many as the marker has; zeros while the body is shorter. */
  readonly #tail: Buffer;
  #length = 0;

  constructor(terminal: Terminal | undefined) {
    this.#marker = terminal?.kind === 'data' ? Buffer.from(terminal.data) : undefined;
    this.#tail = Buffer.alloc(this.#marker?.length ?? 0);
  }

  read(bytes: Uint8Array, newRead: boolean, tally: Tally, start = 0, end = bytes.length): undefined {
    if (newRead) {
      tally.chunks++;
      tally.contentChunks++;
    }
    tally.characters += codePoints(bytes, start, end);
    if (this.#marker !== undefined) this.#keepTail(bytes.subarray(start, end));
    return undefined;
  }

  end(): Finding {
    if (this.#marker === undefined) return { outcome: 'complete' };
    if (this.#length >= this.#marker.length && this.#tail.equals(this.#marker))
      return { outcome: 'complete' };
    return { outcome: 'truncated', detail: 'the body does not end with its end marker' };
  }

  #keepTail(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const kept = Math.max(0, this.#tail.length - bytes.length);
    this.#tail.copyWithin(0, this.#tail.length - kept);
    this.#tail.set(bytes.subarray(Math.max(0, bytes.length - this.#tail.length)), kept);
  }
}
