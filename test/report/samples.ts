import type { Cell, Timing } from '../../src/catalog/slots.ts';
import type { FinishedRun } from '../../src/core/run.ts';
import type { DriftReport } from '../../src/drift/watch.ts';
import { type Summary, summarize } from '../../src/report/summary.ts';
import { observe } from '../core/observe.ts';
import { finishedRun, LAYOUT } from '../run/samples.ts';

/** What a run is made of, by hand: cells and timings of the first target, and the same cells of the second. */
export function summaryOf(
  run: Partial<FinishedRun> = {},
  cells: Partial<Record<Cell, number>> = {},
  timings: Partial<Record<Timing, readonly number[]>> = {},
  drift: DriftReport = { drifts: [], swings: [], judged: 5, notJudged: 0 },
): Summary {
  const values = new Float64Array(LAYOUT.size);
  for (const [cell, n] of Object.entries(cells)) {
    for (const { cell: places } of LAYOUT.slots) values[places[cell as Cell]] = n;
  }
  for (const [timing, all] of Object.entries(timings)) {
    for (const ms of all) observe(values, LAYOUT.slots[0]!.histogram[timing as Timing], ms);
  }
  const use = { cpuSeconds: 12.345, rssMaxBytes: 150 * 1_048_576 };
  const usage = { streams: 0, inputTokens: 0, outputTokens: 0 };
  return summarize(
    { run: finishedRun(run), layout: LAYOUT, values, use, usage, drift },
    { examples: () => [] },
  );
}
