import { buildAllowlist } from '../core/allow.ts';
import { formatDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import type { Config } from '../core/scenario.ts';
import type { Target } from '../core/target.ts';
import { type Route, type RouteDeps, resolveRoute } from '../target/route.ts';
import { dialOptions } from '../transport/connector.ts';
import { type DialError, type DialTimes, dial, type Network } from '../transport/dial.ts';
import type { Check } from './check.ts';

export interface TargetDeps extends RouteDeps {
  readonly network: Network;
  /** Monotonic ms. */
  readonly clock: () => number;
}

/** Maximum wait for a target, ms; its connect timeout can be shorter. */
const PATIENCE_MS = 5000;

/**
 * Connects once to each target, with TLS for https URLs, and closes the connection without a request. Hosts outside the
 * allowlist are neither looked up nor contacted.
 */
export function checkTargets(config: Config, from: TargetDeps): Promise<Check[]> {
  return Promise.all(config.targets.map((target) => checkTarget(target, config, from)));
}

async function checkTarget(target: Target, config: Config, from: TargetDeps): Promise<Check> {
  const name = `target ${target.name}`;
  const { endpoint } = target;
  if (endpoint.kind === 'simulator')
    return { name, state: 'ok', found: 'the built-in simulator', advice: [] };
  const allowlist = buildAllowlist(config.allow);
  const wanted = 'an allowed host that accepts a connection';
  try {
    const { route } = await resolveRoute(target, new URL(endpoint.url), allowlist, from);
    const patienceMs = Math.min(PATIENCE_MS, target.timeouts.connectMs);
    const { error, times } = await connect(
      dialOptions(route, allowlist, from.network, from.clock),
      patienceMs,
    );
    const found = `${placeOf(route)}: ${error ?? partsOf(times)}`;
    if (error === undefined) return { name, state: 'ok', found, wanted, advice: [] };
    return {
      name,
      state: 'fail',
      found,
      wanted,
      advice: ['start the target and check that this machine can reach it'],
    };
  } catch (error) {
    if (!(error instanceof SoakError)) throw error;
    const advice = error.details.filter((line) => line !== error.message);
    return { name, state: 'fail', found: error.message, wanted, advice };
  }
}

function connect(
  options: Parameters<typeof dial>[0],
  patienceMs: number,
): Promise<{ error: string | undefined; times: DialTimes }> {
  return new Promise((resolve) => {
    let late = false;
    let timer: NodeJS.Timeout | undefined;
    const dialling = dial(options, (error: DialError | null, socket, times) => {
      clearTimeout(timer);
      socket?.destroy();
      const why = late ? `no connection within ${formatDuration(patienceMs)}` : error?.message;
      resolve({ error: error === null ? undefined : why, times });
    });
    timer = setTimeout(() => {
      late = true;
      dialling?.destroy();
    }, patienceMs);
  });
}

function placeOf({ host, port, proxy, socketPath }: Route): string {
  if (socketPath !== undefined) return socketPath;
  return proxy === undefined ? `${host}:${port}` : `${host}:${port} through ${proxy.host}:${proxy.port}`;
}

function partsOf({ dnsMs, tcpMs, tunnelMs, tlsMs, connectMs }: DialTimes): string {
  const parts = Object.entries({ DNS: dnsMs, TCP: tcpMs, proxy: tunnelMs, TLS: tlsMs })
    .filter(([, ms]) => ms !== undefined)
    .map(([part, ms]) => `${part} ${formatDuration(ms!)}`);
  return `connected in ${formatDuration(connectMs)} (${parts.join(', ')})`;
}
