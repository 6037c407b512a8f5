import type { Cell } from '../../src/catalog/slots.ts';
import type { FinishedRun } from '../../src/core/run.ts';
import type { DriftReport } from '../../src/drift/watch.ts';
import type { Timing } from '../../src/measures/list.ts';
import type { SetupFacts } from '../../src/report/setup-summary.ts';
import type { TargetStanding } from '../../src/report/standing.ts';
import { summarize } from '../../src/report/summary.ts';
import type { HistorySummary, LoadDelivered, RunTarget, Summary } from '../../src/schema/summary.ts';
import { observe } from '../core/observe.ts';
import { closed } from '../load/samples.ts';
import { configOf, finishedRun, LAYOUT, target } from '../run/samples.ts';

const CONFIG = configOf(LAYOUT.targets.map((name) => target(name)));

/** What a run is made of, by hand: cells and timings of the first target, and the same cells of the second. */
export function summaryOf(
  run: Partial<FinishedRun> = {},
  cells: Partial<Record<Cell, number>> = {},
  timings: Partial<Record<Timing, readonly number[]>> = {},
  drift: DriftReport = { drifts: [], periodic: [], evaluated: 5, notEvaluated: 0 },
  load: LoadDelivered = DELIVERED,
): Summary {
  const values = new Float64Array(LAYOUT.size);
  for (const [cell, n] of Object.entries(cells)) {
    for (const { cell: places } of LAYOUT.slots) values[places[cell as Cell]] = n;
  }
  for (const [timing, all] of Object.entries(timings)) {
    for (const ms of all) observe(values, LAYOUT.slots[0]!.histogram[timing as Timing], ms);
  }
  return summaryOfValues(values, run, drift, load);
}

/** @param values in the layout of the samples of runs */
export function summaryOfValues(
  values: Float64Array,
  run: Partial<FinishedRun> = {},
  drift: DriftReport = { drifts: [], periodic: [], evaluated: 5, notEvaluated: 0 },
  load: LoadDelivered = DELIVERED,
): Summary {
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
      config: CONFIG,
      scenario: closed({ targets: CONFIG.targets.map(({ name }) => ({ name, weight: 1 })) }),
      layout: LAYOUT,
      values,
      measured: values,
      measuredMs: 60_000,
      use,
      usage,
      quality: QUALITY,
      drift,
      objectives: [],
      delivered: load,
      notEvaluated: [],
      levels: [],
      availability: { outages: () => ({ outages: [], count: 0 }), failureTimes: () => undefined },
      contention: [],
    },
    { examples: () => [] },
    FACTS,
    HISTORY,
  );
}

/** Of a target whose limits were not evaluated. */
export const UNDECIDED: TargetStanding & Pick<RunTarget, 'notEvaluated'> = {
  verdict: 'inconclusive',
  verdictReason: 'no limit has data',
  heldUpTo: null,
  notHeldFrom: null,
  heldUnknown: null,
  notEvaluated: [],
};

export const HISTORY: HistorySummary = { kept: true, writeFailures: 0, failing: null };

const DELIVERED: LoadDelivered = {
  ratio: 1,
  required: 0.95,
  perTarget: LAYOUT.targets.map((target) => ({ target, ratio: null, started: 0, due: 0, userMs: 0 })),
};

export const FACTS: SetupFacts = {
  soakd: { version: '0.2.0', revision: 'abc', node: '24.0.0' },
  command: null,
  machine: { platform: 'linux x64', cpuCores: 2, memoryBytes: 2 ** 31, loadAverage: 0.5 },
  defaults: undefined,
};

export const QUALITY = {
  windows: 12,
  unreliable: 0,
  worstLagMs: 3.2,
  limitMs: 25,
  worstLagAt: null,
  causes: { lag: 0, samples: 0, freeze: 0, death: 0 },
};

/** A leak, a staircase of soakd's own, and a periodic signal. */
export const DRIFT: DriftReport = {
  drifts: [
    {
      signal: 'ttfb-p95',
      target: 'a',
      kind: 'trend',
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
  periodic: [{ signal: 'gap-p95', target: 'b', periodMs: 420_000 }],
  evaluated: 11,
  notEvaluated: 0,
};
