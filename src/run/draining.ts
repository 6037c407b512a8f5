import type { Run, RunReason } from '../core/run.ts';

/**
 * Returns the run with no new starts from now on.
 * @param drainMs what open streams have at most, ms
 * @param nowMs monotonic
 */
export function draining(run: Run, why: RunReason, drainMs: number, nowMs: number): Run {
  const drainedByMs = nowMs + drainMs;
  if (run.state === 'running' || run.state === 'paused')
    return { ...run, state: 'draining', why, drainedByMs };
  if (run.state !== 'draining') return run;
  return {
    ...run,
    // Why it ended otherwise is not changed by a stop of what is left.
    why: run.why === 'completed' ? why : run.why,
    drainedByMs: Math.min(run.drainedByMs, drainedByMs),
  };
}

/** Returns what open streams of targets have at most, ms: the total timeout, and to linger after it. */
export function longestDrainMs(
  targets: readonly { readonly timeouts: { readonly totalMs: number; readonly lingerMs: number } }[],
): number {
  return Math.max(...targets.map(({ timeouts }) => timeouts.totalMs + timeouts.lingerMs));
}
