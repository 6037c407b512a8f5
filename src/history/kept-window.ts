import type { WindowWidth } from './records.ts';

/** What was counted in a window of a run, in the layout of this version. */
export interface KeptWindow {
  readonly n: number;
  readonly fromAt: number;
  readonly toAt: number;
  /** Streams wanted on average, by target of the layout. */
  readonly desired: readonly number[];
  readonly values: Float64Array;
  readonly rssBytes: number;
  readonly cpuMs: number;
  readonly lagWindows: number;
  readonly unreliable: number;
}

export interface WindowQuery {
  readonly width: WindowWidth;
  /** Only windows from this place on. */
  readonly from?: number;
  readonly limit: number;
  /** Names of the columns about targets, where rows are read; absent: all. */
  readonly columns?: readonly string[];
}

/** Names of widths, as flags and queries have them. */
export const WIDTHS: Readonly<Record<string, WindowWidth>> = { '10s': 10_000, '1m': 60_000, '10m': 600_000 };

/** Numbers of windows that are in memory at a time: 16 MB. */
const MAX_VALUES = 2 ** 21;

/**
 * Yields windows of a run in their order, read in pages.
 * @param size numbers of a window
 * @param query `limit`: windows of a page; fewer where they are large
 */
export function* eachWindow(
  source: { windows(id: string, query: WindowQuery): KeptWindow[] },
  id: string,
  size: number,
  { width, from = 0, limit = Number.POSITIVE_INFINITY }: Pick<WindowQuery, 'width'> & Partial<WindowQuery>,
): Generator<KeptWindow> {
  const most = Math.min(limit, Math.max(1, Math.floor(MAX_VALUES / size)));
  let next = from;
  for (;;) {
    const page = source.windows(id, { width, from: next, limit: most });
    yield* page;
    if (page.length < most) return;
    next = page.at(-1)!.n + 1;
  }
}
