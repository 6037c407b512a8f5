import type { Terminal } from '../../core/scenario.ts';
import { codePoints } from '../code-points.ts';
import type { Finding, Judge, Tally } from '../judge.ts';

/** A body of bytes. One chunk is one read. With an end marker, a body that ends otherwise is `truncated`. */
export class RawJudge implements Judge {
  readonly #marker: Buffer | undefined;
  /** The last bytes of the body, as many as the marker has. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(terminal: Terminal | undefined) {
    this.#marker = terminal?.kind === 'data' ? Buffer.from(terminal.data) : undefined;
  }

  read(bytes: Uint8Array, newRead: boolean, tally: Tally): undefined {
    if (newRead) {
      tally.chunks++;
      tally.contentChunks++;
    }
    tally.characters += codePoints(bytes, 0, bytes.length);
    if (this.#marker !== undefined) {
      const all = bytes.length >= this.#marker.length ? bytes : Buffer.concat([this.#tail, bytes]);
      this.#tail = Buffer.from(all.subarray(Math.max(0, all.length - this.#marker.length)));
    }
    return undefined;
  }

  end(): Finding {
    if (this.#marker === undefined || this.#tail.equals(this.#marker)) return { outcome: 'complete' };
    return { outcome: 'truncated', detail: 'the body does not end with its end marker' };
  }
}
