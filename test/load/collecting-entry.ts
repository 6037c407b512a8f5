import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { workerData } from 'node:worker_threads';
import type { WorkerPlan } from '../../src/load/plan.ts';

/**
 * The entry of an engine thread that makes a major garbage collection when a test says so on this channel: `{ index }` of
 * its segment. It can be made to die as well, as `mortal-entry.ts` can.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const channel = new BroadcastChannel('collecting-engine-threads');
channel.onmessage = ({ data }) => {
  const { segment } = workerData as WorkerPlan;
  if ((data as { index: number }).index === segment.index) collect();
};

await import('./mortal-entry.ts');
