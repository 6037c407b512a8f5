/** Windows of equal length in the order of time. */
export interface Grid {
  /** NaN where a window is missing or unreliable. */
  readonly values: Float64Array;
  /** Number of observations in each window; 0 where it is missing. */
  readonly weights: Float64Array;
}

/** Windows that are kept, 16 bytes each. */
const CAPACITY = 512;

/** State of a series, for a resume in another process. */
export interface SeriesState extends Grid {
  /** Start of the first window, monotonic, ms; NaN before there is one. */
  readonly startMs: number;
  readonly stepMs: number;
}

/**
 * The windows of one signal of one run, in memory that does not grow: when it is full, neighbours become one window
 * of twice the length. Two windows merge into their weighted mean. That is not the percentile of both together: the
 * series follows the percentile of a window of the first length, and its mean over longer times keeps the level and the
 * slope of a trend exactly. For ratios the weighted mean is the ratio of both together.
 */
export class WindowSeries {
  readonly #values: Float64Array;
  readonly #weights: Float64Array;
  readonly #firstStepMs: number;
  #stepMs: number;
  #startMs = Number.NaN;
  #count = 0;

  /**
   * @param stepMs length of a window
   * @param capacity even, at least 4
   */
  constructor(stepMs: number, capacity = CAPACITY) {
    this.#firstStepMs = stepMs;
    this.#stepMs = stepMs;
    this.#values = new Float64Array(capacity);
    this.#weights = new Float64Array(capacity);
  }

  /** Length of a window now, ms. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /** Middle of the first window; NaN before there is one. */
  get firstMs(): number {
    return this.#startMs + this.#stepMs / 2;
  }

  /** Windows from the first to the last, those that are missing too. */
  get length(): number {
    return this.#count;
  }

  /**
   * @param endMs end of the window; later than those before
   * @param value NaN: nothing is known of this window
   */
  add(endMs: number, value: number, weight: number): void {
    if (Number.isNaN(this.#startMs)) this.#startMs = endMs - this.#firstStepMs;
    let place = this.#placeOf(endMs);
    while (place >= this.#values.length) {
      this.#halve();
      place = this.#placeOf(endMs);
    }
    for (; this.#count <= place; this.#count++) {
      this.#values[this.#count] = Number.NaN;
      this.#weights[this.#count] = 0;
    }
    if (Number.isNaN(value) || !(weight > 0)) return;
    this.#merge(place, value, weight);
  }

  grid(): Grid {
    return {
      values: this.#values.slice(0, this.#count),
      weights: this.#weights.slice(0, this.#count),
    };
  }

  get state(): SeriesState {
    return { ...this.grid(), startMs: this.#startMs, stepMs: this.#stepMs };
  }

  /** @param shiftMs added to the times of the state: the clock of this process less that of the earlier one */
  restore({ values, weights, startMs, stepMs }: SeriesState, shiftMs: number): void {
    this.#values.set(values);
    this.#weights.set(weights);
    this.#count = values.length;
    this.#startMs = startMs + shiftMs;
    this.#stepMs = stepMs;
  }

  /** Forgets everything. */
  clear(): void {
    this.#startMs = Number.NaN;
    this.#stepMs = this.#firstStepMs;
    this.#count = 0;
  }

  #placeOf(endMs: number): number {
    // From its middle, since windows end a little early or late.
    return Math.max(0, Math.floor((endMs - this.#firstStepMs / 2 - this.#startMs) / this.#stepMs));
  }

  #merge(place: number, value: number, weight: number): void {
    const before = this.#weights[place]!;
    const both = before + weight;
    this.#values[place] = before === 0 ? value : (this.#values[place]! * before + value * weight) / both;
    this.#weights[place] = both;
  }

  #halve(): void {
    const old = this.#count;
    const values = this.#values.slice(0, old);
    const weights = this.#weights.slice(0, old);
    this.#count = Math.ceil(old / 2);
    this.#stepMs *= 2;
    this.#values.fill(Number.NaN);
    this.#weights.fill(0);
    for (let i = 0; i < old; i++) if (weights[i]! > 0) this.#merge(i >> 1, values[i]!, weights[i]!);
  }
}
