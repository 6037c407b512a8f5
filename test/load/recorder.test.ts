import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { type Code, codeOf, PHASES, type Phase, StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { OUTCOMES, type Outcome } from '../../src/core/outcome.ts';
import type { SnapshotView } from '../../src/core/snapshot.ts';
import { allocateRecord, copyRecord, Recorder } from '../../src/load/recorder.ts';

const TARGETS = ['a', 'b'];
const LIMITS = { ttfb: [1234] };
const LAYOUT = streamLayout(TARGETS, LIMITS);

function recording() {
  const record = allocateRecord(LAYOUT);
  const out = new Float64Array(LAYOUT.size);
  const recorder = new Recorder(LAYOUT, record);
  const copy = () => {
    assert.equal(copyRecord(LAYOUT, record, out), 0);
    return new StreamView(LAYOUT, out);
  };
  return { record, recorder, copy };
}

const openOf = (view: SnapshotView<typeof LAYOUT>, t: number): number =>
  PHASES.reduce((sum, phase) => sum + view.cell(t, `active:${phase}`), 0);
const finishedOf = (view: SnapshotView<typeof LAYOUT>, t: number): number =>
  OUTCOMES.reduce((sum, outcome) => sum + view.cell(t, `finished:${outcome}`), 0);

describe('recorder', () => {
  it('has started = finished + active after every step of any streams', () => {
    const step = fc.record({ target: fc.nat(1), phase: fc.nat(2), outcome: fc.constantFrom(...OUTCOMES) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { recorder, copy } = recording();
        const open: { target: number; phase: Phase }[] = [];
        let started = 0;
        for (const { target, phase, outcome } of steps) {
          const stream = open.find((s) => s.target === target && s.phase === PHASES[phase]);
          if (stream === undefined) {
            recorder.targets[target]!.started();
            open.push({ target, phase: 'connecting' });
            started++;
          } else if (stream.phase === 'streaming' || outcome === 'cancelled') {
            recorder.targets[target]!.ended(stream.phase, outcome, 10, 0);
            open.splice(open.indexOf(stream), 1);
          } else {
            const next = PHASES[PHASES.indexOf(stream.phase) + 1]!;
            recorder.targets[target]!.moved(stream.phase, next);
            stream.phase = next;
          }
          const view = copy();
          for (const t of [0, 1])
            assert.equal(view.cell(t, 'started'), finishedOf(view, t) + openOf(view, t));
          assert.equal(view.total('started'), started);
          assert.equal(openOf(view, 0) + openOf(view, 1), open.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('counts what belongs to a target there and nowhere else', () => {
    const { recorder, copy } = recording();
    const [, b] = recorder.targets;
    b!.dropped();
    b!.body(100, true, 7, 0);
    b!.body(50, false, 0, 2);
    b!.timing('connect', 1.5);
    const view = copy();
    assert.deepEqual(
      (['dropped', 'bytes', 'reads', 'characters', 'keepalives'] as const).map((c) => [
        view.cell(0, c),
        view.cell(1, c),
      ]),
      [
        [0, 1],
        [0, 150],
        [0, 1],
        [0, 7],
        [0, 2],
      ],
    );
    assert.deepEqual([view.histogram(0, 'connect').count, view.histogram(1, 'connect').sum], [0, 1.5]);
  });

  it('counts chunks of one read with no time between them, and a first one without a gap', () => {
    const { recorder, copy } = recording();
    const target = recorder.targets[0]!;
    target.chunks(1, 1, undefined);
    target.chunks(3, 3, 40);
    const view = copy();
    const gaps = view.histogram(0, 'gap');
    assert.equal(view.cell(0, 'chunks'), 4);
    assert.deepEqual([gaps.count, gaps.sum, gaps.stats().max], [3, 40, 40]);
    assert.deepEqual(gaps.cumulative([0.01, 39, 40]), [2, 2, 3]);
  });

  const ends: readonly [Outcome, 'success' | 'failed' | 'cancelled' | 'lost'][] = [
    ['limited', 'success'],
    ['truncated', 'failed'],
    ['cancelled', 'cancelled'],
    ['generator_lost', 'lost'],
  ];
  for (const [outcome, result] of ends) {
    it(`counts the duration of a stream that is ${outcome} as ${result}`, () => {
      const { recorder, copy } = recording();
      recorder.targets[0]!.started();
      recorder.targets[0]!.ended('connecting', outcome, 250, 0);
      const view = copy();
      assert.equal(view.cell(0, `finished:${outcome}`), 1);
      assert.equal(view.histogram(0, `duration:${result}`).sum, 250);
    });
  }

  it('counts from due to end what a user would have waited: of successes and failures, and never less than they took', () => {
    const { recorder, copy } = recording();
    const target = recorder.targets[0]!;
    const ended: readonly [Outcome, durationMs: number, lagMs: number][] = [
      ['complete', 1000, 500],
      ['reset', 100, 0],
      ['limited', 10, -0.2],
      ['cancelled', 9e5, 1],
      ['generator_lost', 9e5, 1],
    ];
    for (const [outcome, durationMs, lagMs] of ended) {
      target.started();
      target.ended('connecting', outcome, durationMs, lagMs);
    }
    const effective = copy().histogram(0, 'effective');
    assert.deepEqual([effective.count, effective.sum, effective.stats().max], [3, 1610, 1500]);
  });

  const statuses: readonly [status: number, code: Code][] = [
    [200, '200'],
    [206, '2xx'],
    [302, '302'],
    [308, '3xx'],
    [418, '4xx'],
    [429, '429'],
    [503, '503'],
    [599, '5xx'],
    [101, 'other'],
    [999, 'other'],
  ];
  for (const [status, code] of statuses) {
    it(`counts status ${status} as ${code}`, () => {
      const { recorder, copy } = recording();
      recorder.targets[0]!.responded(status);
      assert.equal(codeOf(status), code);
      assert.equal(copy().cell(0, `response:${code}`), 1);
    });
  }

  it('takes a negative time, and what is no number, for 0', () => {
    const { recorder, copy } = recording();
    recorder.scheduleLag(-0.3);
    recorder.scheduleLag(Number.NaN);
    recorder.eventLoopDelay(2);
    const view = copy();
    assert.deepEqual(view.shared('scheduleLag').stats().max, 0);
    assert.deepEqual([view.shared('scheduleLag').count, view.shared('scheduleLag').sum], [2, 0]);
    assert.equal(view.shared('eventLoopDelay').sum, 2);
  });

  it('counts beyond 32 bits', () => {
    const { recorder, copy } = recording();
    for (let i = 0; i < 5; i++) recorder.targets[0]!.body(2 ** 31, true, 0, 0);
    assert.equal(copy().cell(0, 'bytes'), 5 * 2 ** 31);
  });
});

describe('copy of a record', () => {
  it('keeps the last state of a part that is stuck in the middle of a write, and takes the others', () => {
    const { record, recorder, copy } = recording();
    recorder.targets[0]!.dropped();
    const before = copy();
    recorder.targets[0]!.dropped();
    recorder.targets[1]!.dropped();
    Atomics.add(record.locks, 0, 1);
    assert.equal(copyRecord(LAYOUT, record, before.values), 1);
    assert.deepEqual([before.cell(0, 'dropped'), before.cell(1, 'dropped')], [1, 1]);
    Atomics.add(record.locks, 0, 1);
    assert.equal(copyRecord(LAYOUT, record, before.values), 0);
    assert.equal(before.cell(0, 'dropped'), 2);
  });

  it('is consistent 20,000 times over while a worker does nothing but write', async (t) => {
    const record = allocateRecord(LAYOUT);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL('./hammer.ts', import.meta.url), {
      workerData: { targets: TARGETS, timingLimits: LIMITS, record, stop },
    });
    await once(worker, 'message');
    const out = new Float64Array(LAYOUT.size);
    const view = new StreamView(LAYOUT, out);
    let last = 0;
    let moved = 0;
    let stale = 0;
    t.after(() => worker.terminate());
    const untilMs = performance.now() + 60_000;
    // On a busy machine the worker has its turns more rarely: then it takes more copies.
    for (let i = 0; i < 20_000 || (moved <= 1000 && performance.now() < untilMs); i++) {
      // A writer that loses its CPU in the middle of a write leaves the last state standing.
      stale += copyRecord(LAYOUT, record, out);
      for (const target of [0, 1]) {
        const started = view.cell(target, 'started');
        const [finished, open] = [finishedOf(view, target), openOf(view, target)];
        assert.ok(
          started === finished + open,
          `copy ${i}: ${started} started, ${finished} finished, ${open} open`,
        );
        assert.ok(open === 0 || open === 1);
      }
      const total = view.total('started');
      assert.ok(total >= last, 'a count fell');
      if (total > last) moved++;
      last = total;
    }
    Atomics.store(stop, 0, 1);
    const [streams] = await once(worker, 'message');
    assert.equal(copyRecord(LAYOUT, record, out), 0);
    assert.equal(view.total('started'), streams);
    assert.equal(finishedOf(view, 0) + finishedOf(view, 1), streams);
    assert.equal(view.total('chunks'), 5 * streams);
    assert.equal(view.shared('scheduleLag').count, streams);
    const ttfb = view.merged([0, 1], 'ttfb');
    assert.equal(ttfb.count, streams);
    assert.ok(moved > 1000, `the worker moved between ${moved} copies only, and ${stale} were stale`);
  });
});
