import type { Engine } from '../../load/engine.ts';
import type { StreamSnapshot } from '../../sink/sink.ts';
import type { RunnerLog } from '../runner-options.ts';
import type { LagMoment, LagWatch } from './lag-watch.ts';

/**
 * Returns the input for the evaluation of a window of lag.
 * @param frozenMs total time for which engine threads were frozen
 */
export function lagMoment(
  { atMs, layout, values }: StreamSnapshot,
  engine: Engine,
  frozenMs: number,
): LagMoment {
  return { atMs, layout, values, threads: engine.threads, deaths: engine.deaths, frozenMs };
}

/** Ends a window; logs when the generator becomes saturated, and when it recovers. */
export function closeWindow(lag: LagWatch, moment: LagMoment, log: RunnerLog, run: string): void {
  const before = lag.saturated;
  lag.close(moment);
  if (lag.saturated === before) return;
  const { worstLagMs, limitMs } = lag.quality;
  const facts = { run, worstLagMs: worstLagMs && Number(worstLagMs.toFixed(2)), limitMs };
  if (lag.saturated)
    log.warn(
      facts,
      'generator saturated; while it is, timings are unreliable, and a limit close to its value is inconclusive: lower the load or add CPU',
    );
  else log.info(facts, 'generator no longer saturated');
}
