import { SoakError } from '../core/errors.ts';

/** Runs a bounded number of calls at a time; more wait for their turn, up to a bound. */
export class Bounded {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #what: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param what is busy, for the message of a refusal */
  constructor(most: number, mostWaiting: number, what = 'too many requests wait for the history') {
    this.#what = what;
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws SoakError TOO_MANY_REQUESTS; what the call throws */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting)
        throw new SoakError('TOO_MANY_REQUESTS', `${this.#what}; try again later`);
      await new Promise<void>((turn) => this.#waiting.push(turn));
    } else this.#running++;
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
