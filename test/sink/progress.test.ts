import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Cell, streamLayout } from '../../src/catalog/slots.ts';
import type { Run } from '../../src/core/run.ts';
import {
  drainLine,
  type Progress,
  ProgressSink,
  progressBlock,
  progressLine,
  progressOf,
} from '../../src/sink/progress.ts';
import type { StreamSnapshot } from '../../src/sink/sink.ts';
import { TerminalProgress, type TextStream } from '../../src/sink/terminal.ts';
import { observe } from '../../support/core/observe.ts';
import { finishedRun, LAYOUT } from '../../support/run/samples.ts';

const RUN: Run = {
  id: 'run-1',
  scenario: 'demo',
  startedAt: 0,
  plannedEndAt: 60_000,
  startMs: 1000,
  durationMs: 60_000,
  stages: 3,
  gaps: [],
  events: [],
  state: 'running',
  stage: 1,
};

function snapshot(
  atMs: number,
  cells: Partial<Record<Cell, number>> = {},
  ttfbMs: readonly number[] = [],
  desired: readonly number[] = [0, 0],
): StreamSnapshot {
  const values = new Float64Array(LAYOUT.size);
  // Half of each in the second target: what is shown is the sum.
  for (const [cell, n] of Object.entries(cells)) {
    for (const [t, part] of [Math.floor(n / 2), Math.ceil(n / 2)].entries()) {
      values[LAYOUT.slots[t]!.cell[cell as Cell]] = part;
    }
  }
  for (const ms of ttfbMs) observe(values, LAYOUT.slots[0]!.histogram.ttfb, ms);
  return { atMs, layout: LAYOUT, values, desired };
}

describe('progress of a run', () => {
  it('is that of the window for what comes and goes, and of the whole run for what is open', () => {
    const before = snapshot(
      11_000,
      { started: 100, chunks: 1000, 'finished:complete': 50, 'finished:reset': 40 },
      [5000],
    );
    const cells: Partial<Record<Cell, number>> = {
      started: 300,
      chunks: 4500,
      'finished:complete': 146,
      'finished:limited': 2,
      'finished:reset': 42,
      'finished:cancelled': 9,
      'active:connecting': 3,
      'active:waiting': 20,
      'active:streaming': 77,
    };
    const now = snapshot(21_000, cells, [5000, ...Array.from({ length: 100 }, () => 800)], [60, 40]);
    const progress = progressOf(RUN, now, before);
    assert.deepEqual(
      { ...progress, ttfbP50Ms: 0, ttfbP95Ms: 0 },
      {
        state: 'running',
        stage: 1,
        stages: 3,
        turn: null,
        elapsedMs: 20_000,
        leftMs: 40_000,
        done: 1 / 3,
        drainMs: null,
        active: 100,
        desired: 100,
        ttfbP50Ms: 0,
        ttfbP95Ms: 0,
        success: 0.98,
        failed: 2,
        chunksPerSecond: 350,
        measurementErrorMs: null,
      },
    );
    assert.ok(Math.abs(progress.ttfbP50Ms! / 800 - 1) < 0.02);
    assert.ok(Math.abs(progress.ttfbP95Ms! / 800 - 1) < 0.02);
  });

  it('knows nothing where nothing has happened', () => {
    const same = snapshot(1000);
    const { success, failed, ttfbP50Ms, ttfbP95Ms, chunksPerSecond, elapsedMs, done } = progressOf(
      RUN,
      same,
      same,
    );
    assert.deepEqual(
      { success, failed, ttfbP50Ms, ttfbP95Ms, chunksPerSecond, elapsedMs, done },
      {
        success: null,
        failed: 0,
        ttfbP50Ms: null,
        ttfbP95Ms: null,
        chunksPerSecond: 0,
        elapsedMs: 0,
        done: 0,
      },
    );
  });

  it('has not begun before its start, and is at its end while it drains', () => {
    assert.equal(progressOf(RUN, snapshot(990), snapshot(990)).elapsedMs, 0);
    const draining: Run = { ...RUN, state: 'draining', why: 'completed', stage: 2, drainedByMs: 371_000 };
    const progress = progressOf(draining, snapshot(71_000), snapshot(70_000));
    const { done, leftMs, elapsedMs, stage, drainMs } = progress;
    assert.deepEqual(
      { done, leftMs, elapsedMs, stage, drainMs },
      { done: 1, leftMs: 0, elapsedMs: 70_000, stage: 2, drainMs: 300_000 },
    );
  });

  it('does not count what was cancelled or lost', () => {
    const now = snapshot(2000, { 'finished:cancelled': 5, 'finished:generator_lost': 5 });
    assert.equal(progressOf(RUN, now, snapshot(1000)).success, null);
  });
});

