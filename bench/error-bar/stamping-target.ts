/**
 * A target that writes its own times into its chunks: in the first when the request was read and when it is written, in
 * all others when they are written. The workload is the seed's, without an end. Started by `bench/error-bar.ts`; ends with
 * the channel to it.
 */

import { createServer, type Socket } from 'node:net';
import { monotonicMs } from '../../src/core/clock.ts';

const TTFB_MS = 1100;
const GAP_MS: readonly [number, number] = [12.7, 140];
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

const nowMs = monotonicMs;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

function serve(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => {
    const readMs = nowMs();
    const first = (): void => {
      const at = nowMs();
      socket.write(HEAD + chunk(`data: ${at} ${at - readMs}\n\n`), 'latin1');
      timer = setTimeout(next, gap());
    };
    const next = (): void => {
      timer = setTimeout(next, gap());
      socket.write(chunk(`data: ${nowMs()}\n\n`), 'latin1');
    };
    let timer = setTimeout(first, TTFB_MS);
    socket.once('close', () => clearTimeout(timer));
  });
}

function gap(): number {
  return GAP_MS[0] + Math.random() * (GAP_MS[1] - GAP_MS[0]);
}

const server = createServer({ noDelay: true }, serve);
server.listen({ port: 0, host: '127.0.0.1', backlog: 8192 }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send!(address.port);
});
process.on('disconnect', () => process.exit());
