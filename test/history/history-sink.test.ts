import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import { unpackValues } from '../../src/core/packed-values.ts';
import type { FinishedRun, Run } from '../../src/core/run.ts';
import { HistorySink } from '../../src/history/history-sink.ts';
import type { RunWrite } from '../../src/history/records.ts';
import { observe } from '../../support/core/observe.ts';

const LAYOUT = streamLayout(['a', 'other', 'b'], {});
const START_AT = Date.UTC(2027, 0, 1);

/** A sink of a run of the targets a and b, fed second by second. */
class Story {
  readonly writes: RunWrite[] = [];
  readonly history = {
    failing: undefined as string | undefined,
    lock: { name: 'serve.lock' } as never,
    write: (write: RunWrite) => this.writes.push(write),
    written: async () => {},
  };
  readonly values = new Float64Array(LAYOUT.size);
  readonly sink: HistorySink;
  version: object = {};
  seconds = 0;

  constructor(firstWindow = 0) {
    this.sink = new HistorySink({
      history: this.history,
      source: 'serve',
      facts: () => ({ setup: '{}', targets: ['a', 'b'], timingLimits: {}, firstWindow }),
      checkpoint: () => [{ key: 'state', version: this.version, pack: () => new Uint8Array([1]) }],
      quality: () => ({ windows: this.seconds, unreliable: 0 }),
      keepsTotals: true,
      values: () => this.values.slice(),
      end: () => ({ verdict: 'pass', reason: 'completed', endedAt: Date.now(), summary: '{}' }),
    });
  }

  run(more: Partial<Run> = {}): Run {
    const event = { at: START_AT, action: 'start', by: 'local', detail: '' } as const;
    return {
      id: 'r',
      scenario: 's',
      startedAt: START_AT,
      state: 'running',
      gaps: [],
      events: [event],
      ...more,
    } as Run;
  }

  get snapshot() {
    const values = this.values.slice();
    return { atMs: monotonicMs(), layout: LAYOUT, values, desired: [2, 0, 4] };
  }

  /** @param started streams of target a in each second */
  pass(seconds: number, started: number, run = this.run()): this {
    for (let i = 0; i < seconds; i++) {
      mock.timers.tick(1000);
      this.seconds++;
      this.values[LAYOUT.slots[0]!.cell.started]! += started;
      this.sink.add(run, this.snapshot);
    }
    return this;
  }

  /** The latest version of each window of target a: number, seconds from the start, starts, and whether it is closed. */
  get windows() {
    const latest = new Map<number, [number, number, number, boolean]>();
    for (const { windows = [] } of this.writes)
      for (const { n, fromAt, toAt, target, data, isClosed } of windows) {
        if (target !== 0) continue;
        const values = new Float64Array(LAYOUT.size);
        unpackValues(data, values, LAYOUT.slots[0]!.start, LAYOUT.slots[0]!.end);
        const started = new StreamView(LAYOUT, values).cell(0, 'started');
        latest.set(n, [(fromAt - START_AT) / 1000, (toAt - START_AT) / 1000, started, isClosed]);
      }
    return [...latest];
  }
}

describe('sink of the history', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: START_AT });
    // Both clocks move together; the monotonic one counts from the start.
    mock.method(process.hrtime, 'bigint', () => BigInt(Date.now() - START_AT) * 1_000_000n);
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  it('keeps in a window no maximum of an earlier one, of streams and of soakd itself', () => {
    const story = new Story();
    story.sink.start(story.run(), story.snapshot);
    const slots = [LAYOUT.slots[0]!.histogram.ttfb, LAYOUT.shared.scheduleLag];
    const seen: number[][] = [];
    for (const ms of [900, 33, 950]) {
      for (const slot of slots) observe(story.values, slot, ms);
      story.pass(10, 1);
      const { windows, generator } = story.writes.at(-1)!;
      const values = new Float64Array(LAYOUT.size);
      unpackValues(windows![0]!.data, values, LAYOUT.slots[0]!.start, LAYOUT.slots[0]!.end);
      unpackValues(generator![0]!.data, values, LAYOUT.sharedStart, LAYOUT.size);
      const view = new StreamView(LAYOUT, values);
      seen.push([view.histogram(0, 'ttfb').stats().max!, view.shared('scheduleLag').stats().max!]);
    }
    assert.deepEqual(seen, [
      [900, 900],
      [33, 33],
      [950, 950],
    ]);
  });

  it('writes the open window each second, and closes it after ten', () => {
    const story = new Story();
    story.sink.start(story.run(), story.snapshot);
    story.pass(23, 2);
    assert.deepEqual(story.windows, [
      [0, [0, 10, 20, true]],
      [1, [10, 20, 20, true]],
      [2, [20, 23, 6, false]],
    ]);
    const [first] = story.writes.at(-1)!.windows!;
    assert.deepEqual([first!.target, first!.desired], [0, 2]);
    assert.deepEqual(
      story.writes.at(-1)!.windows!.map(({ target }) => target),
      [0, 2],
      'windows of the targets of the run',
    );
  });

  it('keeps a window open while the history cannot be written, and numbers the next one by its time', () => {
    const story = new Story();
    story.sink.start(story.run(), story.snapshot);
    story.pass(5, 1);
    story.history.failing = 'disk full';
    story.pass(30, 1);
    story.history.failing = undefined;
    story.pass(12, 1);
    assert.deepEqual(story.windows, [
      [0, [0, 36, 36, true]],
      [4, [36, 47, 11, false]],
    ]);
  });

  it('numbers the windows of a resumed run after those that it has, with the first one from its resume', () => {
    const story = new Story(7);
    mock.timers.tick(65_300);
    const gap = { fromAt: START_AT + 60_000, toAt: START_AT + 65_300, lost: 1 };
    const run = story.run({ gaps: [gap] });
    story.values[LAYOUT.slots[0]!.cell.started] = 100;
    story.sink.start(run, story.snapshot);
    story.pass(21, 1, run);
    assert.deepEqual(story.windows, [
      [7, [65.3, 75.3, 10, true]],
      [8, [75.3, 85.3, 10, true]],
      [9, [85.3, 86.3, 1, false]],
    ]);
    assert.equal(story.writes[0]!.service, undefined, 'the totals of before stay');
  });

  it('writes a part of the state when its version changes', () => {
    const story = new Story();
    story.sink.start(story.run(), story.snapshot);
    assert.deepEqual(Object.keys(story.writes[0]!.states!), ['state']);
    story.pass(1, 1);
    assert.deepEqual(story.writes.at(-1)!.states, {});
    story.version = {};
    story.pass(1, 1);
    assert.deepEqual(Object.keys(story.writes.at(-1)!.states!), ['state']);
  });

  it('closes the last window of a finished run, and writes its end with the totals', async () => {
    const story = new Story();
    story.sink.start(story.run(), story.snapshot);
    const finished = { ...story.run(), state: 'finished' } as FinishedRun;
    story.pass(3, 1).pass(1, 1, finished);
    await story.sink.stop(finished, story.snapshot);
    assert.deepEqual(story.windows, [[0, [0, 4, 4, true]]]);
    const last = story.writes.at(-1)!;
    assert.equal(last.end!.verdict, 'pass');
    assert.deepEqual(Object.keys(last.service!), ['totals']);
  });
});
