import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { PHASES, streamLayout } from '../../src/catalog/slots.ts';
import { SoakError } from '../../src/core/errors.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Stage } from '../../src/core/scenario.ts';
import { SnapshotView } from '../../src/core/snapshot.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import { drawer } from '../../src/load/draw.ts';
import { Engine, type EngineEvents } from '../../src/load/engine.ts';
import type { Plan } from '../../src/load/plan.ts';
import type { StreamTarget } from '../../src/stream/target.ts';
import { poll } from '../support/poll.ts';
import { closed, planOf, streamTarget } from './samples.ts';

const LAYOUT = streamLayout(['silent', 'broken'], []);
const NO_EVENTS: EngineEvents = { failures() {}, refused() {}, lost() {} };

const SILENT = [0, 0, 0, 0, 0, 0, 0, 0];
const STAGES: readonly Stage[] = [
  { shape: 'hold', level: 4, durationMs: 300 },
  { shape: 'hold', level: 8, durationMs: 60_000 },
];

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

function counted(engine: Engine) {
  const view = new SnapshotView(LAYOUT, engine.values());
  const open = PHASES.reduce((sum, phase) => sum + view.total(`active:${phase}`), 0);
  const finished = OUTCOMES.reduce((sum, outcome) => sum + view.total(`finished:${outcome}`), 0);
  return { started: view.total('started'), open, finished, view };
}

describe('engine', () => {
  /** Accepts, reads and never answers. */
  let silent: Server;
  let target: StreamTarget;

  before(async () => {
    silent = createServer((socket) => socket.on('error', () => {}).resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { timeouts } = streamTarget('silent');
    target = streamTarget('silent', {
      origin: `http://127.0.0.1:${port}`,
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
    while (!drawn.every((t, k) => draw(seededRandom(seed, k)).target === t)) seed++;
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

  it('goes on with the threads that live, until these have drained too', async () => {
    // Users 0 and 2 are the first thread's, and 1 and 3 the second's.
    const stages: Stage[] = [{ shape: 'hold', level: 4, durationMs: 60_000 }];
    let dead = 0;
    const engine: Engine = await Engine.open(plan([1, 0, 1, 0], stages), 2, LAYOUT, {
      ...NO_EVENTS,
      lost: () => void dead++,
    });
    try {
      engine.start(now());
      await poll(
        'a dead thread and two open streams',
        () => (dead === 1 && counted(engine).open === 2) || undefined,
      );
      engine.stop(0);
      await engine.drained;
      const { started, open, view } = counted(engine);
      assert.deepEqual([started, open, dead], [3, 0, 1]);
      assert.deepEqual([view.total('finished:generator_lost'), view.total('finished:cancelled')], [1, 2]);
    } finally {
      await engine.close();
    }
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
