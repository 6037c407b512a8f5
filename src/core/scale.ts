/**
 * The edges of a fine histogram: decimal log-linear. Each decade has 160 bins: steps of .02 from 1 to 2,
 * .05 from 2 to 5, .1 from 5 to 10, so a bin is at most 2.5 % wide and a quantile read from many values is
 * within 1 % of theirs. Bins are closed on the right, as Prometheus' `le` is. Values are milliseconds.
 */
export interface Scale {
  /** Upper edges in ms, ascending; one more bin above them catches what is larger. */
  readonly edges: Float64Array;
  /** Number of bins: `edges.length + 1`. */
  readonly bins: number;
  /** @returns the bin of a value in ms: the first whose upper edge is ≥ the value; 0 for values ≤ 0 */
  indexOf(valueMs: number): number;
}

/** From 10 µs to 1000 s. */
const FIRST_DECADE = -2;
const LAST_DECADE = 5;
const BINS_PER_DECADE = 160;

/** The 160 upper edges of the decade (1, 10], times 100 so that they are integers. */
function decadeSteps(): number[] {
  const steps: number[] = [];
  for (let v = 102; v <= 200; v += 2) steps.push(v);
  for (let v = 205; v <= 500; v += 5) steps.push(v);
  for (let v = 510; v <= 1000; v += 10) steps.push(v);
  return steps;
}

/**
 * @param extraEdgesMs edges that must exist exactly (configured thresholds); those already there are ignored
 */
export function buildScale(extraEdgesMs: readonly number[] = []): Scale {
  // An edge is written as a decimal literal and parsed, so 2.5 s is the same double here as in `le="2.5"`.
  const standard = [Number(`1e${FIRST_DECADE}`)];
  for (let decade = FIRST_DECADE; decade <= LAST_DECADE; decade++) {
    for (const step of decadeSteps()) standard.push(Number(`${step}e${decade - 2}`));
  }
  const known = new Set(standard);
  const extras = [...new Set(extraEdgesMs)].filter((e) => e > 0 && !known.has(e)).sort((a, b) => a - b);
  const edges = Float64Array.from([...standard, ...extras].sort((a, b) => a - b));
  const last = edges.length;

  function indexOf(valueMs: number): number {
    if (!(valueMs > edges[0]!)) return 0;
    if (valueMs > edges[last - 1]!) return last;
    // The guess may be off by one bin through rounding; comparing with the edges themselves settles it.
    let i = guess(valueMs);
    for (const e of extras) if (valueMs > e) i++;
    // Extra edges may lie outside the decades, where the guess is none.
    i = Math.min(Math.max(i, 0), last - 1);
    while (valueMs > edges[i]!) i++;
    while (i > 0 && valueMs <= edges[i - 1]!) i--;
    return i;
  }

  return { edges, bins: last + 1, indexOf };
}

/** Returns a scale with exactly these edges, as one that was kept. @param edgesMs ascending */
export function scaleOfEdges(edgesMs: readonly number[]): Scale {
  const edges = Float64Array.from(edgesMs);
  const indexOf = (valueMs: number): number => {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (valueMs > edges[middle]!) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { edges, bins: edges.length + 1, indexOf };
}

/** The bin on the standard edges, right to within one. */
function guess(valueMs: number): number {
  let decade = FIRST_DECADE;
  let mantissa = valueMs * 100;
  while (mantissa > 10) {
    mantissa /= 10;
    decade++;
  }
  const inDecade =
    mantissa <= 2
      ? Math.ceil((mantissa - 1) * 50)
      : mantissa <= 5
        ? 50 + Math.ceil((mantissa - 2) * 20)
        : 110 + Math.ceil((mantissa - 5) * 10);
  return (decade - FIRST_DECADE) * BINS_PER_DECADE + inDecade;
}
