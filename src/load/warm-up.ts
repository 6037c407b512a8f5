import { type AddressInfo, createServer, type Socket } from 'node:net';
import { streamLayout } from '../catalog/slots.ts';
import { buildAllowlist } from '../core/allow.ts';
import type { Transport } from '../core/target.ts';
import { formatNamed } from '../formats/list.ts';
import { ownTarget } from '../target/ready-target.ts';
import { Connector, dialOptions } from '../transport/connector.ts';
import { NETWORK } from '../transport/dial.ts';
import { allocateRecord, Recorder } from './recorder.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

const STREAMS = 60;
/** A machine too slow for this starts cold. */
const MAX_MS = 2000;
const TIMEOUTS = { connectMs: MAX_MS, ttfbMs: MAX_MS, idleMs: MAX_MS, totalMs: MAX_MS, lingerMs: 10 };

/**
 * Holds some streams of this thread's own against a server of its own, so that the first streams of a run are
 * not measured while their code is being compiled. Nothing of it is counted, and no target sees any of it.
 * @param formats those of the run
 * @param transports those of the run: what it does not use need not be loaded
 */
export async function warmUp(
  formats: readonly string[],
  transports: readonly Transport[],
  clock: () => number,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    // Each request comes in one piece: its only client is in this thread.
    socket.on('data', (request) => socket.write(answerTo(request.toString('latin1'))));
  });
  const listening = Promise.withResolvers<boolean>();
  server.on('error', () => listening.resolve(false));
  server.listen(0, '127.0.0.1', () => listening.resolve(true));
  if (!(await listening.promise)) return;
  const { port } = server.address() as AddressInfo;
  const targets = transports.flatMap((transport) =>
    formats.map((format) =>
      ownTarget(
        { port, path: `/${format}`, transport },
        { name: `${format} ${transport}`, format, timeouts: TIMEOUTS, headers: ['accept', '*/*'] },
      ),
    ),
  );
  const layout = streamLayout(
    targets.map((t) => t.name),
    {},
  );
  const context: UserContext = {
    runId: 'warm-up',
    targets,
    connectors: targets.map(
      ({ route }) => new Connector(dialOptions(route, buildAllowlist([]), NETWORK, clock)),
    ),
    classifiers: targets.map((target) => formatNamed(target.format).classifier(target)),
    recorder: new Recorder(layout, allocateRecord(layout)),
    clock,
    open: new Set(),
    finished() {},
  };
  const user = new VirtualUser('0', context);
  const endMs = clock() + MAX_MS;
  for (let i = 0; i < STREAMS && clock() < endMs; i++) {
    const ended = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      for (const stream of context.open) stream.cancel('cancelled');
    }, endMs - clock());
    user.start(i % context.targets.length, undefined, clock(), () => ended.resolve());
    await ended.promise;
    clearTimeout(timer);
  }
  user.close();
  for (const socket of sockets) socket.destroy();
  server.close();
}

/** Returns the answer to a request whose path names a format: its example. Without `node:http`, which the thread needs for nothing else. */
function answerTo(request: string): string {
  const format = / \/(\S+) /.exec(request)?.[1] ?? '';
  const { example } = formatNamed(format);
  const length = Buffer.byteLength(example);
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n\r\n${example}`;
}
