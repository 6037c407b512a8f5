import type { ClassifierFactory, ClassifierResult, StreamClassifier, StreamCounters } from './classifier.ts';
import { codePoints } from './code-points.ts';
import type { StreamFormat } from './format.ts';
import { SHOWN_BYTES, shownBytes } from './last-data.ts';

/** A body of bytes. One chunk is one read. With an end marker, a body that ends otherwise is `truncated`. */
class RawClassifier implements StreamClassifier {
  readonly #marker: Buffer | undefined;
  /** The last bytes of the body, as many as the marker has; zeros while the body is shorter. */
  readonly #tail: Buffer;
  #length = 0;

  constructor(marker: Buffer | undefined) {
    this.#marker = marker;
    this.#tail = Buffer.alloc(marker?.length ?? 0);
  }

  read(
    bytes: Uint8Array,
    newRead: boolean,
    counters: StreamCounters,
    start = 0,
    end = bytes.length,
  ): undefined {
    if (newRead) {
      counters.chunks++;
      counters.contentChunks++;
    }
    this.#length += end - start;
    counters.characters += codePoints(bytes, start, end);
    if (this.#marker !== undefined) this.#keepTail(bytes.subarray(start, end));
    return undefined;
  }

  end(): ClassifierResult {
    if (this.#length === 0) return { outcome: 'truncated', detail: 'the body is empty' };
    if (this.#marker === undefined) return { outcome: 'complete' };
    if (this.#length >= this.#marker.length && this.#tail.equals(this.#marker))
      return { outcome: 'complete' };
    const kept = this.#tail.subarray(-Math.min(this.#tail.length, this.#length, SHOWN_BYTES));
    const detail = `the body does not end with its end marker; it ends in: ${shownBytes(kept)}`;
    return { outcome: 'truncated', detail };
  }

  #keepTail(bytes: Uint8Array): void {
    const kept = Math.max(0, this.#tail.length - bytes.length);
    this.#tail.copyWithin(0, this.#tail.length - kept);
    this.#tail.set(bytes.subarray(Math.max(0, bytes.length - this.#tail.length)), kept);
  }
}

export const RAW = {
  name: 'raw',
  help: 'a body of bytes; one chunk is one read',
  framing: 'reads',
  accept: '*/*',
  contentTypes: [],
  paid: false,
  terminals: { kinds: ['data'] },
  errors: [],
  path: ['/raw'],
  tokenLimits: [],
  guess: null,
  classifier: ({ terminal }): ClassifierFactory => {
    const marker = terminal?.kind === 'data' ? Buffer.from(terminal.data) : undefined;
    return () => new RawClassifier(marker);
  },
  example: 'some words and then an end',
} as const satisfies StreamFormat;
