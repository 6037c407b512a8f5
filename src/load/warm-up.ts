import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { streamLayout } from '../catalog/slots.ts';
import { addressGuard, buildAllowlist } from '../core/allow.ts';
import { TRANSPORTS, type Transport } from '../core/connect-options.ts';
import { formatNamed } from '../formats/list.ts';
import { NETWORK } from '../transport/dial.ts';
import type { GuardedTarget } from '../transport/target.ts';
import { allocateRecord, Recorder } from './recorder.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

const STREAMS = 60;
/** A machine too slow for this starts cold. */
const MAX_MS = 2000;

/**
 * Holds some streams of this thread's own against a server of its own, so that the first streams of a run are
 * not measured while their code is being compiled. Nothing of it is counted, and no target sees any of it.
 * @param formats those of the run
 */
export async function warmUp(formats: readonly string[], clock: () => number): Promise<void> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(formatNamed(request.url!.slice(1)).example);
  });
  const listening = Promise.withResolvers<boolean>();
  server.on('error', () => listening.resolve(false));
  server.listen(0, '127.0.0.1', () => listening.resolve(true));
  if (!(await listening.promise)) return;
  const { port } = server.address() as AddressInfo;
  const targets = TRANSPORTS.flatMap((transport) =>
    formats.map((format) => targetOf(port, format, transport)),
  );
  const layout = streamLayout(
    targets.map((t) => t.name),
    {},
  );
  const context: UserContext = {
    runId: 'warm-up',
    targets,
    classifiers: targets.map((target) => formatNamed(target.format).classifier(target)),
    recorder: new Recorder(layout, allocateRecord(layout)),
    network: NETWORK,
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
  server.closeAllConnections();
  server.close();
}

function targetOf(port: number, format: string, transport: Transport): GuardedTarget {
  const terminal = formatNamed(format).terminals.usual;
  return {
    name: `${format} ${transport}`,
    origin: `http://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    tls: false,
    path: `/${format}`,
    method: 'GET',
    headers: ['accept', '*/*'],
    prompts: [],
    format,
    ...(terminal === undefined ? {} : { terminal }),
    expect: { minChunks: 1, minBytes: 1, minCharacters: 1 },
    contentTypes: [],
    timeouts: {
      connectMs: MAX_MS,
      ttfbMs: MAX_MS,
      idleMs: MAX_MS,
      totalMs: MAX_MS,
      lingerMs: 10,
    },
    fresh: false,
    transport,
    tailBytes: 0,
    secrets: [],
    pinned: [],
    guard: addressGuard(buildAllowlist([]), []),
  };
}
