import type { LevelPoint } from './level-point.ts';

/**
 * What a user waits for from the start of a stream to its first byte, at one level. Means, ms. TTFB begins when the
 * request is written, so a new connection comes before it.
 */
export interface WaitShares {
  readonly load: number;
  /** Streams with a first byte. */
  readonly n: number | null;
  /** Connect, spread over all streams, and TTFB. */
  readonly waitMs: number;
  readonly connectMs: number;
  /** New connections; 0: all were reused. */
  readonly connections: number;
  /** At most: soakd's own lag, which is part of TTFB. `null`: not measured. */
  readonly generatorMs: number | null;
  /** Share of the wait: the rest. At least, and at most: the generator's part lies between 0 and its bound. */
  readonly serverMinMs: number;
  readonly serverMaxMs: number;
  /** Of TTFB, until the headers were complete; `null`: not known. The rest is the wait for the body. */
  readonly headersMs: number | null;
}

/** Returns the parts of the wait for each level that knows them, or the reason why none does. */
export function waitSharesOf(
  levels: readonly LevelPoint[],
): readonly WaitShares[] | { readonly reason: string } {
  const shares = levels.flatMap(sharesOf);
  if (shares.length > 0) return shares;
  return {
    reason: levels.some((l) => l.timings.ttfb !== null)
      ? "neither connect times nor the generator's own lag are known, so they cannot be separated from the server's part"
      : 'no level has a TTFB',
  };
}

function sharesOf({ load, timings: { ttfb, connect, headers }, fromAt }: LevelPoint): WaitShares[] {
  if (ttfb === null || ttfb.mean === null || ttfb.n === 0) return [];
  // A level of a run without connects reused its connections; a table without them does not know.
  if (fromAt === null && connect === null && ttfb.errorMs === null) return [];
  const connections = connect?.n ?? 0;
  const connectMs = ttfb.n === null ? 0 : ((connect?.mean ?? 0) * connections) / ttfb.n;
  const generatorMs = ttfb.errorMs === null ? null : Math.min(ttfb.errorMs, ttfb.mean);
  return [
    {
      load,
      n: ttfb.n,
      waitMs: connectMs + ttfb.mean,
      connectMs,
      connections,
      generatorMs,
      serverMinMs: generatorMs === null ? 0 : ttfb.mean - generatorMs,
      serverMaxMs: ttfb.mean,
      headersMs: headers?.mean ?? null,
    },
  ];
}

/** What most of the wait, and of its growth from the lowest to the highest load, is due to. */
export interface WaitGrowth {
  readonly from: WaitShares;
  readonly to: WaitShares;
  readonly waitMs: number;
  readonly connectMs: number;
  /** Of the growth of TTFB, what soakd's own lag can explain at most; `null`: not measured. */
  readonly generatorMs: number | null;
  /** Part that grew most; `unknown`: the lag could explain the growth of TTFB. */
  readonly largest: 'connect' | 'server' | 'unknown' | 'none';
}

/** Relative growth of the wait below which nothing holds it up. */
const MIN_GROWTH = 0.1;

/** Returns what grew; `null` with fewer than two loads. */
export function waitGrowthOf(shares: readonly WaitShares[]): WaitGrowth | null {
  const sorted = shares.toSorted((a, b) => a.load - b.load);
  const [from, to] = [sorted[0], sorted.at(-1)];
  if (from === undefined || to === undefined || from.load === to.load) return null;
  const waitMs = to.waitMs - from.waitMs;
  const connectMs = to.connectMs - from.connectMs;
  const ttfbMs = to.serverMaxMs - from.serverMaxMs;
  return {
    from,
    to,
    waitMs,
    connectMs,
    generatorMs: to.generatorMs,
    largest:
      waitMs <= MIN_GROWTH * from.waitMs
        ? 'none'
        : connectMs > ttfbMs
          ? 'connect'
          : ttfbMs - (to.generatorMs ?? Number.POSITIVE_INFINITY) > Math.max(connectMs, 0)
            ? 'server'
            : 'unknown',
  };
}
