import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { PHASES, StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import { SoakError } from '../../src/core/errors.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import { drawer } from '../../src/load/draw.ts';
import { Engine } from '../../src/load/engine.ts';
import type { AfterDeath, EngineEvents } from '../../src/load/engine-events.ts';
import type { Plan } from '../../src/load/plan.ts';
import type { Stage } from '../../src/shapes/list.ts';
import { piecesOf } from '../../src/shapes/list.ts';
import type { ReadyTarget } from '../../src/target/ready-target.ts';
import { closed, planOf, streamTarget } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';

const LAYOUT = streamLayout(['silent', 'broken'], {});
const NO_EVENTS: EngineEvents = { failures() {}, refused() {}, lost() {}, frozen() {} };

const SILENT = [0, 0, 0, 0, 0, 0, 0, 0];
const STAGES: readonly Stage[] = [
  { shape: 'hold', level: 4, durationMs: 300 },
  { shape: 'hold', level: 8, durationMs: 60_000 },
];

const now = (): number => monotonicMs();

function counted(engine: Engine) {
  const view = new StreamView(LAYOUT, engine.values());
  const open = PHASES.reduce((sum, phase) => sum + view.total(`active:${phase}`), 0);
  const finished = OUTCOMES.reduce((sum, outcome) => sum + view.total(`finished:${outcome}`), 0);
  return { started: view.total('started'), open, finished, view };
}

describe('engine', () => {
  /** Accepts, reads and never answers. */
  let silent: Server;
  let target: ReadyTarget;

  before(async () => {
    silent = createServer((socket) => socket.on('error', () => {}).resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { timeouts } = streamTarget('silent');
    target = streamTarget('silent', {
      port,
      timeouts: { ...timeouts, stallMs: 1 },
    });
  });
  after(() => {
    silent.close();
  });

  /**
   * Four users from the start, four more after 300 ms. The second target cannot even be asked: the thread whose
   * user draws it dies of it.
   * @param drawn target of each user's first stream: the seed is chosen so
   */
  function plan(drawn: readonly number[], stages: readonly Stage[] = STAGES): Plan {
    const targets = [target, { ...target, name: 'broken', headers: null as never }];
    const scenario = closed({
      stages,
      targets: [
        { name: 'silent', weight: 1 },
        { name: 'broken', weight: 1 },
      ],
    });
    const draw = drawer(scenario, targets);
    let seed = 0;
    while (!drawn.every((t, k) => draw(seededRandom(seed, k))(0).target === t)) seed++;
    return planOf({ ...scenario, seed }, targets);
  }

  it('counts what its threads count, and cancels what is open when it is stopped without grace', async () => {
    const engine = await Engine.open(plan(SILENT), 2, LAYOUT, NO_EVENTS);
    try {
      engine.start(now());
      await poll('eight open streams', () => counted(engine).open === 8 || undefined);
      engine.stop(0);
      await engine.drained;
      const { started, open, view } = counted(engine);
      assert.deepEqual([started, open, view.total('finished:cancelled')], [8, 0, 8]);
    } finally {
      await engine.close();
    }
  });

  it('keeps what a dead thread had counted, and counts what it had open as lost', async () => {
    const lost: Error[] = [];
    let seen: ReturnType<typeof counted> | undefined;
    const engine: Engine = await Engine.open(plan([0, 0, 0, 0, 0, 1]), 1, LAYOUT, {
      ...NO_EVENTS,
      lost(error) {
        lost.push(error);
        // As a run does: it stops, and takes a snapshot of what there is.
        engine.stop(8000);
        seen = counted(engine);
      },
    });
    try {
      engine.start(now());
      await engine.drained;
      const end = counted(engine);
      assert.equal(lost.length, 1);
      assert.match(lost[0]!.message, /not iterable/);
      assert.deepEqual([end.started, end.open, end.view.total('finished:generator_lost')], [6, 0, 6]);
      assert.deepEqual([end.view.total('stalled'), end.view.total('silence')], [0, 0]);
      assert.deepEqual([seen!.started, seen!.open, seen!.finished], [6, 0, 6]);
    } finally {
      await engine.close();
    }
    assert.equal(counted(engine).open, 0);
  });

  it('gives up a segment whose threads die again and again, and continues with those that live', async () => {
    // Users 0 and 2 are the first thread's, and 1 and 3 the second's.
    const stages: Stage[] = [{ shape: 'hold', level: 4, durationMs: 60_000 }];
    const deaths: AfterDeath[] = [];
    const engine: Engine = await Engine.open(plan([1, 0, 1, 0], stages), 2, LAYOUT, {
      ...NO_EVENTS,
      lost: (_error, then) => void deaths.push(then),
    });
    try {
      engine.start(now());
      await poll(
        'a segment given up and two open streams',
        () => (deaths.includes('given-up') && counted(engine).open === 2) || undefined,
        { timeoutMs: 30_000 },
      );
      assert.deepEqual(deaths, ['replaced', 'replaced', 'replaced', 'given-up']);
      assert.equal(engine.restarts, 3);
      engine.stop(0);
      await engine.drained;
      const { started, open, view } = counted(engine);
      assert.deepEqual([started, open], [6, 0]);
      assert.deepEqual([view.total('finished:generator_lost'), view.total('finished:cancelled')], [4, 2]);
    } finally {
      await engine.close();
    }
  });

  it('replaces a thread whose heap is full, and outlives it', async () => {
    const channel = new BroadcastChannel('hungry-engine-threads');
    const lost: [error: string, then: AfterDeath][] = [];
    const engine: Engine = await Engine.open(
      plan([0, 0], [{ shape: 'hold', level: 2, durationMs: 60_000 }]),
      1,
      LAYOUT,
      {
        ...NO_EVENTS,
        lost: (error, then) => void lost.push([(error as NodeJS.ErrnoException).code ?? '', then]),
      },
      { entry: new URL('./hungry-entry.ts', import.meta.url) },
    );
    try {
      engine.start(now());
      await poll('an open stream', () => counted(engine).open > 0 || undefined);
      assert.ok((engine.heaps[0] ?? 0) > 1_000_000, `${engine.heaps}`);
      channel.postMessage({});
      await poll('the end of the thread', () => lost.length > 0 || undefined, { timeoutMs: 60_000 });
      assert.deepEqual(lost, [['ERR_WORKER_OUT_OF_MEMORY', 'replaced']]);
      // A heap of 512 MiB and what V8 needs besides; it would have been gigabytes.
      assert.ok(process.resourceUsage().maxRSS < 1_500_000, `${process.resourceUsage().maxRSS} KiB`);
      await poll('a stream of the new thread', () => counted(engine).open > 0 || undefined, {
        timeoutMs: 30_000,
      });
    } finally {
      channel.close();
      await engine.close();
    }
  });

  describe('with a thread that dies', () => {
    const entry = new URL('./mortal-entry.ts', import.meta.url);
    const channel = new BroadcastChannel('mortal-engine-threads');
    after(() => channel.close());
    const kill = (index: number): void => channel.postMessage({ index });
    const level = (n: number): Stage[] => [{ shape: 'hold', level: n, durationMs: 60_000 }];

    async function mortal(p: Plan, workers: number) {
      const deaths: AfterDeath[] = [];
      const engine = await Engine.open(
        p,
        workers,
        LAYOUT,
        { ...NO_EVENTS, lost: (_error, then) => void deaths.push(then) },
        { entry },
      );
      return { engine, deaths };
    }

    it('another takes up its share of the plan as it is by then: of users, of the budget, and with present tokens', async () => {
      const p = plan(SILENT, level(4));
      const tokens = new Set<string>();
      const server = createServer((socket) => {
        socket
          .on('error', () => {})
          .on('data', (head: Buffer) => {
            tokens.add(/authorization: (.*)\r/.exec(head.toString())?.[1] ?? 'none');
          });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const there = {
        ...target,
        route: streamTarget('there', { port }).route,
        headers: ['authorization', 'Bearer old'],
        tokens: { source: { kind: 'file', file: '/none', everyMs: 60_000 }, known: ['old'] } as const,
      };
      const scenario = { ...p.scenario, budget: { streams: 11 } };
      const { engine, deaths } = await mortal({ ...p, scenario, targets: [there, there] }, 2);
      try {
        engine.start(now());
        await poll('four open streams', () => counted(engine).open === 4 || undefined);
        engine.renew(0, 'fresh');
        engine.renew(1, 'fresh');
        engine.follow(piecesOf(level(8)), Number.POSITIVE_INFINITY);
        await poll('eight open streams', () => counted(engine).open === 8 || undefined);
        tokens.clear();
        kill(1);
        await poll('a death', () => deaths.length === 1 || undefined);
        const dead = counted(engine);
        assert.deepEqual([dead.started, dead.open, dead.finished], [8, 4, 4]);
        // Its share of the budget is five, of which four are gone.
        await poll('another stream', () => counted(engine).started === 9 || undefined);
        await poll('its request', () => tokens.size > 0 || undefined);
        assert.deepEqual([...tokens], ['Bearer fresh']);
        // Gone on with is a segment that has nothing left: it drains, and the other ends as it is told.
        engine.stop(0);
        await engine.drained;
        const { started, open, view } = counted(engine);
        assert.deepEqual([started, open, engine.restarts], [9, 0, 1]);
        assert.deepEqual([view.total('finished:generator_lost'), view.total('finished:cancelled')], [4, 5]);
      } finally {
        await engine.close();
        server.close();
      }
    });

    it('nobody waits for what it would have told of its streams', async () => {
      const { engine, deaths } = await mortal(plan(SILENT, level(4)), 2);
      try {
        engine.start(now());
        await poll('four open streams', () => counted(engine).open === 4 || undefined);
        kill(0);
        const listed = await engine.list({ stalledOnly: false, limit: 10 });
        assert.ok(listed.length === 2 || listed.length === 4);
        await poll('a replacement with its streams', async () => {
          // Asked before the list: one that began earlier may hold streams of the dead thread.
          const hasDied = deaths.length === 1;
          const again = await engine.list({ stalledOnly: false, limit: 10 });
          return (hasDied && again.length === 4) || undefined;
        });
        // None has the name of one that is dead.
        const ids = (await engine.list({ stalledOnly: false, limit: 10 })).map((s) => s.id).sort();
        assert.deepEqual(ids, ['r-1-1', 'r-3-1', 'r-life1-0-1', 'r-life1-2-1']);
      } finally {
        await engine.close();
      }
    });

    it('is not replaced while the run drains: what it had open is lost, and the rest drains', async () => {
      const { engine, deaths } = await mortal(plan(SILENT, level(4)), 2);
      try {
        engine.start(now());
        await poll('four open streams', () => counted(engine).open === 4 || undefined);
        engine.stop(Number.POSITIVE_INFINITY);
        kill(0);
        await poll('a death', () => deaths.length === 1 || undefined);
        engine.stop(0);
        await engine.drained;
        const { started, open, view } = counted(engine);
        assert.deepEqual([deaths, engine.restarts, started, open], [['not-needed'], 0, 4, 0]);
        assert.deepEqual([view.total('finished:generator_lost'), view.total('finished:cancelled')], [2, 2]);
      } finally {
        await engine.close();
      }
    });

    it('drains also where it is stopped while the replacement is on its way', async () => {
      const { engine, deaths } = await mortal(plan(SILENT, level(2)), 1);
      try {
        engine.start(now());
        await poll('two open streams', () => counted(engine).open === 2 || undefined);
        kill(0);
        await poll('a death', () => deaths.length === 1 || undefined, { everyMs: 1 });
        engine.stop(8000);
        await engine.drained;
        const { started, open, finished } = counted(engine);
        assert.deepEqual([started, open, finished], [2, 0, 2]);
      } finally {
        await engine.close();
      }
    });
  });

  it('tells of failed streams', async () => {
    const told: StreamResult[] = [];
    const impatient = { ...target, timeouts: { ...target.timeouts, ttfbMs: 50 } };
    const engine = await Engine.open({ ...plan(SILENT), targets: [impatient, impatient] }, 1, LAYOUT, {
      ...NO_EVENTS,
      failures: (results) => told.push(...results),
    });
    try {
      engine.start(now());
      await poll('three failures', () => told.length >= 3 || undefined);
      assert.ok(
        told.every((r) => r.outcome === 'ttfb_timeout' && r.target === 'silent' && r.durationMs >= 50),
      );
    } finally {
      await engine.close();
    }
  });

  it('says that it could not start when a thread does not come up, and leaves none behind', async () => {
    await assert.rejects(
      Engine.open({ ...plan(SILENT), allow: ['10.0.0.0/99'] }, 2, LAYOUT, NO_EVENTS),
      (error) => {
        assert.ok(error instanceof SoakError);
        assert.equal(error.code, 'CANNOT_START');
        assert.match(error.message, /an engine thread did not start/);
        return true;
      },
    );
  });
});
