import type { StreamLayout } from '../catalog/slots.ts';
import type { Target } from '../core/target.ts';
import type { Continuation } from '../load/continuation.ts';
import type { Engine } from '../load/engine.ts';
import type { EngineEvents } from '../load/engine-events.ts';
import type { Plan } from '../load/plan.ts';
import type { Sink } from '../sink/sink.ts';
import type { Setup } from './run-result.ts';

export interface RunnerLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface RunnerOptions {
  readonly setup: Setup;
  /** @param continued what earlier processes did of the run; absent: it begins */
  readonly openEngine: (
    plan: Plan,
    layout: StreamLayout,
    events: EngineEvents,
    continued?: Continuation,
  ) => Promise<Engine>;
  /** Called when a setup that waited for the end of a run takes effect. */
  readonly changed?: (setup: Setup) => void;
  /** Totals of earlier processes, which counters continue; absent: none. */
  readonly earlier?: EarlierTotals;
  readonly sinks: readonly Sink[];
  /** Follows the memory of the targets of a run, by its id; absent: unknown for all targets. */
  readonly followMemory?: (targets: readonly Target[], everyMs: number, run: string) => MemoryReader;
  /** Time after the warm-up of a run before drift is reported, ms; default ten minutes. */
  readonly minDriftMs?: number;
  readonly log: RunnerLog;
}

/** What earlier processes counted, without a run that this one continues. */
interface EarlierTotals {
  /** In the layout of the setup. */
  readonly values: Float64Array;
}

/** Last known resident memory of targets. */
export interface MemoryReader {
  /** Returns bytes; `undefined` where the memory is unknown. */
  read(target: string): number | undefined;
  close(): void;
}
