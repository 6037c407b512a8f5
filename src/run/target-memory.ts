import { messageOf } from '../core/errors.ts';
import type { MemorySource, Target } from '../core/scenario.ts';
import type { MemoryReader } from './runner-options.ts';

/** A value older than this many periods is none. */
const PERIODS = 2.5;

export interface TargetMemoryOptions {
  /** @returns bytes; `undefined` where it is not known; throws where it cannot be asked */
  readonly ask: (source: MemorySource) => Promise<number | undefined>;
  readonly everyMs: number;
  readonly log: { warn(facts: object, text: string): void };
  readonly clock?: () => number;
}

interface Followed {
  bytes: number | undefined;
  readMs: number;
  /** One question at a time. */
  asking: boolean;
  /** What was said of it last: the same is not said again. */
  schemaIssue: string | undefined;
}

/** Asks for the resident memory of targets at equal times, until it is closed. */
export class TargetMemory implements MemoryReader {
  readonly #options: TargetMemoryOptions;
  readonly #clock: () => number;
  readonly #followed = new Map<string, Followed>();
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  constructor(targets: readonly Target[], options: TargetMemoryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    const sources = targets.flatMap(({ name, memory }) => (memory === undefined ? [] : [{ name, memory }]));
    for (const { name } of sources)
      this.#followed.set(name, { bytes: undefined, readMs: 0, asking: false, schemaIssue: undefined });
    const round = (): void => {
      for (const { name, memory } of sources) void this.#ask(name, memory);
    };
    this.#timer = setInterval(round, options.everyMs);
    this.#timer.unref();
    round();
  }

  read(target: string): number | undefined {
    const followed = this.#followed.get(target);
    if (followed === undefined || this.#clock() - followed.readMs > PERIODS * this.#options.everyMs)
      return undefined;
    return followed.bytes;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #ask(name: string, source: MemorySource): Promise<void> {
    const followed = this.#followed.get(name)!;
    if (followed.asking) return;
    followed.asking = true;
    try {
      followed.bytes = await this.#options.ask(source);
      followed.readMs = this.#clock();
      this.#addIssue(name, followed, followed.bytes === undefined ? 'no series answers' : undefined);
    } catch (error) {
      this.#addIssue(name, followed, messageOf(error));
    } finally {
      followed.asking = false;
    }
  }

  #addIssue(target: string, followed: Followed, schemaIssue: string | undefined): void {
    const known = followed.schemaIssue === schemaIssue;
    followed.schemaIssue = schemaIssue;
    if (schemaIssue === undefined || known || this.#closed) return;
    this.#options.log.warn({ target, error: schemaIssue }, "the target's memory cannot be read");
  }
}
