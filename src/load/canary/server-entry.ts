/** The thread that `server.ts` starts: answers every connection with stamps until that closes. */

import { createServer, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { monotonicMs } from '../../core/clock.ts';
import { STAMP_BYTES, STAMP_INTERVAL_MS, STAMPS_HEAD } from './stamp.ts';

const port = parentPort!;
const SIZE_LINE = `${STAMP_BYTES.toString(16)}\r\n`;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  // Ignores the request: the only client is in this process, and its request arrives in one piece.
  socket.once('data', () => {
    socket.write(STAMPS_HEAD);
    stamp(socket);
  });
  socket.resume();
});

function stamp(socket: Socket): void {
  const chunk = Buffer.alloc(SIZE_LINE.length + STAMP_BYTES + 2);
  chunk.write(SIZE_LINE, 0, 'latin1');
  chunk.write('\r\n', SIZE_LINE.length + STAMP_BYTES, 'latin1');
  const next = (): void => {
    // 1 − x, since x may be 0.
    timer = setTimeout(next, -Math.log(1 - Math.random()) * STAMP_INTERVAL_MS);
    // A reader that does not read must not fill the memory, and a stamp that waits here would be old.
    if (socket.writableLength > 0) return;
    chunk.writeDoubleLE(monotonicMs(), SIZE_LINE.length);
    socket.write(Buffer.from(chunk));
  };
  let timer = setTimeout(next, STAMP_INTERVAL_MS);
  socket.once('close', () => clearTimeout(timer));
}

server.on('error', (error) => {
  throw error;
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) port.postMessage(address.port);
});
