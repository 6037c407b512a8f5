import type { Engine } from '../../load/engine.ts';
import type { StreamSnapshot } from '../../sink/sink.ts';
import type { RunnerLog } from '../runner-options.ts';
import type { LagMoment, LagWatch } from './lag-watch.ts';

/** Returns what a window of lag is closed with. */
export function lagMoment({ atMs, layout, values }: StreamSnapshot, engine: Engine): LagMoment {
  return { atMs, layout, values, threads: engine.threads, deaths: engine.deaths };
}

/** Ends a window, and says where the generator became saturated by it or is no longer so. */
export function closeWindow(lag: LagWatch, moment: LagMoment, log: RunnerLog): void {
  const before = lag.saturated;
  lag.close(moment);
  if (lag.saturated === before) return;
  const { worstLagMs, limitMs } = lag.quality;
  if (lag.saturated) {
    const text =
      'the generator is saturated: timings from now on are inconclusive; lower the load, or give it more CPU';
    log.warn({ worstLagMs, limitMs }, text);
  } else log.info({}, 'the generator is no longer saturated');
}
