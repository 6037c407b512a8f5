import { isDeepStrictEqual } from 'node:util';
import type { Reload } from '../core/reload.ts';
import type { Config } from '../core/scenario.ts';

/** Parts of a configuration that runs depend on. */
const OF_RUNS = ['targets', 'scenarios', 'thresholds', 'allow', 'workers'] as const;

/**
 * Returns what a new configuration changes.
 * @param busy a run is active: it keeps its configuration, so the parts that runs depend on wait for its end
 */
export function changesOf(before: Config, after: Config, busy: boolean): Reload {
  const ofRuns = OF_RUNS.flatMap((part) => linesOf(part, before[part], after[part]));
  ofRuns.push(...linesOf('maxMeasurementLag', before.maxMeasurementLagMs, after.maxMeasurementLagMs));
  const now = [
    ...linesOf('limits', before.limits, after.limits),
    ...linesOf('schedules', before.schedules, after.schedules),
    ...SERVE_NOW.flatMap((key) => linesOf(`serve.${key}`, before.serve[key], after.serve[key])),
  ];
  return {
    applied: busy ? now : [...ofRuns, ...now],
    waiting: busy ? ofRuns : [],
    restart: [
      ...SERVE_RESTART.flatMap((key) => linesOf(`serve.${key}`, before.serve[key], after.serve[key])),
      ...METRICS_RESTART.flatMap((key) =>
        linesOf(
          `serve.metrics.${key}`,
          before.serve.metricsListener?.[key],
          after.serve.metricsListener?.[key],
        ),
      ),
      ...linesOf('history', before.history, after.history),
    ],
  };
}

const SERVE_NOW = ['tokens', 'metrics'] as const;
const SERVE_RESTART = ['host', 'port', 'start'] as const;
const METRICS_RESTART = ['host', 'port'] as const;

/** Returns one line for each member that was added, removed or changed; one line for a part without members. */
function linesOf(part: string, before: unknown, after: unknown): string[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  if (was === undefined || is === undefined) {
    return isDeepStrictEqual(before, after) ? [] : [`${part}: changed`];
  }
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    if (!was.has(name)) return [`${part}: ${name} added`];
    if (!is.has(name)) return [`${part}: ${name} removed`];
    return isSame(was.get(name), is.get(name)) ? [] : [`${part}: ${name} changed`];
  });
}

/** Prompts above which two lists are the same only if they are one: a configuration that is read keeps those that it has. */
const MAX_COMPARED = 10_000;

/** Compares members of a part; to compare millions of prompts of a target would block the main thread. */
function isSame(before: unknown, after: unknown): boolean {
  const [was, is] = [promptsOf(before), promptsOf(after)];
  if (was === undefined || is === undefined || was === is || Math.min(was.length, is.length) <= MAX_COMPARED)
    return isDeepStrictEqual(before, after);
  return false;
}

function promptsOf(member: unknown): readonly string[] | undefined {
  return (member as Partial<Config['targets'][number]> | undefined)?.prompts;
}

/** Returns members by name; `undefined` for a part without named members. */
function membersOf(part: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(part)) {
    const named = part.every((m) => typeof m === 'object' && m !== null && ('name' in m || 'id' in m));
    return named ? new Map(part.map((m) => [String(m.name ?? m.id), m])) : undefined;
  }
  return typeof part === 'object' && part !== null ? new Map(Object.entries(part)) : undefined;
}
