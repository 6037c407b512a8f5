import type { Continuation, EngineProgress } from './continuation.ts';
import type { Engine } from './engine.ts';

/** Returns an engine without threads: what earlier processes counted of a run that nobody continues. */
export function deadEngine(continued: Continuation): Engine {
  const { segments, learned, restarts, deaths, lives } = continued;
  const progress: EngineProgress = { segments, learned, restarts, deaths, lives };
  const engine: Pick<Engine, keyof Engine> = {
    restarts,
    deaths,
    progress,
    size: progress.segments.length,
    heaps: [],
    threads: 0,
    settled: false,
    drained: Promise.resolve(),
    values: () => continued.values.slice(),
    learnedEnd: () => undefined,
    list: async () => [],
    start() {},
    stop() {},
    follow() {},
    renew() {},
    async close() {},
  };
  return engine as Engine;
}
