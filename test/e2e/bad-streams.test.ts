import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FAULT_HEADER } from '../../src/catalog/faults.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { FAULTS } from '../../src/core/simulator.ts';
import { FORMATS, type Format } from '../../src/formats/list.ts';
import { ClosedLoad } from '../../src/load/closed-load.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import { userPacer } from '../../src/load/pacer.ts';
import { Scheduler } from '../../src/load/scheduler.ts';
import { VirtualUser } from '../../src/load/virtual-user.ts';
import { expectedOutcome } from '../../src/sim/expected.ts';
import { hold } from '../../support/holding.ts';
import { poll } from '../../support/poll.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';
import { receive } from '../sim/client.ts';

const PATHS: Readonly<Record<Format, string>> = {
  raw: '/raw',
  sse: '/sse',
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'openai-responses': '/v1/responses',
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/simulated-1:streamGenerateContent?alt=sse',
  cohere: '/v2/chat',
  ollama: '/api/chat',
  ndjson: '/ndjson',
};
const TERMINALS: Readonly<Partial<Record<Format, string>>> = {
  sse: ', terminal: "[DONE]"',
  ndjson: ', terminal: { path: done }',
};
/** Longer than a good stream takes on any machine. */
const PATIENT = { connect: '90s', ttfb: '90s', idle: '90s', total: '100s', linger: '300ms' };
/**
 * What a stream has in place of that, by its outcome: only the limit that ends it is short. The idle timeout is below the
 * total one where that ends it, so what trickles must reset it.
 */
const LIMITS: Readonly<Partial<Record<Outcome, Partial<typeof PATIENT>>>> = {
  ttfb_timeout: { ttfb: '3s' },
  stalled: { idle: '3s' },
  total_timeout: { connect: '10s', ttfb: '10s', idle: '6s', total: '10s' },
  // What comes after the end may come late.
  protocol_violation: { linger: '30s' },
};
/** Where the simulator draws the fault, all streams have the same limits, ms. */
const DRAWN_MS = { connect: 10_000, ttfb: 10_000, idle: 4000, total: 15_000, linger: 2000 };
/** The limit that each of these outcomes says was exceeded, ms. */
const EXCEEDED_MS: Readonly<Partial<Record<Outcome, number>>> = {
  connect_error: DRAWN_MS.connect,
  ttfb_timeout: DRAWN_MS.ttfb,
  stalled: DRAWN_MS.idle,
  total_timeout: DRAWN_MS.total,
};
/** Where the simulator takes so long to answer, ms, a full machine may exceed a limit for it: half of the shortest. */
const STARVED_MS = 2000;
/** Ended by the client's own limits: what was on its way then, the simulator has sent and nobody has read. */
const CUT: readonly Outcome[] = [
  'stalled',
  'total_timeout',
  'ttfb_timeout',
  'malformed',
  'protocol_violation',
];

