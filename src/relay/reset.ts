import type { Socket } from 'node:net';
export function reset(socket: Socket): void { socket.resetAndDestroy(); }
