import { type StreamLayout, streamLayout } from '../../src/catalog/slots.ts';
import type { HistogramSlot } from '../../src/core/layout.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { History } from '../../src/history/history.ts';
import type { Timing } from '../../src/measures/list.ts';
import { madeReportedRun, STARTED_AT } from '../document/made.ts';
import { CHUNKS, observe, STREAM_S, TIMING_LIMITS, writeRun } from './written.ts';

const DAY_MS = 86_400_000;
const USERS_PER_TARGET = 60;
/** Constant loads of the day, as many as the seed has levels. */
const LEVELS = 13;

export interface DayOptions {
  readonly id?: string;
  readonly targets?: number;
  /** Time between two snapshots, each of which closes a window of the shortest kind, ms. */
  readonly everyMs?: number;
}

/**
 * Writes a run of 24 hours through the sink, in virtual time: `Date.now` is that of the run until it is written. Its summary
 * is made up and has a level for each of 13 loads.
 */
export async function writeDay(
  history: History,
  { id = 'day', targets: count = 50, everyMs = 600_000 }: DayOptions = {},
): Promise<void> {
  const targets = Array.from({ length: count }, (_, i) => `target-${i}`);
  const layout = streamLayout(targets, TIMING_LIMITS);
  const random = seededRandom(1);
  const spans = Array.from({ length: 3 }, () => spanOf(layout, everyMs / 1000, random));
  const { summary } = madeReportedRun({
    targets,
    users: Array.from({ length: LEVELS }, (_, i) => 100 * (i + 1)),
    levelMs: DAY_MS / LEVELS,
    summary: {},
  });
  const kept = { ...summary, run: { ...summary.run, id } };
  await writeRun(history, {
    id,
    layout,
    startAt: STARTED_AT,
    durationMs: DAY_MS,
    everyMs,
    spanAt: (n) => spans[n % spans.length]!,
    usersPerTarget: USERS_PER_TARGET,
    setup: JSON.stringify(kept.setup),
    summary: JSON.stringify(kept),
  });
}

/** Returns what a span adds to all targets: the seed's workload, each with timings of its own. */
function spanOf(layout: StreamLayout, seconds: number, random: () => number): Float64Array {
  const values = new Float64Array(layout.size);
  for (const { cell, histogram } of layout.slots) {
    const streams = Math.round((USERS_PER_TARGET / STREAM_S) * seconds);
    const chunks = streams * CHUNKS;
    values[cell.started] = streams;
    values[cell['finished:complete']] = streams;
    values[cell['response:200']] = streams;
    values[cell.chunks] = chunks;
    values[cell.reads] = chunks;
    values[cell.bytes] = chunks * 40;
    values[cell['active:streaming']] = USERS_PER_TARGET;
    values[cell.activeMs] = USERS_PER_TARGET * seconds * 1000;
    values[cell.upMs] = seconds * 1000;
    for (const [name, slot] of Object.entries(histogram) as [Timing, HistogramSlot][]) {
      if (/failed|cancelled|lost/.test(name)) continue;
      const median = /^(?:ttfb|ttft|headers)/.test(name)
        ? 1500
        : /^(?:duration|effective)/.test(name)
          ? 31_800
          : name.startsWith('gap')
            ? 76
            : 2;
      const draws = Math.min(streams, 300);
      const each = name.startsWith('gap') ? Math.round(chunks / draws) : 1;
      for (let i = 0; i < draws; i++) observe(values, slot, median * (0.7 + 0.6 * random()), each);
    }
  }
  for (const slot of Object.values(layout.shared))
    for (let i = 0; i < 300; i++) observe(values, slot, 0.2 + random());
  return values;
}
