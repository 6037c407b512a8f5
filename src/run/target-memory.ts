import { messageOf } from '../core/errors.ts';
import type { MemorySource, Target } from '../core/target.ts';
import type { MemoryReader } from './runner-options.ts';

/** Periods after which a value is too old. */
const PERIODS = 2.5;

export interface TargetMemoryOptions {
  /** Returns bytes; `undefined` where the memory is unknown. Throws where the query fails. */
  readonly ask: (source: MemorySource) => Promise<number | undefined>;
  readonly everyMs: number;
  /** Id of the run, for the log. */
  readonly run: string;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
  readonly clock?: () => number;
}

interface Followed {
  bytes: number | undefined;
  readMs: number;
  /** Whether a query is pending: one at a time. */
  asking: boolean;
  /** Last logged issue; the same issue is logged once. */
  issue: string | undefined;
}

/** Queries the resident memory of targets at equal intervals until it is closed. */
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
      this.#followed.set(name, { bytes: undefined, readMs: 0, asking: false, issue: undefined });
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
      this.#setIssue(name, followed, followed.bytes === undefined ? 'no series answers' : undefined);
    } catch (error) {
      this.#setIssue(name, followed, messageOf(error));
    } finally {
      followed.asking = false;
    }
  }

  #setIssue(target: string, followed: Followed, issue: string | undefined): void {
    const known = followed.issue === issue;
    followed.issue = issue;
    if (known || this.#closed) return;
    const { run, log } = this.#options;
    if (issue === undefined) log.info({ run, target }, 'memory query of the target works again');
    else
      log.warn(
        { run, target, err: issue },
        'memory query of the target failed; memory of the target is not tested for drift',
      );
  }
}
