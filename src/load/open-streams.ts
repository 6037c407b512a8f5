import { bySilence, type OpenStream, type OpenStreamQuery } from '../core/open-stream.ts';
import type { HttpStream } from '../stream/stream.ts';
import type { ReadyTarget } from '../target/ready-target.ts';
import type { Recorder } from './recorder.ts';

const STALL_MS = 5000;

/** @returns how long a stream may be without a byte before it counts as stalled, ms; always below the idle timeout */
function stallMs({ timeouts }: ReadyTarget): number {
  return timeouts.stallMs ?? Math.min(STALL_MS, timeouts.idleMs / 2);
}

/** The open streams of a worker, checked ten times a second. */
export class OpenStreams extends Set<HttpStream> {
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #stallMs: readonly number[];
  readonly #stalled: number[];
  readonly #silenceMs: number[];

  constructor(targets: readonly ReadyTarget[]) {
    super();
    this.#indexes = new Map(targets.map((t, i) => [t.name, i]));
    this.#stallMs = targets.map(stallMs);
    this.#stalled = targets.map(() => 0);
    this.#silenceMs = targets.map(() => 0);
  }

  /** Ends streams that have passed a limit, and records how long the others have been silent. */
  sweep(nowMs: number, recorder: Recorder): void {
    this.#stalled.fill(0);
    this.#silenceMs.fill(0);
    for (const stream of this) {
      stream.sweep(nowMs);
      const index = this.#indexes.get(stream.target.name)!;
      const silence = stream.silenceMs(nowMs);
      if (silence > this.#silenceMs[index]!) this.#silenceMs[index] = silence;
      if (silence > this.#stallMs[index]!) this.#stalled[index]!++;
    }
    recorder.targets.forEach((target, i) => {
      target.quiet(this.#stalled[i]!, this.#silenceMs[i]!);
    });
  }

  /** Moves the limits of all streams. */
  frozen(middleMs: number, lengthMs: number): void {
    for (const stream of this) stream.frozen(middleMs, lengthMs);
  }

  list({ stalledOnly, target, limit }: OpenStreamQuery, nowMs: number): OpenStream[] {
    const found: OpenStream[] = [];
    for (const stream of this) {
      const silenceMs = stream.silenceMs(nowMs);
      const stalled = silenceMs > this.#stallMs[this.#indexes.get(stream.target.name)!]!;
      if ((stalledOnly && !stalled) || (target !== undefined && target !== stream.target.name)) continue;
      found.push({
        id: stream.id,
        target: stream.target.name,
        phase: stream.phase,
        ageMs: nowMs - stream.startMs,
        silenceMs,
        stalled,
        chunks: stream.counters.chunks,
        bytes: stream.bytes,
      });
    }
    return found.sort(bySilence).slice(0, limit);
  }
}
