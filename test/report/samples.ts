import type { Cell } from '../../src/catalog/slots.ts';
import type { FinishedRun } from '../../src/core/run.ts';
import type { DriftReport } from '../../src/drift/watch.ts';
import type { Timing } from '../../src/measures/list.ts';
import { type Summary, summarize } from '../../src/report/summary.ts';
import type { LoadDelivered } from '../../src/run/delivered.ts';
import { observe } from '../core/observe.ts';
import { finishedRun, LAYOUT } from '../run/samples.ts';

/** What a run is made of, by hand: cells and timings of the first target, and the same cells of the second. */
export function summaryOf(
  run: Partial<FinishedRun> = {},
  cells: Partial<Record<Cell, number>> = {},
  timings: Partial<Record<Timing, readonly number[]>> = {},
  drift: DriftReport = { drifts: [], swings: [], judged: 5, notJudged: 0 },
  load: LoadDelivered = { ratio: 1, required: 0.95, perTarget: [] },
): Summary {
  const values = new Float64Array(LAYOUT.size);
  for (const [cell, n] of Object.entries(cells)) {
    for (const { cell: places } of LAYOUT.slots) values[places[cell as Cell]] = n;
  }
  for (const [timing, all] of Object.entries(timings)) {
    for (const ms of all) observe(values, LAYOUT.slots[0]!.histogram[timing as Timing], ms);
  }
  const use = { cpuSeconds: 12.345, rssMaxBytes: 150 * 1_048_576, workerRestarts: 0 };
  const usage = {
    streams: 0,
    inputTokens: 0,
    outputTokens: 0,
    estimatedOutputTokens: 0,
    ignoredTokenReports: 0,
  };
  return summarize(
    {
      run: finishedRun(run),
      layout: LAYOUT,
      values,
      measured: values,
      measuredMs: 60_000,
      use,
      usage,
      honesty: HONESTY,
      drift,
      objectives: [],
      delivered: load,
    },
    { examples: () => [] },
  );
}

export const HONESTY = { windows: 12, suspect: 0, worstLagMs: 3.2, limitMs: 25 };

/** A leak, a staircase of soakd's own, and what comes and goes. */
export const DRIFT: DriftReport = {
  drifts: [
    {
      signal: 'ttfb-p95',
      target: 'a',
      kind: 'climb',
      slopePerHour: 42,
      interval: [35, 49],
      p: 1e-6,
      n: 100,
      sinceMs: 61_000,
      level: 2038,
      limit: 2500,
      reachesLimitInHours: 11,
      steps: null,
    },
    {
      signal: 'generator-rss',
      target: null,
      kind: 'staircase',
      slopePerHour: 2 ** 22,
      interval: [2 ** 21, 2 ** 23],
      p: 1e-6,
      n: 100,
      sinceMs: 0,
      level: 2 ** 28,
      limit: null,
      reachesLimitInHours: null,
      steps: { height: 2 ** 20, everyMs: 900_000 },
    },
  ],
  swings: [{ signal: 'gap-p95', target: 'b', periodMs: 420_000 }],
  judged: 11,
  notJudged: 0,
};
