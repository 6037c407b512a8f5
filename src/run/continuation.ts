import type { StreamLayout } from '../catalog/slots.ts';
import { type Continuation, countLost } from '../load/continuation.ts';
import { piecesToFollow } from '../load/live-plan.ts';
import { OWN_CELLS } from './availability.ts';
import type { ResumableRun } from './checkpoint.ts';

/** Returns what an engine needs to continue a run. Streams that were open at the end of the earlier process are lost. */
export function continuationOf({ active, engine, values }: ResumableRun, layout: StreamLayout): Continuation {
  const counted = values.slice();
  // The main thread adds its own cells to the values of the engine.
  for (const { cell } of layout.slots) for (const key of OWN_CELLS) counted[cell[key]] = 0;
  countLost(layout, counted);
  return {
    ...engine,
    values: counted,
    endedMs: active.elapsedMs,
    pieces: piecesToFollow(active.livePlan),
  };
}
