import { SIMULATOR_PRESETS } from '../catalog/presets.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import type { Target } from '../core/target.ts';

/** Timeout above every wait of a try, ms. */
const LONG_MS = 120_000;

/**
 * Returns a configuration that replaces every target of a scenario by the built-in simulator, with the same formats,
 * weights and transport. Simulators keep their own pace without faults; all other targets get the pace of `pace`. The
 * configuration needs no secrets and sends nothing to other machines.
 */
export function rehearsalOf(
  config: Config,
  scenario: Scenario,
  pace: keyof typeof SIMULATOR_PRESETS,
): { readonly config: Config; readonly scenario: Scenario } {
  const used = new Set(scenario.targets.map(({ name }) => name));
  const targets = config.targets.filter(({ name }) => used.has(name)).map((t) => standIn(t, pace));
  const { budget: _, ...rest } = scenario;
  return { config: { ...config, targets, allow: [] }, scenario: rest };
}

function standIn(target: Target, pace: keyof typeof SIMULATOR_PRESETS): Target {
  const { name, endpoint, format, terminal, connection, labels } = target;
  return {
    name,
    endpoint: { kind: 'simulator', options: { ...optionsOf(endpoint, format, pace) } },
    method: 'GET',
    headers: {},
    prompts: [],
    format,
    ...(endpoint.kind === 'simulator' && terminal !== undefined ? { terminal } : {}),
    expect: { minChunks: 0, minBytes: 0, minCharacters: 0 },
    timeouts: {
      connectMs: LONG_MS,
      ttfbMs: LONG_MS,
      idleMs: LONG_MS,
      totalMs: 10 * LONG_MS,
      lingerMs: 1000,
    },
    connection,
    labels,
    thresholds: [],
    transport: transportOf(target),
  };
}

/** Returns the transport of the real streams, as far as the configuration determines it. */
function transportOf({ endpoint, transport, proxy }: Target): 'undici' | 'lean' {
  if (transport !== undefined) return transport;
  const tls = endpoint.kind === 'url' && endpoint.url.startsWith('https:');
  return tls || typeof proxy === 'object' ? 'undici' : 'lean';
}

function optionsOf(
  endpoint: Target['endpoint'],
  format: Target['format'],
  pace: keyof typeof SIMULATOR_PRESETS,
): SimulatorOptions {
  const own =
    endpoint.kind === 'simulator'
      ? (endpoint.options as unknown as SimulatorOptions)
      : { ...SIMULATOR_PRESETS[pace], format };
  const { seed, ttfbMs, gapMs, chunks, characters } = own;
  return { seed, format: own.format, ttfbMs, gapMs, chunks, characters, faults: {} };
}
