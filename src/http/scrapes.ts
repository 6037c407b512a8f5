import { type Rate, RateLimit } from './rate-limit.ts';

/** Response of `/metrics`. */
export interface Scraped {
  readonly text: string;
  readonly contentType: string;
}

/**
 * Renders metrics at most at a given rate, since a scrape takes some ms of the main thread. Requests above the rate get
 * the previous result; none is refused.
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
