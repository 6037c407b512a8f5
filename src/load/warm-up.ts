import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { streamLayout } from '../catalog/slots.ts';
import { addressGuard, buildAllowlist } from '../core/allow.ts';
import { TRANSPORTS, type Transport } from '../core/reach.ts';
import { NETWORK } from '../stream/dial.ts';
import type { GuardedTarget } from '../stream/target.ts';
import { allocateRecord, Recorder } from './recorder.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

const STREAMS = 60;
const EVENTS = 20;
/** A machine too slow for this starts cold. */
const LONGEST_MS = 2000;

/**
 * Holds some streams of this thread's own against a server of its own, so that the first streams of a run are
 * not measured while their code is being compiled. Nothing of it is counted, and no target sees any of it.
 */
export async function warmUp(clock: () => number): Promise<void> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < EVENTS; i++)
      response.write(`data: {"choices":[{"index":0,"delta":{"content":"${i}"}}]}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  const listening = Promise.withResolvers<boolean>();
  server.on('error', () => listening.resolve(false));
  server.listen(0, '127.0.0.1', () => listening.resolve(true));
  if (!(await listening.promise)) return;
  const { port } = server.address() as AddressInfo;
  const targets = TRANSPORTS.flatMap((transport) =>
    (['sse', 'openai-chat', 'raw'] as const).map((format) => targetOf(port, format, transport)),
  );
  const layout = streamLayout(
    targets.map((t) => t.name),
    [],
  );
  const context: UserContext = {
    runId: 'warm-up',
    targets,
    recorder: new Recorder(layout, allocateRecord(layout)),
    network: NETWORK,
    clock,
    open: new Set(),
    finished() {},
  };
  const user = new VirtualUser('0', context);
  const endMs = clock() + LONGEST_MS;
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

function targetOf(port: number, format: GuardedTarget['format'], transport: Transport): GuardedTarget {
  return {
    name: `${format} ${transport}`,
    origin: `http://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    tls: false,
    path: '/',
    method: 'GET',
    headers: ['accept', '*/*'],
    prompts: [],
    format,
    terminal: { kind: 'data', data: '[DONE]' },
    expect: { minChunks: 1, minBytes: 1, minCharacters: 1 },
    contentTypes: [],
    timeouts: {
      connectMs: LONGEST_MS,
      ttfbMs: LONGEST_MS,
      idleMs: LONGEST_MS,
      totalMs: LONGEST_MS,
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
