import { parentPort, workerData } from 'node:worker_threads';
import type { Command } from './messages.ts';
import type { WorkerPlan } from './plan.ts';
import { warmUp } from './warm-up.ts';
import { Worker } from './worker.ts';

const port = parentPort!;
const worker = new Worker(workerData as WorkerPlan, (event) => port.postMessage(event));
port.on('message', (command: Command) => worker.handle(command));
await warmUp(() => performance.now());
port.postMessage({ type: 'ready' });
