import { streamLayout } from '../../src/catalog/slots.ts';
import type { FinishedRun } from '../../src/core/run.ts';
import type { Config } from '../../src/core/scenario.ts';
import type { Target } from '../../src/core/target.ts';

export function target(name: string, overrides: Partial<Target> = {}): Target {
  return {
    name,
    endpoint: { kind: 'url', url: 'http://127.0.0.1:8000/' },
    method: 'GET',
    headers: {},
    prompts: [],
    format: 'sse',
    expect: { minChunks: 0, minBytes: 0, minCharacters: 0 },
    timeouts: { connectMs: 10_000, ttfbMs: 30_000, idleMs: 30_000, totalMs: 300_000, lingerMs: 1000 },
    connection: 'reuse',
    labels: {},
    thresholds: [],
    ...overrides,
  };
}

export function configOf(targets: readonly Target[], overrides: Partial<Config> = {}): Config {
  return {
    serve: { host: '127.0.0.1', port: 9876, tokens: [], metrics: 'open' },
    targets,
    scenarios: {},
    schedules: [],
    thresholds: [],
    allow: [],
    limits: { maxUsers: 10_000, maxRate: 10_000, maxDurationMs: 86_400_000 },
    workers: 1,
    maxMeasurementLagMs: 25,
    history: { maxAgeMs: 34_560_000_000, maxBytes: 2_147_483_648, maxGapMs: 600_000 },
    ...overrides,
  };
}

export const LAYOUT = streamLayout(['a', 'b'], { ttfb: [1234] });

export function finishedRun(overrides: Partial<FinishedRun> = {}): FinishedRun {
  return {
    id: '20261123-181502-4f9a',
    scenario: 'demo',
    startedAt: Date.UTC(2026, 10, 23, 18, 15, 2),
    plannedEndAt: Date.UTC(2026, 10, 23, 18, 16, 2),
    startMs: 1000,
    durationMs: 60_000,
    stages: 2,
    gaps: [],
    events: [],
    state: 'finished',
    endedAt: Date.UTC(2026, 10, 23, 18, 16, 34),
    reason: 'completed',
    verdict: 'pass',
    verdicts: [],
    ...overrides,
  };
}
