import { setTimeout as wait } from 'node:timers/promises';
import { StreamView, streamLayout } from '../catalog/slots.ts';
import { monotonicMs } from '../core/clock.ts';
import { type MeasurementError, measurementErrorOf } from '../core/measurement-error.ts';
import { STAMP_INTERVAL_MS } from '../load/canary/stamp.ts';
import { Engine } from '../load/engine.ts';
import { type Plan, transportsOf } from '../load/plan.ts';
import type { Held } from './search.ts';

export interface HoldOptions {
  /** Scenario to hold, apart from its number of streams. */
  readonly plan: Plan;
  /** Returns the number of engine threads for a number of streams. */
  readonly workersFor: (streams: number) => number;
  /** Limit for the p99 of lag, ms. */
  readonly maxLagMs: number;
}

/** Rate at which streams open, per second. */
const OPENED_PER_SECOND = 1000;
/** Time after the last stream is open, until the cost of opening has passed. */
const SETTLE_MS = 2000;
const WINDOWS = 2;
const WINDOW_MS = 3000;
/** Minimum share of the canary's samples, as in a run. */
const MIN_CANARY_SHARE = 0.2;
/** Maximum delay until all streams are open, as a multiple of the planned time. */
const PATIENCE_MS = 10_000;
/** Share of the expected chunks below which the simulator itself cannot keep up. */
const KEPT_UP = 0.8;

/**
 * Returns a function that holds a number of streams for some seconds and reports whether their timings are reliable.
 * It opens streams within seconds and cancels them at the end, so a call takes about 10 s, longer for thousands.
 */
export function holder({ plan, workersFor, maxLagMs }: HoldOptions): (streams: number) => Promise<Held> {
  const layout = streamLayout(plan.counted, plan.timingLimits);
  const samples = (transportsOf(plan).size * MIN_CANARY_SHARE * 1000) / STAMP_INTERVAL_MS;
  let perStream = 0;
  return async (streams) => {
    const rampMs = Math.ceil((streams / OPENED_PER_SECOND) * 1000);
    const workers = workersFor(streams);
    const engine = await Engine.open(
      {
        ...plan,
        scenario: {
          ...plan.scenario,
          model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } },
          stages: [
            { shape: 'ramp', from: 1, to: streams, durationMs: rampMs },
            { shape: 'hold', level: streams, durationMs: 600_000 },
          ],
        },
      },
      workers,
      layout,
      { failures() {}, refused() {}, lost() {}, frozen() {} },
    );
    const view = (): StreamView => new StreamView(layout, engine.values());
    try {
      engine.start(monotonicMs());
      const cpu = process.cpuUsage();
      const beganMs = performance.now();
      const isOpen = await untilOpen(view, streams, rampMs + PATIENCE_MS);
      if (!isOpen) {
        const open = view().allActive();
        return {
          streams,
          measurementErrorMs: null,
          cpu: cpuShare(cpu, beganMs),
          threads: workers,
          fault: `opened only ${open}`,
        };
      }
      await wait(SETTLE_MS);
      const windows: Window[] = [];
      const measured = process.cpuUsage();
      const measuredMs = performance.now();
      for (let i = 0; i < WINDOWS; i++) windows.push(await windowOf(view));
      const worst = windows.reduce((a, b) =>
        (b.measurementErrorMs?.p99 ?? 0) > (a.measurementErrorMs?.p99 ?? 0) ? b : a,
      );
      const rate = windows.reduce((sum, w) => sum + w.chunksPerSecond, 0) / WINDOWS / streams;
      perStream ||= rate;
      const fault = faultOf(windows, {
        rate,
        perStream,
        maxLagMs,
        samples: (samples * workers * WINDOW_MS) / 1000,
      });
      return {
        streams,
        measurementErrorMs: worst.measurementErrorMs,
        cpu: cpuShare(measured, measuredMs),
        threads: workers,
        fault,
      };
    } finally {
      engine.stop(0);
      await Promise.race([engine.drained, wait(PATIENCE_MS)]);
      await engine.close();
    }
  };
}

interface Window {
  readonly measurementErrorMs: MeasurementError | null;
  readonly chunksPerSecond: number;
  readonly failed: number;
}

function faultOf(
  windows: readonly Window[],
  limits: {
    readonly rate: number;
    readonly perStream: number;
    readonly maxLagMs: number;
    readonly samples: number;
  },
): string | undefined {
  if (windows.some(({ failed }) => failed > 0)) return 'streams failed';
  if (windows.some(({ measurementErrorMs }) => (measurementErrorMs?.count ?? 0) < limits.samples))
    return 'the canary starves';
  if (windows.some(({ measurementErrorMs }) => measurementErrorMs!.p99 > limits.maxLagMs))
    return 'lag is above the limit';
  if (limits.rate < KEPT_UP * limits.perStream) return 'the simulator does not keep up';
  return undefined;
}

async function windowOf(view: () => StreamView): Promise<Window> {
  const before = view();
  const beforeMs = performance.now();
  await wait(WINDOW_MS);
  const after = view();
  const window = after.minus(before);
  const { failed, lost } = window.allResults();
  return {
    measurementErrorMs: measurementErrorOf(
      window.sharedMerged(['measurementLag:undici', 'measurementLag:lean']),
    ),
    chunksPerSecond: (window.total('chunks') / (performance.now() - beforeMs)) * 1000,
    failed: failed + lost,
  };
}

async function untilOpen(view: () => StreamView, streams: number, withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (view().allActive() < streams * 0.99) {
    if (performance.now() > endMs) return false;
    await wait(100);
  }
  return true;
}

function cpuShare(since: NodeJS.CpuUsage, sinceMs: number): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000 / (performance.now() - sinceMs);
}
