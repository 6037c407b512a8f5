import type { Scenario } from '../../src/core/scenario.ts';
import type { Plan } from '../../src/load/plan.ts';
import type { StreamTarget } from '../../src/transport/target.ts';

/** A target as a worker gets it; nothing listens there. */
export function streamTarget(name: string, overrides: Partial<StreamTarget> = {}): StreamTarget {
  return {
    name,
    origin: 'http://127.0.0.1:9',
    host: '127.0.0.1',
    port: 9,
    tls: false,
    path: '/',
    method: 'GET',
    headers: [],
    prompts: [],
    format: 'raw',
    expect: { minChunks: 0, minBytes: 0, minCharacters: 0 },
    contentTypes: [],
    timeouts: { connectMs: 10_000, ttfbMs: 30_000, idleMs: 30_000, totalMs: 300_000, lingerMs: 1000 },
    fresh: false,
    transport: 'undici',
    tailBytes: 0,
    secrets: [],
    pinned: ['127.0.0.1'],
    ...overrides,
  };
}

export function closed(overrides: Partial<Scenario> = {}): Scenario {
  return {
    name: 'closed',
    model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } },
    targets: [{ name: 'a', weight: 1 }],
    stages: [{ shape: 'hold', level: 1, durationMs: 1000 }],
    warmUpMs: 0,
    seed: 1,
    ...overrides,
  };
}

export function open(maxUsers: number, overrides: Partial<Scenario> = {}): Scenario {
  return { ...closed(), name: 'open', model: { kind: 'open', arrivals: 'constant', maxUsers }, ...overrides };
}

export function planOf(
  scenario: Scenario,
  targets = scenario.targets.map((t) => streamTarget(t.name)),
): Plan {
  return { runId: 'r', scenario, targets, counted: targets.map((t) => t.name), timingLimits: {}, allow: [] };
}