describe('progress sink', () => {
  it('looks back ten seconds, and not into the run before', () => {
    const sink = new ProgressSink();
    sink.start(RUN, snapshot(1000, { chunks: 5000 }));
    assert.equal(sink.of(RUN, snapshot(2000, { chunks: 5100 })).chunksPerSecond, 100);
    for (let s = 1; s <= 30; s++) sink.add(RUN, snapshot(1000 + s * 1000, { chunks: 5000 + s * s }));
    // From second 21 to 31: 31² − 21² in 10 s.
    assert.equal(sink.of(RUN, snapshot(32_000, { chunks: 5000 + 31 * 31 })).chunksPerSecond, 52);
    sink.start(RUN, snapshot(50_000, { chunks: 9000 }));
    assert.equal(sink.of(RUN, snapshot(51_000, { chunks: 9007 })).chunksPerSecond, 7);
  });

  it('tells of each target of the run what this run has counted', () => {
    const sink = new ProgressSink();
    // An earlier run: half of each in each target.
    sink.start(
      RUN,
      snapshot(1000, { started: 1000, 'finished:complete': 900, 'finished:reset': 100 }, [9000]),
    );
    const cells: Partial<Record<Cell, number>> = {
      started: 1300,
      'finished:complete': 1000,
      'finished:limited': 20,
      'finished:reset': 104,
      'finished:cancelled': 2,
      'finished:generator_lost': 6,
      'active:connecting': 8,
      'active:waiting': 40,
      'active:streaming': 120,
    };
    const now = snapshot(6000, cells, [9000, ...Array.from({ length: 50 }, () => 800)], [84, 60]);
    const { targets, ...rest } = sink.detailed(RUN, now, ['b', 'a', 'unknown']);
    assert.deepEqual(rest, sink.of(RUN, now));
    const same = {
      started: 150,
      active: { connecting: 4, waiting: 20, streaming: 60 },
      finished: { success: 60, failed: 2, cancelled: 1, lost: 3 },
    };
    const [b, a] = targets;
    assert.deepEqual(b, { name: 'b', ...same, desired: 60, ttfbP95Ms: null });
    assert.deepEqual({ ...a, ttfbP95Ms: 0 }, { name: 'a', ...same, desired: 84, ttfbP95Ms: 0 });
    assert.ok(Math.abs(a!.ttfbP95Ms! / 800 - 1) < 0.02, `${a!.ttfbP95Ms}`);
    assert.equal(targets.length, 2);
    const { active, finished, started } = same;
    const sum = (counts: Readonly<Record<string, number>>) =>
      Object.values(counts).reduce((x, y) => x + y, 0);
    assert.equal(sum(active) + sum(finished), started, 'the sample adds up');
  });

  it('shows at most 50 targets', () => {
    const names = Array.from({ length: 80 }, (_, i) => `t${i}`);
    const layout = streamLayout(names, {});
    const now = { atMs: 2000, layout, values: new Float64Array(layout.size), desired: [] };
    const { targets } = new ProgressSink().detailed(RUN, now, names);
    assert.deepEqual(
      targets.map(({ name, desired }) => [name, desired]),
      names.slice(0, 50).map((name) => [name, 0]),
    );
  });

  it('can be asked before it was told anything', () => {
    assert.equal(new ProgressSink().of(RUN, snapshot(1000)).success, null);
  });
});

const PROGRESS: Progress = {
  state: 'running',
  stage: 1,
  stages: 3,
  turn: null,
  elapsedMs: 20_400,
  leftMs: 39_600,
  done: 0.34,
  drainMs: null,
  active: 100,
  desired: 99.6,
  ttfbP50Ms: 812.3,
  ttfbP95Ms: 1234,
  success: 0.99996,
  failed: 2,
  chunksPerSecond: 349.6,
  measurementErrorMs: null,
};
const NOTHING: Progress = {
  ...PROGRESS,
  stage: 0,
  elapsedMs: 0,
  leftMs: 60_000,
  done: 0,
  active: 0,
  desired: 0,
  ttfbP50Ms: null,
  ttfbP95Ms: null,
  success: null,
  chunksPerSecond: 0,
  measurementErrorMs: null,
};

