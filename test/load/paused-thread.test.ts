/** A pause of the engine thread (a full machine, a suspended process) is not a fault of the target. */

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import { TRANSPORTS } from '../../src/core/target.ts';
import { allocateLearned } from '../../src/load/learned.ts';
import type { WorkerEvent } from '../../src/load/messages.ts';
import { allocateRecord, copyRecord } from '../../src/load/recorder.ts';
import { Worker } from '../../src/load/worker.ts';
import { closed, planOf, streamTarget } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';

const LIMIT_MS = 1500;
/** Between the request and the pause, ms: the head is read by then. */
const BEFORE_MS = 50;

const TIMEOUTS = { connectMs: 60_000, totalMs: 60_000, lingerMs: 1000 };

/** Sends the rest of the response, and has the thread paused for longer than the limit before it can read that. */
function endAndPause(response: ServerResponse): void {
  response.end('data: b\n\ndata: [DONE]\n\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LIMIT_MS + 200);
}

describe('an engine thread that is paused for longer than a limit', () => {
  for (const transport of TRANSPORTS)
    for (const [limit, first, timeouts] of [
      ['ttfb', '', { ...TIMEOUTS, ttfbMs: LIMIT_MS, idleMs: 60_000 }],
      ['idle', 'data: a\n\n', { ...TIMEOUTS, ttfbMs: 60_000, idleMs: LIMIT_MS }],
    ] as const)
      it(`${transport}, ${limit} timeout: reads what came in time before a stream is called late`, async (t) => {
        let requests = 0;
        const server = createServer((_request, response) => {
          requests++;
          response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
          if (first !== '') response.write(first);
          // After the reads of a turn: what follows the pause is the timers of the next one, and not its reads.
          setTimeout(() => setImmediate(() => endAndPause(response)), BEFORE_MS);
        });
        t.after(() => server.close());
        await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
        const { port } = server.address() as AddressInfo;
        const target = streamTarget('a', {
          port,
          format: 'sse',
          terminal: { kind: 'data', data: '[DONE]' },
          transport,
          timeouts,
        });
        const plan = planOf(
          closed({ budget: { streams: 1 }, stages: [{ shape: 'hold', level: 1, durationMs: 60_000 }] }),
          [target],
        );
        const layout = streamLayout(plan.counted, {});
        const record = allocateRecord(layout);
        const events: WorkerEvent[] = [];
        const worker = new Worker(
          { plan, segment: { index: 0, count: 1 }, record, learned: allocateLearned(1), life: 0 },
          (event) => events.push(event),
        );
        worker.handle({ type: 'start', atMs: monotonicMs() });
        await poll('end', () => events.some((e) => e.type === 'drained') || undefined);
        assert.equal(requests, 1);
        const values = new Float64Array(layout.size);
        copyRecord(layout, record, values);
        const view = new StreamView(layout, values);
        assert.deepEqual(
          OUTCOMES.filter((outcome) => view.total(`finished:${outcome}`) > 0),
          ['complete'],
        );
      });
});
