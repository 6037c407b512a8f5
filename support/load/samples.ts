import type { Scenario } from '../../src/core/scenario.ts';
import type { Plan } from '../../src/load/plan.ts';
import type { ReadyTarget } from '../../src/target/ready-target.ts';
import type { Route } from '../../src/target/route.ts';
import { Connector } from '../../src/transport/connector.ts';
import type { Network } from '../../src/transport/dial.ts';

/** A target as a worker gets it; nothing listens there. */
export function streamTarget(
  name: string,
  { port = 9, transport = 'undici', path = '/', ...overrides }: StreamTargetOptions = {},
): ReadyTarget {
  return {
    name,
    method: 'GET',
    headers: [],
    prompts: [],
    format: 'raw',
    expect: { minChunks: 0, minBytes: 0, minCharacters: 0 },
    contentTypes: [],
    timeouts: { connectMs: 10_000, ttfbMs: 30_000, idleMs: 30_000, totalMs: 300_000, lingerMs: 1000 },
    fresh: false,
    tailBytes: 0,
    secrets: [],
    route: {
      origin: `http://127.0.0.1:${port}`,
      host: '127.0.0.1',
      port,
      path,
      transport,
      pinned: ['127.0.0.1'],
    },
    ...overrides,
  };
}

type StreamTargetOptions = Partial<ReadyTarget> & Partial<Pick<Route, 'port' | 'transport' | 'path'>>;

/** What connects to the targets of a plan, through this network. */
export function connectorsOf(
  { targets }: Pick<Plan, 'targets'>,
  network: Network,
  clock: () => number,
): Connector[] {
  return targets.map(({ route }) => new Connector({ route, network, clock, guard: () => true }));
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
