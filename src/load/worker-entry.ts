import { parentPort, workerData } from 'node:worker_threads';
import { countMajorCollections } from '../machine/collections.ts';
import type { Command } from './messages.ts';
import type { WorkerPlan } from './plan.ts';
import { warmUp } from './warm-up.ts';
import { Worker } from './worker.ts';

const port = parentPort!;
const data = workerData as WorkerPlan;
const worker = new Worker(data, (event) => port.postMessage(event));
port.on('message', (command: Command) => worker.handle(command));
await warmUp([...new Set(data.plan.targets.map((target) => target.format))], () => performance.now());
countMajorCollections(data.record.collections);
port.postMessage({ type: 'ready' });
