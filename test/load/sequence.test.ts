import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import { allocateLearned } from '../../src/load/learned.ts';
import type { WorkerEvent } from '../../src/load/messages.ts';
import type { Plan } from '../../src/load/plan.ts';
import { allocateRecord } from '../../src/load/recorder.ts';
import { Worker } from '../../src/load/worker.ts';
import type { ReadyTarget } from '../../src/target/ready-target.ts';
import { closed, open, planOf, streamTarget } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';

/** A stream as the server saw it: its target and prompt. */
type Sent = `${string} ${string}`;

/** Streams of each virtual user, in the order in which they came. */
type ByUser = ReadonlyMap<string, readonly Sent[]>;

const PROMPTS = Array.from({ length: 20 }, (_, i) => `prompt ${i}`);

const WEIGHTED: Pick<Scenario, 'targets' | 'seed'> = {
  targets: [
    { name: 'a', weight: 3 },
    { name: 'b', weight: 1 },
    { name: 'c', weight: 2 },
  ],
  seed: 7,
};

const users = (level: number, streams: number, seed = 7): Scenario =>
  closed({
    ...WEIGHTED,
    seed,
    model: { kind: 'closed', thinkTimeMs: { kind: 'exponential', mean: 3 } },
    budget: { streams },
    stages: [{ shape: 'hold', level, durationMs: 60_000 }],
  });

describe('what is sent is drawn from the seed', () => {
  let seen = new Map<string, Sent[]>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const bytes of request) body += String(bytes);
    // run-user-number; a user of arrivals has its worker in front.
    const [, user] = /^r-(.*)-\d+$/.exec(String(request.headers['x-soak-stream-id']))!;
    const sent = seen.get(user!) ?? [];
    sent.push(`${request.url} ${JSON.parse(body).prompt ?? ''}`);
    seen.set(user!, sent);
    response.writeHead(200).end('ok');
  });
  let targets: ReadyTarget[];

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const target = (name: string, pieces: readonly string[], prompts: readonly string[] = []): ReadyTarget =>
      streamTarget(name, {
        port,
        path: `/${name}`,
        method: 'POST',
        body: { pieces, json: true },
        prompts,
      });
    const asking = ['{"prompt":"', '"}'];
    targets = [target('a', asking, PROMPTS), target('b', asking, ['b one', 'b two']), target('c', ['{}'])];
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** One run over so many workers, until its budget is used up. */
  async function run(scenario: Scenario, workers = 1): Promise<ByUser> {
    seen = new Map();
    const plan: Plan = planOf(scenario, targets);
    const layout = streamLayout(plan.counted, {});
    const running = Array.from({ length: workers }, (_, index) => {
      const events: WorkerEvent[] = [];
      const segment = { index, count: workers };
      const record = allocateRecord(layout);
      const made = new Worker(
        { plan, segment, record, learned: allocateLearned(plan.targets.length), life: 0 },
        (e) => events.push(e),
      );
      return { worker: made, events };
    });
    const atMs = monotonicMs();
    for (const { worker } of running) worker.handle({ type: 'start', atMs });
    const sent = (): number => [...seen.values()].reduce((sum, s) => sum + s.length, 0);
    await poll('all streams', () => sent() === scenario.budget!.streams || undefined, { everyMs: 5 });
    for (const { worker } of running) worker.handle({ type: 'stop', graceMs: 1000 });
    await poll(
      'drained workers',
      () => running.every(({ events }) => events.some((e) => e.type === 'drained')) || undefined,
      { everyMs: 5 },
    );
    assert.equal(sent(), scenario.budget!.streams);
    return seen;
  }

  it('one virtual user sends the same targets and prompts in the same order', async () => {
    const [first, second] = [await run(users(1, 60)), await run(users(1, 60))];
    const sent = first.get('0')!;
    assert.equal(sent.length, 60);
    assert.deepEqual(second.get('0'), sent);
    assert.notDeepEqual((await run(users(1, 60, 8))).get('0'), sent);
    // All targets, and more than one prompt of those that have some.
    for (const what of [/^\/a prompt/, /^\/b b (one|two)$/, /^\/c $/])
      assert.ok(sent.some((s) => what.test(s)));
    assert.ok(new Set(sent.filter((s) => s.startsWith('/a'))).size > 5);
  });

  it('of many, each does, over however many workers; how far each gets depends on time', async () => {
    const [first, second] = [await run(users(10, 400)), await run(users(10, 400), 2)];
    assert.equal(first.size, 10);
    let compared = 0;
    for (const [user, sent] of first) {
      const again = second.get(user)!;
      const length = Math.min(sent.length, again.length);
      assert.deepEqual(again.slice(0, length), sent.slice(0, length), `user ${user}`);
      compared += length;
    }
    assert.ok(compared > 100, `${compared} streams compared`);
    assert.notDeepEqual(first.get('0')!.slice(0, 5), first.get('1')!.slice(0, 5));
  });

  it('of arrivals, all of them together are the same, whoever carries them', async () => {
    // As many users as streams: none is ever dropped, however slow the machine is.
    const arrivals = open(200, {
      ...WEIGHTED,
      budget: { streams: 100 },
      stages: [{ shape: 'hold', level: 200, durationMs: 60_000 }],
    });
    const all = (sent: ByUser): Sent[] => [...sent.values()].flat().sort();
    const first = all(await run(arrivals));
    assert.deepEqual(all(await run(arrivals)), first);
    // Each worker takes its own of all arrivals.
    assert.deepEqual(all(await run(arrivals, 2)), first);
  });
});
