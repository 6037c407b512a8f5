/** The thread that `thread.ts` starts: a simulator, until it is told to close. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../core/errors.ts';
import { startSimulator } from './simulator.ts';
import { CLOSE, type ThreadInput, type ThreadMessage } from './thread.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
const { options, address } = workerData as ThreadInput;
const say = (message: ThreadMessage): void => port.postMessage(message);

try {
  const simulator = await startSimulator(options, address);
  port.on('message', async (message) => {
    if (message !== CLOSE) return;
    await simulator.close();
    // Nothing holds the loop any more once the port is closed, so the thread ends by itself.
    port.close();
  });
  say({ kind: 'listening', url: simulator.url, port: simulator.port });
} catch (error) {
  // An error that is sent as such loses its class and code on the way.
  say({ kind: 'failed', message: messageOf(error) });
  port.close();
}
