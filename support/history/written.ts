import type { StreamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import type { HistogramSlot } from '../../src/core/layout.ts';
import type { FinishedRun, Run } from '../../src/core/run.ts';
import { addValues } from '../../src/core/snapshot.ts';
import type { History } from '../../src/history/history.ts';
import { HistorySink } from '../../src/history/history-sink.ts';

type SinkOptions = ConstructorParameters<typeof HistorySink>[0];

export const TIMING_LIMITS = { ttfb: [2500], ttft: [3000], gap: [500] };

/** Mean length of a stream of the seed's workload, s, and its chunks. */
export const STREAM_S = 31.8;
export const CHUNKS = 403;

/** A made-up run of the history. */
export interface MadeRun {
  readonly id: string;
  readonly layout: StreamLayout;
  /** Calendar time of its start, ms since 1970. */
  readonly startAt: number;
  readonly durationMs: number;
  /** Time between two snapshots, each of which closes a window of the shortest kind, ms. */
  readonly everyMs: number;
  /** Returns what is counted from one snapshot to the next. @param n number of the latter, from 1 */
  readonly spanAt: (n: number) => Float64Array;
  readonly usersPerTarget: number;
  /** Setup and summary, as JSON. */
  readonly setup: string;
  readonly summary: string;
}

/**
 * Writes a finished run through the sink, in virtual time: until it is written, `Date.now` is moved so that the run begins now,
 * and snapshots are ahead of it.
 */
export async function writeRun(history: History, made: MadeRun): Promise<void> {
  const { layout, startAt, durationMs, everyMs, spanAt } = made;
  const { startMs, restore } = moveCalendar(startAt);
  try {
    const sink = sinkOf(history, made);
    const run = runOf(made);
    let values: Float64Array = new Float64Array(layout.size);
    const desired = layout.targets.map(() => made.usersPerTarget);
    sink.start(run, { atMs: startMs, layout, values, desired });
    for (let n = 1; n * everyMs <= durationMs; n++) {
      values = addValues(layout, values, spanAt(n));
      sink.add(run, { atMs: startMs + n * everyMs, layout, values, desired });
      if (n % 20 === 0) await history.written(history.posted);
    }
    const { stage: _, ...facts } = run as Extract<Run, { state: 'running' }>;
    const finished: FinishedRun = {
      ...facts,
      state: 'finished',
      endedAt: startAt + durationMs,
      reason: 'completed',
      verdict: 'pass',
      verdicts: [],
    };
    await sink.stop(finished, { atMs: startMs + durationMs, layout, values, desired });
  } finally {
    restore();
  }
}

/** Moves the calendar clock of this thread. Returns the monotonic time of `startAt`, and a function that moves it back. */
export function moveCalendar(startAt: number): { readonly startMs: number; readonly restore: () => void } {
  const realNow = Date.now;
  const startMs = monotonicMs();
  Date.now = () => startAt + Math.round(monotonicMs() - startMs);
  return {
    startMs,
    restore: () => {
      Date.now = realNow;
    },
  };
}

/** Returns the sink of a made-up run. */
export function sinkOf(
  history: History,
  made: Pick<MadeRun, 'layout' | 'setup' | 'summary' | 'startAt' | 'durationMs'>,
  checkpoint: SinkOptions['checkpoint'] = () => [],
): HistorySink {
  const { layout, setup, summary, startAt, durationMs } = made;
  return new HistorySink({
    history,
    source: 'serve',
    facts: () => ({ setup, targets: layout.targets, timingLimits: TIMING_LIMITS, firstWindow: 0 }),
    checkpoint,
    quality: () => ({ windows: 0, unreliable: 0 }),
    keepsTotals: true,
    values: () => new Float64Array(0),
    end: () => ({ verdict: 'pass', reason: 'completed', endedAt: startAt + durationMs, summary }),
  });
}

export function runOf({ id, startAt, durationMs }: Pick<MadeRun, 'id' | 'startAt' | 'durationMs'>): Run {
  return {
    id,
    scenario: 'made',
    startedAt: startAt,
    plannedEndAt: startAt + durationMs,
    startMs: 0,
    durationMs,
    stages: 1,
    gaps: [],
    events: [{ at: startAt, action: 'start', by: 'local', detail: 'scenario made' }],
    state: 'running',
    stage: 0,
  };
}

/** Adds observations to a histogram. */
export function observe(values: Float64Array, { offset, scale }: HistogramSlot, ms: number, count = 1): void {
  values[offset]! += ms * count;
  values[offset + 1] = Math.max(values[offset + 1]!, ms);
  values[offset + 2 + scale.indexOf(ms)]! += count;
}
