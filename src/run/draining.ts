import type { Run, RunReason } from '../core/run.ts';

/**
 * Returns the run in the state `draining`: it starts no new streams.
 * @param drainMs time that open streams have at most, ms
 * @param nowMs monotonic
 */
export function draining(run: Run, why: RunReason, drainMs: number, nowMs: number): Run {
  const drainedByMs = nowMs + drainMs;
  if (run.state === 'running' || run.state === 'paused')
    return { ...run, state: 'draining', why, drainedByMs };
  if (run.state !== 'draining') return run;
  return {
    ...run,
    // A stop while draining does not change the reason of an earlier end.
    why: run.why === 'completed' ? why : run.why,
    drainedByMs: Math.min(run.drainedByMs, drainedByMs),
  };
}

/** Returns the longest time of open streams of targets, ms: the total timeout and the linger after it. */
export function longestDrainMs(
  targets: readonly { readonly timeouts: { readonly totalMs: number; readonly lingerMs: number } }[],
): number {
  return Math.max(...targets.map(({ timeouts }) => timeouts.totalMs + timeouts.lingerMs));
}
