import type { StreamLayout } from '../catalog/slots.ts';
import type { Target } from '../core/scenario.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Engine, EngineEvents } from '../load/engine.ts';
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
  readonly openEngine: (plan: Plan, layout: StreamLayout, events: EngineEvents) => Promise<Engine>;
  /** Told when a setup that had to wait for the end of a run is in effect. */
  readonly changed?: (setup: Setup) => void;
  readonly sinks: readonly Sink[];
  readonly failures: (results: readonly StreamResult[], omitted: readonly OmittedFailures[]) => void;
  /** Follows the memory of the targets of a run; absent: it is known of none. */
  readonly followMemory?: (targets: readonly Target[], everyMs: number) => MemoryReader;
  /** ms after the warm-up of a run before which no drift is reported; default ten minutes. */
  readonly minDriftMs?: number;
  readonly log: RunnerLog;
}

/** Resident memory of targets, as it was read last. */
export interface MemoryReader {
  /** @returns bytes; `undefined` where it is not known now */
  read(target: string): number | undefined;
  close(): void;
}
