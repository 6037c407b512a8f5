import type { Socket } from 'node:net';

/**
 * Breaks a connection at once, so that the other side sees a reset. Node's `resetAndDestroy` alone loses the
 * socket where its own end is just being sent: the system refuses then (EINVAL), and `close` is never emitted.
 */
export function reset(socket: Socket): void {
  // Nothing has been said on it yet.
  if (socket.connecting) socket.destroy();
  else if (socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished)
    socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
