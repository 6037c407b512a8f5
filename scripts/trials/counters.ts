/** One scrape of `/metrics`: the counters of soakd by series, histograms among them. */
function countersOf(text: string): Map<string, number> {
  const types = new Map<string, string>();
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const type = /^# TYPE (soak_\S+) (\S+)/.exec(line);
    if (type !== null) types.set(type[1]!, type[2]!);
    const sample = /^(soak_[a-z0-9_]+)(\{.*\})? (\S+)$/.exec(line);
    if (sample === null) continue;
    const [, name, labels = '', value] = sample;
    const family = types.get(name!) ?? types.get(name!.replace(/_(?:bucket|sum|count)$/, ''));
    if (family === 'counter' || family === 'histogram') counters.set(`${name}${labels}`, Number(value));
  }
  return counters;
}

/** Watches that no counter falls, over all scrapes and processes. */
export class CounterWatch {
  readonly #last = new Map<string, number>();
  readonly #problems = new Set<string>();
  #scrapes = 0;

  /** Adds a scrape. */
  add(text: string): void {
    this.#scrapes++;
    const now = countersOf(text);
    for (const [series, before] of this.#last) {
      const value = now.get(series);
      if (value === undefined) this.#problems.add(`${series} is gone`);
      else if (value < before) this.#problems.add(`${series} fell from ${before} to ${value}`);
    }
    for (const [series, value] of now) this.#last.set(series, value);
  }

  /** Returns the sum of the last values of a counter over its series. */
  sum(name: string): number {
    let sum = 0;
    for (const [series, value] of this.#last) if (series.split('{')[0] === name) sum += value;
    return sum;
  }

  get problems(): string[] {
    return [...this.#problems];
  }

  get scrapes(): number {
    return this.#scrapes;
  }
}
