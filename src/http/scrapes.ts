import { type Rate, RateLimit } from './rate-limit.ts';

/** What `/metrics` answers. */
export interface Scraped {
  readonly text: string;
  readonly contentType: string;
}

/**
 * Metrics for whoever asks. A scrape costs some ms of the thread that starts and ends runs, so at most so many a second
 * are made; whoever comes beyond that has the one that was made last, and nobody is sent away.
 */
export class Scrapes {
  readonly #make: () => Promise<Scraped>;
  readonly #nowMs: () => number;
  readonly #limit: RateLimit;
  #last: Promise<Scraped> | undefined;

  constructor(make: () => Promise<Scraped>, nowMs: () => number, rate: Rate) {
    this.#make = make;
    this.#nowMs = nowMs;
    this.#limit = new RateLimit(rate, 1);
  }

  get(): Promise<Scraped> {
    const isDue = this.#limit.take('', this.#nowMs()) === 0;
    if (this.#last !== undefined && !isDue) return this.#last;
    const made = this.#make();
    this.#last = made;
    made.catch(() => {
      if (this.#last === made) this.#last = undefined;
    });
    return made;
  }
}