interface Truth {
  readonly id: string;
  readonly outcome: string;
  readonly chunks: number;
  readonly bytes: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('bad streams, over real sockets', () => {
  let simulator: Simulated;
  before(async () => {
    simulator = await simulate(['--preset=quick']);
  });
  after(() => simulator.stop());

  it('every fault × every format: each ends in its outcome, and nothing is held afterwards', async () => {
    const holdings = await Promise.all(
      FORMATS.map(async (format) => ({ format, holding: await hold(oneOfEach(format), 'all') })),
    );
    collect();
    const heapBefore = process.memoryUsage().heapUsed;
    const users: VirtualUser[] = [];
    for (const { holding } of holdings) {
      FAULTS.forEach((fault, i) => {
        const user = new VirtualUser(fault, holding.context);
        user.start(i, undefined, holding.context.clock(), () => {});
        users.push(user);
      });
    }
    for (const { format, holding } of holdings) {
      await holding.idle(150_000);
      for (const fault of FAULTS) {
        const { outcome, detail } = holding.results.get(`held-${fault}-1`)!;
        assert.equal(
          outcome,
          expectedOutcome(fault, format) ?? 'complete',
          `${fault} in ${format}: ${detail}`,
        );
      }
    }
    for (const user of users) user.close();
    users.length = 0;
    await poll('end of all sockets', () => socketsTo(simulator.port) === 0 || undefined);
    for (const { holding } of holdings) {
      holding.stop();
      const view = holding.view();
      assert.equal(view.total('started'), FAULTS.length);
      assert.equal(
        view.total('active:connecting') + view.total('active:waiting') + view.total('active:streaming'),
        0,
      );
      holding.results.clear();
    }
    collect();
    const grown = process.memoryUsage().heapUsed - heapBefore;
    assert.ok(
      grown < 8e6,
      `${grown} bytes of heap are retained after ${FORMATS.length * FAULTS.length} streams`,
    );
  });

  /** A configuration with a target for each fault. */
  function oneOfEach(format: Format): string {
    const targets = FAULTS.map((fault) => {
      const outcome = expectedOutcome(fault, format) ?? 'complete';
      const timeouts = JSON.stringify({ ...PATIENT, ...LIMITS[outcome] });
      return (
        `  - { name: ${fault}, url: "${simulator.url}${PATHS[format]}", method: POST, format: ${format}, ` +
        `headers: { ${FAULT_HEADER}: ${fault} }, timeouts: ${timeouts}${TERMINALS[format] ?? ''} }`
      );
    });
    const weights = FAULTS.map((f) => `{ name: ${f} }`).join(', ');
    return `targets:\n${targets.join('\n')}\nscenarios:\n  all: { targets: [${weights}], stages: [{ users: 1, for: 1s }] }\n`;
  }

  it('20,000 streams with all kinds at random: not one disagrees with what the simulator says of it', async (t) => {
    const shares = FAULTS.map((f) => `--fault=${f}=${f === 'hugeLine' ? '0.02%' : '0.6%'}`);
    const random = await simulate(['--preset=quick', '--seed=7', ...shares]);
    const slowestAnswer = watchAnswers(random.url);
    try {
      const timeouts = Object.entries(DRAWN_MS).map(([limit, ms]) => `${limit}: ${ms}ms`);
      const target = (format: Format) =>
        `  - { name: ${format}, url: "${random.url}${PATHS[format]}", method: POST, format: ${format}, ` +
        `timeouts: { ${timeouts.join(', ')} }${TERMINALS[format] ?? ''} }`;
      const holding = await hold(
        `targets:\n${FORMATS.map(target).join('\n')}\n` +
          `scenarios:\n  all: { targets: [${FORMATS.map((f) => `{ name: ${f} }`).join(', ')}], ` +
          'stages: [{ users: 400, for: 10m }], budget: { streams: 20000 } }\n',
        'all',
      );
      const { context, plan, results } = holding;
      const load = new ClosedLoad(
        plan,
        { index: 0, count: 1 },
        userPacer(plan.scenario.stages),
        context,
        new Scheduler(context.clock),
        new DialGate(3000),
      );
      load.start(context.clock());
      await poll(
        'end of 20,000 streams',
        () => (results.size >= 20_000 && context.open.size === 0) || undefined,
        {
          timeoutMs: 300_000,
          everyMs: 250,
        },
      );
      load.stop();
      load.close();
      holding.stop();
      assert.equal(results.size, 20_000);
      const slowestMs = await slowestAnswer.end();
      await poll(
        'books of the simulator',
        async () => (await random.groundTruth()).active === 0 || undefined,
      );
      const response = await fetch(`${random.url}/ground-truth?streams=1&limit=100000`);
      const { streams } = (await response.json()) as { streams: { finished: Truth[] } };
      const known = new Map(streams.finished.map((t) => [t.id, t]));
      const disagree: string[] = [];
      const kinds = new Map<string, number>();
      let starved = 0;
      for (const [id, { outcome, target, detail, chunks, bytes, durationMs }] of results) {
        const truth = known.get(id);
        kinds.set(outcome, (kinds.get(outcome) ?? 0) + 1);
        const exceededMs = EXCEEDED_MS[outcome] ?? Number.POSITIVE_INFINITY;
        if (truth?.outcome !== outcome && slowestMs >= STARVED_MS && durationMs >= exceededMs) starved++;
        else if (truth?.outcome !== outcome)
          disagree.push(`${id}: ${outcome} (${detail}), in truth ${truth?.outcome}`);
        else if (!CUT.includes(outcome) && truth.bytes !== bytes)
          disagree.push(`${id}: ${bytes} bytes, in truth ${truth.bytes}`);
        // On raw a chunk is a read, and reads are the kernel's.
        else if (!CUT.includes(outcome) && target !== 'raw' && truth.chunks !== chunks)
          disagree.push(`${id}: ${chunks} chunks, in truth ${truth.chunks}`);
      }
      t.diagnostic(`${starved} exceeded a limit without a fault; slowest answer ${slowestMs.toFixed(0)} ms`);
      assert.deepEqual(disagree.slice(0, 10), [], `${disagree.length} of 20,000 disagree`);
      assert.ok(starved < 1000, `${starved} of 20,000 exceeded a limit without a fault`);
      assert.ok(kinds.size >= 10, `only ${[...kinds.keys()].join(', ')} were tried`);
      const view = holding.view();
      assert.equal(view.total('started'), 20_000);
    } finally {
      await slowestAnswer.end().catch(() => {});
      await random.stop();
    }
  });
});

/**
 * Asks the simulator for something small, each time on a new connection, until the end.
 * @returns `end`: stops, and resolves to the longest time from a request to its answer, ms. So long the simulator or this
 * process did not run, or connections waited to be accepted.
 */
function watchAnswers(url: string): { end(): Promise<number> } {
  const over = new AbortController();
  let slowestMs = 0;
  const watching = (async () => {
    while (!over.signal.aborted) {
      const fromMs = performance.now();
      await receive(`${url}/ground-truth`, { method: 'GET', body: '', agent: new Agent() });
      slowestMs = Math.max(slowestMs, performance.now() - fromMs);
      await sleep(250);
    }
  })();
  watching.catch(() => {});
  return {
    end: async () => {
      over.abort();
      await watching;
      return slowestMs;
    },
  };
}

/** Established connections of this process to a port of loopback; 0 where the system does not tell. */
function socketsTo(port: number): number {
  try {
    const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    return readFileSync('/proc/self/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => {
        const [, , to, state] = line.trim().split(/\s+/);
        return to === remote && state === '01';
      }).length;
  } catch {
    return 0;
  }
}
