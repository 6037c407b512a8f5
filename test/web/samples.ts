import { statusView } from '../../src/http/views.ts';
import type { RunWindow, Status, TargetWindow } from '../../src/web/wire.ts';
import { BUSY, IDLE } from '../../support/http/stub.ts';

export const idle: Status = statusView(IDLE);
export const busy: Status = statusView(BUSY);

/** Start of the windows, ms since 1970. */
export const START_MS = Date.UTC(2026, 0, 1);

interface Counts {
  readonly success?: number;
  readonly failed?: number;
  readonly stalled?: number;
  readonly finished?: Readonly<Record<string, number>>;
  readonly p95?: number | null;
}

export function targetWindow(target: string, counts: Counts = {}): TargetWindow {
  const { success = 10, failed = 0, stalled = 0, finished = {}, p95 = 100 } = counts;
  const quantiles = { p50: p95, p95, p99: p95 };
  return {
    target,
    streams: { desired: 5, openMean: 4, stalled, results: { success, failed }, finished },
    successRatio: success + failed === 0 ? null : success / (success + failed),
    ttfbMs: quantiles,
    ttftMs: quantiles,
    gapMs: quantiles,
    chunks: 50,
  };
}

/** Returns the window with a number, of 10 s. */
export function windowOf(n: number, targets: readonly TargetWindow[], unreliable = 0): RunWindow {
  return {
    n,
    fromAt: new Date(START_MS + n * 10_000).toISOString(),
    toAt: new Date(START_MS + (n + 1) * 10_000).toISOString(),
    generator: { rssBytes: 1e8, cpuMs: 500 },
    measurementQuality: { windows: 2, unreliable },
    measurementErrorMs: { count: 10, p50: 0.1, p99: 1 },
    targets,
  };
}