describe('progress in words', () => {
  it('is one plain line', () => {
    assert.equal(
      progressLine(PROGRESS),
      'running stage 2/3  20s of 1m  active 100/100  TTFB p50 812ms p95 1.23s  success 99.99 %  350 chunks/s',
    );
    assert.equal(
      progressLine(NOTHING),
      'running stage 1/3  0ms of 1m  active 0/0  TTFB p50 – p95 –  success –  0 chunks/s',
    );
  });

  it('is a block of two lines with a bar', () => {
    assert.equal(
      progressBlock('demo', PROGRESS),
      '  demo  stage 2/3  ████████░░░░░░░░░░░░░░░░  20s · 40s left\n' +
        '  active 100 / 100    TTFB p50 812ms  p95 1.23s    success 99.99 %    350 chunks/s',
    );
    assert.match(
      progressBlock('demo', { ...PROGRESS, state: 'draining', done: 1 }),
      /█{24} {2}20s · draining/,
    );
  });

  it('says while it drains for how long at most, and what Ctrl-C does', () => {
    const draining: Progress = { ...PROGRESS, state: 'draining', done: 1, active: 1200, drainMs: 299_200 };
    assert.equal(
      drainLine(draining, false),
      'no new starts; 1,200 open streams may take up to 5m; Ctrl-C leaves 8s, a second Ctrl-C ends the run at once',
    );
    assert.equal(
      drainLine({ ...draining, active: 1, drainMs: 7001 }, true),
      'no new starts; 1 open stream may take up to 8s; a second Ctrl-C ends the run at once',
    );
    assert.match(progressLine(draining), / {2}5m at most$/);
    assert.ok(progressBlock('demo', draining).endsWith(`\n  ${drainLine(draining, false)}`));
  });

  it('says nothing odd, whatever the figures', () => {
    const figure = fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const any: fc.Arbitrary<Progress> = fc.record({
      state: fc.constantFrom('running' as const, 'draining' as const),
      stage: fc.nat(2),
      stages: fc.constant(3),
      turn: fc.constantFrom(null, 'gunicorn'),
      gaps: fc.constant([]),
      elapsedMs: fc.nat(1e9),
      leftMs: fc.nat(1e9),
      drainMs: figure,
      done: share,
      active: fc.nat(1e5),
      desired: fc.double({ min: 0, max: 1e5, noNaN: true }),
      ttfbP50Ms: figure,
      ttfbP95Ms: figure,
      success: fc.option(share),
      failed: fc.nat(1e6),
      chunksPerSecond: fc.double({ min: 0, max: 1e7, noNaN: true }),
      measurementErrorMs: fc.constant(null),
    });
    fc.assert(
      fc.property(any, (progress) => {
        const text = `${progressLine(progress)}\n${progressBlock('demo', progress)}`;
        assert.doesNotMatch(text, /NaN|undefined|null|Infinity|∞/);
        // With ten million chunks a second after weeks it is 150.
        for (const line of text.split('\n')) assert.ok(line.length <= 150, line);
      }),
    );
  });
});

describe('terminal', () => {
  function output(isTTY: boolean): { stream: TextStream; text: () => string } {
    const written: string[] = [];
    const stream = new Writable({
      write(piece, _encoding, done) {
        written.push(String(piece));
        done();
      },
    });
    return { stream: Object.assign(stream, { isTTY, columns: 120, rows: 30 }), text: () => written.join('') };
  }

  it('has a plain line every ten seconds where it is none', () => {
    const { stream, text } = output(false);
    const terminal = new TerminalProgress(stream);
    terminal.start(RUN, snapshot(1000));
    for (let s = 1; s <= 35; s++) terminal.add(RUN, snapshot(1000 + s * 1000));
    const finished = finishedRun();
    terminal.add(finished, snapshot(60_000));
    terminal.stop();
    const lines = text().split('\n');
    assert.equal(lines.length, 4);
    assert.deepEqual(
      lines.slice(0, 3).map((l) => l.slice(0, 26)),
      ['running stage 2/3  10s of ', 'running stage 2/3  20s of ', 'running stage 2/3  30s of '],
    );
    assert.ok(!text().includes('\u001b'));
  });

  it('draws its block anew where it is one, and lets lines be written above it', () => {
    const { stream, text } = output(true);
    const terminal = new TerminalProgress(stream);
    terminal.start(RUN, snapshot(1000));
    terminal.add(RUN, snapshot(2000));
    terminal.above(() => stream.write('a line\n'));
    terminal.add(RUN, snapshot(3000));
    terminal.stop();
    assert.match(text(), /demo {2}stage 2\/3[\s\S]*a line\n[\s\S]*demo {2}stage 2\/3/);
  });
});
