import { turnMs } from '../core/sequence.ts';
import { windowMsFor } from '../drift/watch.ts';
import { countMajorCollections, hasSettled } from '../machine/collections.ts';
import { residentReader } from '../machine/memory.ts';
import type { ActiveRun } from './active-run.ts';
import { RunDrift } from './run-drift.ts';
import type { RunnerOptions } from './runner-options.ts';

export interface FollowedDrift {
  readonly drift: RunDrift;
  /** Stops reading the memory of targets, and counting garbage collections of the main thread. */
  close(): void;
}

/** Starts the drift tests of a run. */
export function followDrift(
  { plan, setup: { config }, engine, run: { id, durationMs } }: ActiveRun,
  { followMemory, minDriftMs }: Pick<RunnerOptions, 'followMemory' | 'minDriftMs'>,
): FollowedDrift {
  const targets = config.targets.filter((t) => plan.scenario.targets.some(({ name }) => name === t.name));
  const turnDurationMs = plan.scenario.sequence === undefined ? durationMs : turnMs(plan.scenario);
  const memory = followMemory?.(targets, windowMsFor(turnDurationMs), id);
  // Counts collections of this run only: its allocations are new to the heap of the main thread, too.
  const collections = new Int32Array(1);
  const stopCounting = countMajorCollections(collections);
  const drift = new RunDrift({
    config,
    targets: targets.map((t) => t.name),
    durationMs: turnDurationMs,
    isSequence: plan.scenario.sequence !== undefined,
    rssBytes: residentReader(),
    settled: () => hasSettled(collections) && engine.settled,
    targetRssBytes: (target) => memory?.read(target),
    minMs: minDriftMs,
  });
  return {
    drift,
    close() {
      memory?.close();
      stopCounting();
    },
  };
}
