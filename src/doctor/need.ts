import { isLoopback } from '../core/loopback.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import { mostUsersOf } from '../core/scenario.ts';
import { MAX_EVENT_BYTES } from '../formats/limits.ts';
import { peakOf } from '../shapes/list.ts';

/** Requirements on the machine. */
export interface Need {
  readonly users: number;
  /** Maximum of new connections per second in the open model, for `connection: fresh` and for users that change the target; 0:
   * none, or unknown. */
  readonly freshRate: number;
  /** Size of the longest event of a target (`maxEvent`), bytes: what a stream may hold at most besides its usual memory. */
  readonly eventBytes: number;
  /** All targets are on this machine. */
  readonly loopback: boolean;
  /** The built-in simulator runs in the same process and holds the other end of each connection. */
  readonly simulator: boolean;
}

/** Users of the highest level of the seed's report. */
const USERS = 3000;

/**
 * Returns the requirements of a configuration.
 * @param config absent: the load is unknown
 * @param users replaces the maximum of the scenarios
 */
export function needOf(config: Config | undefined, users?: number): Need {
  if (config === undefined)
    return {
      users: users ?? USERS,
      freshRate: 0,
      eventBytes: MAX_EVENT_BYTES,
      loopback: false,
      simulator: false,
    };
  const scenarios = Object.values(config.scenarios);
  const used = new Set(scenarios.flatMap((s) => s.targets.map((t) => t.name)));
  const loaded = config.targets.filter((t) => used.has(t.name));
  return {
    users: users ?? Math.max(1, ...scenarios.map(mostUsersOf)),
    freshRate: Math.max(0, ...scenarios.map((s) => freshRateOf(s, config))),
    eventBytes: Math.max(...loaded.map((t) => t.maxEventBytes ?? MAX_EVENT_BYTES)),
    loopback: loaded.every(
      ({ endpoint }) => endpoint.kind === 'simulator' || isLoopback(new URL(endpoint.url).hostname),
    ),
    simulator: loaded.some((t) => t.endpoint.kind === 'simulator'),
  };
}

/** New connections per second to the target that gets most of them: each destination has its own ports. */
function freshRateOf({ model, stages, targets, sequence }: Scenario, config: Config): number {
  if (model.kind !== 'open') return 0;
  const rate = Math.max(...stages.map(peakOf));
  const weights = targets.reduce((sum, t) => sum + t.weight, 0);
  const perTarget = targets.map(({ name, weight }) => {
    const share = sequence === undefined ? weight / weights : 1;
    const target = config.targets.find((t) => t.name === name);
    if (target?.connection === 'fresh') return rate * share;
    // A user keeps the connection to its last target alone; on HTTP/2 all users share a few.
    return target?.http2 === undefined ? rate * share * (1 - share) : 0;
  });
  return Math.max(0, ...perTarget);
}
