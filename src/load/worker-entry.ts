import { parentPort, workerData } from 'node:worker_threads';
import { countMajorCollections } from '../machine/collections.ts';
import { descriptorGate } from '../machine/descriptors.ts';
import { readText } from '../machine/files.ts';
import { followHeap } from '../machine/heap.ts';
import { descriptorLimit } from '../machine/machine.ts';
import { NETWORK } from '../transport/dial.ts';
import type { Command } from './messages.ts';
import type { WorkerPlan } from './plan.ts';
import { reservedNetwork } from './reserved-network.ts';
import { warmUp } from './warm-up.ts';
import { Worker } from './worker.ts';

const port = parentPort!;
const data = workerData as WorkerPlan;
const mayOpen = descriptorGate(descriptorLimit(readText));
const { index } = data.segment;
// The thread that died here may have left some.
Atomics.store(data.opening, index, 0);
const network = reservedNetwork(NETWORK, mayOpen, data.opening, index);
const worker = new Worker(data, (event) => port.postMessage(event), network);
port.on('message', (command: Command) => worker.handle(command));
await warmUp([...new Set(data.plan.targets.map((target) => target.format))], () => performance.now());
countMajorCollections(data.record.collections);
followHeap(data.record.heap);
port.postMessage({ type: 'ready' });
