import { availableParallelism } from 'node:os';
import { formatDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import type { TargetThreshold } from '../core/target.ts';
import { workersFor } from '../load/engine.ts';
import { longestDrainMs } from '../run/draining.ts';
import { peakOf } from '../shapes/list.ts';
import { countedThresholds } from './counted.ts';
import type { SearchOptions } from './search.ts';
import type { StepContext } from './step.ts';

/** Flags of a search; absent ones have defaults. Times in ms. */
export interface SearchFlags {
  /** First load to try; default: the highest level of the scenario. */
  readonly from?: number;
  /** Largest load to try; default: the limit of the configuration, which is the most that is allowed. */
  readonly most?: number;
  readonly only?: readonly string[];
  readonly forMs?: number;
  readonly holdMs?: number;
  readonly precision?: number;
  readonly maxSteps?: number;
  readonly maxTimeMs?: number;
}

export const DEFAULT_FOR_MS = 15_000;
export const DEFAULT_PRECISION = 0.05;
export const DEFAULT_MAX_STEPS = 12;
export const DEFAULT_MAX_TIME_MS = 3_600_000;
/** A confirming hold is this many times as long as a step. */
const HOLD_TIMES = 2;
/** The load of the first step rises within this time, ms; at most a third of a step. */
const MAX_FIRST_RAMP_MS = 10_000;
/** Doublings of the first load for which engine threads are started. */
const THREADS_FOR_TIMES = 8;

export interface SearchPlan {
  /** Configuration whose scenario is the search. */
  readonly config: Config;
  readonly search: SearchOptions;
  readonly context: StepContext;
  readonly forMs: number;
  readonly holdMs: number;
  readonly rampMs: number;
  readonly maxTimeMs: number;
}

/**
 * Turns a scenario into the plan of a search: one level for the whole time, which the search changes. Thresholds do not
 * end the run, since the search crosses them on purpose. There is no warm-up: each step settles by itself.
 * @throws SoakError USAGE, LIMIT_EXCEEDED
 */
export function planSearch(config: Config, scenario: Scenario, flags: SearchFlags): SearchPlan {
  const { name, model } = scenario;
  const { limits } = config;
  if (scenario.sequence !== undefined)
    throw new SoakError(
      'USAGE',
      `scenario ${name}: found a sequence of ${scenario.targets.length} targets, expected targets that are loaded at the same time; search each of them in a scenario with target:`,
    );
  const isClosed = model.kind === 'closed';
  const [limit, key] = isClosed ? [limits.maxUsers, 'limits.maxUsers'] : [limits.maxRate, 'limits.maxRate'];
  const most = flags.most ?? limit;
  const from = flags.from ?? Math.max(...scenario.stages.map(peakOf));
  const flag = isClosed ? '--max-users' : '--max-rate';
  if (most > limit) throw above(flag, most, `${limit} (${key}); lower it, or raise ${key}`);
  if (flags.from !== undefined && from > most)
    throw above('--from', from, `${most}, the largest load to try`);
  if (isClosed && !Number.isInteger(from))
    throw new SoakError('USAGE', `--from: found ${from}, expected a whole number of users`);
  const maxTimeMs = flags.maxTimeMs ?? Math.min(DEFAULT_MAX_TIME_MS, limits.maxDurationMs);
  if (maxTimeMs > limits.maxDurationMs)
    throw above(
      '--max-time',
      formatDuration(maxTimeMs),
      `${formatDuration(limits.maxDurationMs)} (limits.maxDuration); lower it, or raise limits.maxDuration`,
    );
  const forMs = flags.forMs ?? DEFAULT_FOR_MS;
  const rampMs = Math.round(Math.min(MAX_FIRST_RAMP_MS, forMs / 3));
  if (maxTimeMs < forMs + rampMs)
    throw new SoakError(
      'USAGE',
      `--max-time: found ${formatDuration(maxTimeMs)}, expected at least the time of one step, ${formatDuration(forMs + rampMs)}; raise it, or shorten --for`,
    );
  const targets = countedThresholds(config, scenario, flags.only);
  const first = Math.max(isClosed ? 1 : 0.01, Math.min(from, most));
  const peak = isClosed ? Math.min(most, first * THREADS_FOR_TIMES) : model.maxUsers;
  const used = config.targets.filter((t) => scenario.targets.some((u) => u.name === t.name));
  const searched: Scenario = {
    ...scenario,
    stages: [
      { shape: 'ramp', from: 0, to: first, durationMs: rampMs },
      { shape: 'hold', level: first, durationMs: maxTimeMs - rampMs },
    ],
    warmUpMs: 0,
    overrides: 'a search for the capacity',
  };
  return {
    config: {
      ...config,
      thresholds: withoutAbort(config.thresholds),
      targets: config.targets.map((t) => ({ ...t, thresholds: withoutAbort(t.thresholds) })),
      scenarios: { ...config.scenarios, [name]: searched },
      workers: config.workers === 'auto' ? workersFor('auto', peak, availableParallelism()) : config.workers,
    },
    search: {
      from: first,
      most,
      precision: flags.precision ?? DEFAULT_PRECISION,
      maxSteps: flags.maxSteps ?? DEFAULT_MAX_STEPS,
      whole: isClosed,
    },
    context: {
      model: model.kind,
      targets,
      maxLagMs: config.maxMeasurementLagMs,
      maxSettleMs: longestDrainMs(used),
    },
    forMs,
    holdMs: flags.holdMs ?? forMs * HOLD_TIMES,
    rampMs,
    maxTimeMs,
  };
}

function above(name: string, found: string | number, most: string): SoakError {
  return new SoakError('LIMIT_EXCEEDED', `${name}: found ${found}, expected at most ${most}`);
}

function withoutAbort(thresholds: readonly TargetThreshold[]): TargetThreshold[] {
  return thresholds.map(({ abort: _, ...threshold }) => threshold);
}
