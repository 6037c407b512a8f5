/** Entry of the thread that `thread.ts` starts: runs a simulator until the command `close`. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, SoakError } from '../core/errors.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import { followHeap } from '../machine/heap.ts';
import { startSimulator } from './simulator.ts';
import type { ThreadCommand, ThreadInput, ThreadMessage } from './thread.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
const { options, address, changeable, heap } = workerData as ThreadInput;
const say = (message: ThreadMessage): void => port.postMessage(message);

/** Options that are being read, in the order in which they were given. */
const asked: PromiseWithResolvers<SimulatorOptions>[] = [];

/** A function cannot be passed to a thread, so main parses the options. */
function read(written: unknown): Promise<SimulatorOptions> {
  const answer = Promise.withResolvers<SimulatorOptions>();
  asked.push(answer);
  say({ kind: 'read', written });
  return answer.promise;
}

followHeap(heap);
try {
  const simulator = await startSimulator(options, { ...address, ...(changeable ? { read } : {}) });
  port.on('message', async (message: ThreadCommand) => {
    if (message.kind === 'options') asked.shift()?.resolve(message.options);
    else if (message.kind === 'refused') {
      asked.shift()?.reject(new SoakError(message.code, message.message, message.details));
    } else {
      await simulator.close();
      // With the port closed, nothing keeps the event loop alive, and the thread ends.
      port.close();
    }
  });
  say({ kind: 'listening', url: simulator.url, port: simulator.port });
} catch (error) {
  // An error that is sent as such loses its class and code on the way.
  say({ kind: 'failed', message: messageOf(error) });
  port.close();
}
