import { threadId, workerData } from 'node:worker_threads';
import type { WorkerPlan } from '../../src/load/plan.ts';

/** The entry of an engine thread that dies when a test says so on this channel: `{ index }` of its segment. */
const channel = new BroadcastChannel('mortal-engine-threads');
channel.onmessage = ({ data }) => {
  const { segment } = workerData as WorkerPlan;
  if ((data as { index: number }).index !== segment.index) return;
  // From a timer, so that nobody catches it.
  setTimeout(() => {
    throw new Error(`thread ${threadId} of segment ${segment.index} dies as asked`);
  }, 0);
};

await import('../../src/load/worker-entry.ts');
