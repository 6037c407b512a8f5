import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { streamLayout } from '../../src/catalog/slots.ts';
import type { RunEvent } from '../../src/core/control.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import type { CutWindow } from '../../src/history/window-cutter.ts';
import type { WindowRow } from '../../src/history/window-row.ts';
import { EventFeed } from '../../src/http/events/feed.ts';
import { eventsAfter, parsePosition } from '../../src/http/events/position.ts';
import { MAX_WAITING_BYTES, Viewer } from '../../src/http/events/viewer.ts';
import type { RunHistory } from '../../src/http/run-history.ts';
import type { Status } from '../../src/http/status.ts';
import { BUSY, IDLE, KEPT, keptHistory, RUN } from '../../support/http/stub.ts';
import { type Message, Output } from '../../support/http/viewing.ts';

const LAYOUT = streamLayout(['a', 'b'], {});
const START = Date.UTC(2026, 0, 1);

const cutOf = (n: number, isClosed: boolean, run = RUN.id): CutWindow => ({
  run,
  layout: LAYOUT,
  places: [0, 1],
  isClosed,
  n,
  fromAt: START + n * 10_000,
  toAt: START + n * 10_000 + (isClosed ? 10_000 : 1000),
  desired: [1, 2],
  values: new Float64Array(LAYOUT.size),
  rssBytes: 1,
  cpuMs: 2,
  lagWindows: 2,
  unreliable: 0,
});
const eventAt = (at: number, detail = 'x'): RunEvent => ({ at, action: 'set', by: 'deploy', detail });

/** A feed with a clock of its own. */
class Story {
  status: Status = IDLE;
  history: RunHistory | undefined;
  nowMs = 0;
  readonly feed = new EventFeed({
    status: () => this.status,
    history: () => this.history,
    nowMs: () => this.nowMs,
  });

  open(lastId?: string, isAllowed = () => true, output = new Output()): Output {
    const viewer = new Viewer(output, isAllowed);
    this.feed.open(viewer, lastId);
    return output;
  }

  start(run: Partial<Run> = {}): void {
    this.feed.start({ ...RUN, events: [eventAt(START, 'started')], ...run } as Run);
    this.feed.add();
  }

  /** Time passes, and the timer of the feed comes. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.nowMs += 1000;
      mock.timers.tick(1000);
    }
    await turn();
  }
}

const names = (messages: readonly Message[]): string[] => messages.map(({ name }) => name);
const shown = (messages: readonly Message[]): string[] =>
  messages.flatMap(({ name, data }) =>
    name === 'window'
      ? [`window ${data.window.n} to ${Date.parse(data.window.toAt) - START}`]
      : name === 'event'
        ? [`event ${data.event.detail}`]
        : name === 'reset'
          ? ['reset']
          : [],
  );

describe('the stream of events', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  it('begins with the whole state, then sends what has changed and leaves out what has not', async () => {
    const story = new Story();
    const last = { verdict: 'pass', big: 'x'.repeat(1000) } as never;
    story.status = { ...BUSY, last };
    const [output, other] = [story.open(), new Output()];
    const [whole] = output.take();
    assert.deepEqual([whole!.name, whole!.data.last, whole!.data.run.events.length], ['state', last, 2]);
    story.status = { ...story.status, run: { ...BUSY.run!, progress: { ...BUSY.run!.progress, active: 7 } } };
    await story.pass(1000);
    const [next, ...none] = output.take();
    assert.deepEqual(none, []);
    assert.equal(next!.data.run.progress.active, 7);
    assert.deepEqual(Object.keys(next!.data), ['version', 'state', 'run']);
    assert.equal('events' in next!.data.run, false);
    story.status = { ...story.status, run: { ...story.status.run!, events: [eventAt(START)] } };
    await story.pass(1000);
    assert.equal(output.take()[0]!.data.run.events.length, 1);
    story.status = { ...IDLE, scenarios: ['new'], last };
    await story.pass(1000);
    const [idle] = output.take();
    assert.deepEqual([idle!.data.run, idle!.data.scenarios, 'last' in idle!.data], [null, ['new'], false]);
    // A viewer that connects later gets all of it.
    story.open(undefined, undefined, other);
    const [first] = other.take();
    assert.deepEqual([first!.data.state, first!.data.last], ['idle', last]);
  });

  it('sends the state once a second at most, and not at all while it stays the same', async () => {
    const story = new Story();
    const output = story.open();
    output.take();
    await story.pass(10_000);
    assert.deepEqual(output.take(), []);
    let active = 0;
    for (let i = 0; i < 20; i++) {
      story.status = {
        ...BUSY,
        run: { ...BUSY.run!, progress: { ...BUSY.run!.progress, active: active++ } },
      };
      story.nowMs += 100;
      story.feed.add();
      await turn();
    }
    assert.equal(output.take().length, 2);
  });

  it('makes each message once for all viewers', async () => {
    const story = new Story();
    const outputs = Array.from({ length: 100 }, () => story.open());
    for (const output of outputs) output.take();
    story.start();
    story.feed.cut(cutOf(0, true));
    await turn();
    for (const { chunks } of outputs) {
      assert.equal(chunks.length, 1, 'one write');
      assert.equal(chunks[0], outputs[0]!.chunks[0], 'the same memory');
    }
  });

  it('sends the open window once a second, each window once it is closed, and events', async () => {
    const story = new Story();
    const output = story.open();
    story.start();
    for (let half = 0; half < 20; half++) {
      story.nowMs += 500;
      story.feed.cut(cutOf(0, half === 19));
      await turn();
    }
    story.feed.event(RUN, eventAt(START + 10_000));
    await turn();
    const messages = shown(output.take());
    assert.equal(messages[0], 'event started');
    assert.deepEqual(messages.slice(-2), ['window 0 to 10000', 'event x']);
    assert.equal(messages.filter((one) => one === 'window 0 to 1000').length, 10);
  });

  it('gives a new viewer the open window that others have', async () => {
    const story = new Story();
    story.open();
    story.start();
    story.nowMs += 1000;
    story.feed.cut(cutOf(0, false));
    assert.deepEqual(shown(story.open().take()), ['window 0 to 1000']);
  });

  it('resumes after each message without a gap and without one twice', async () => {
    const story = new Story();
    const whole = story.open();
    story.start();
    for (let n = 0; n < 4; n++) {
      story.feed.cut(cutOf(n, true));
      // Two of one moment, and one of a later one.
      for (const at of [n, n, n + 1]) story.feed.event(RUN, eventAt(START + at, `${n} at ${at}`));
    }
    await turn();
    const all = whole.take().filter(({ name }) => name !== 'state');
    assert.equal(all.length, 17);
    for (const [i, { id }] of all.entries()) {
      const missed = story.open(id).take();
      assert.deepEqual(shown(missed), shown(all.slice(i + 1)), `after message ${i}`);
      // If the connection is lost again before what was missed, that is not lost.
      assert.equal(missed[0]!.id, id);
    }
  });

  it('resumes from before the first run of the process', async () => {
    const story = new Story();
    const [{ id }] = story.open().take() as [Message];
    story.start();
    story.feed.cut(cutOf(0, true));
    assert.deepEqual(shown(story.open(id).take()), ['event started', 'window 0 to 10000']);
  });

  it('says that a heart beats where nothing happens', async () => {
    const story = new Story();
    const output = story.open();
    output.take();
    await story.pass(14_000);
    assert.equal(output.text, '');
    await story.pass(2000);
    assert.match(output.text, /^: .*\n\n$/);
    await story.pass(30_000);
    assert.equal(output.text.match(/^:/gm)!.length, 3);
  });

  it('closes on a reader that is too slow, and on no other', async () => {
    const story = new Story();
    const [slow, good] = [story.open(), story.open()];
    slow.isSlow = true;
    const detail = 'x'.repeat(MAX_WAITING_BYTES / 4);
    for (let i = 0; i < 5; i++) {
      story.feed.event(RUN, eventAt(START + i, detail));
      await turn();
    }
    assert.deepEqual([slow.ending, good.ending], ['destroyed', undefined]);
    assert.equal(story.feed.viewers, 1);
    assert.equal(good.take().length, 6);
  });

  it('ends with the token or the session, and with soakd', async () => {
    const story = new Story();
    let allowed = true;
    const [one, other] = [story.open(undefined, () => allowed), story.open()];
    await story.pass(1000);
    assert.equal(story.feed.viewers, 2);
    allowed = false;
    await story.pass(1000);
    assert.deepEqual([one.ending, other.ending, story.feed.viewers], ['ended', undefined, 1]);
    story.feed.close();
    assert.deepEqual([other.ending, story.feed.viewers], ['ended', 0]);
    assert.equal(story.open().ending, 'ended');
  });
});

/** A history of runs with so many closed windows each; all have an event at the start of each window. */
function historyOf(runs: Readonly<Record<string, number>>): RunHistory {
  const page = 3;
  return {
    ...keptHistory({ setup: {}, summary: {} }),
    list: async () => Object.keys(runs).map((id) => ({ ...KEPT, id })),
    show: async (run) => ({
      ...KEPT,
      id: run,
      setup: {},
      summary: {},
      failures: [],
      events: Array.from({ length: runs[run]! }, (_, n) => eventAt(START + n * 10_000, `${run} ${n}`)),
    }),
    windows: async (run, { from = 0 }) => {
      const all = Array.from({ length: runs[run]! }, (_, n) => n).slice(from);
      const windows = all.slice(0, page).map((n) => ({
        ...({ n, fromAt: START, toAt: START + (n + 1) * 10_000, targets: [] } satisfies WindowRow),
      }));
      return { run, widthMs: 10_000, windows, next: all[page] ?? null };
    },
  };
}

describe('a resume in a later process', () => {
  const idOf = (run: string, window: number, events: number): string =>
    `${run}:${window}:${START + (events - 1) * 10_000}:1`;
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await turn();
  };

  it('brings what was missed from the history, and the last window once more', async () => {
    const story = new Story();
    story.history = historyOf({ r: 9 });
    const output = story.open(idOf('r', 5, 6));
    await settled();
    const messages = output.take();
    assert.deepEqual(names(messages.slice(0, 1)), ['state']);
    assert.deepEqual(shown(messages), [
      ...[4, 5, 6, 7, 8].map((n) => `window ${n} to ${(n + 1) * 10_000}`),
      ...[6, 7, 8].map((n) => `event r ${n}`),
    ]);
    assert.equal(messages.at(-1)!.id, idOf('r', 9, 9));
    // From the middle of it, too.
    const second = story.open(messages[3]!.id);
    await settled();
    assert.deepEqual(shown(second.take()), [
      ...[6, 7, 8].map((n) => `window ${n} to ${(n + 1) * 10_000}`),
      ...[6, 7, 8].map((n) => `event r ${n}`),
    ]);
  });

  it('goes over to what comes without a gap and without an event twice', async () => {
    const story = new Story();
    // The history has what is sent by itself, too.
    story.history = historyOf({ r: 6 });
    // A resumed run: its first window comes at once.
    const events = [eventAt(START + 30_000, 'r 3')];
    story.feed.start({ ...RUN, id: 'r', events, gaps: [{ fromAt: 0, toAt: 1, lost: 0 }] });
    story.feed.cut(cutOf(3, false, 'r'));
    const output = new Output();
    output.isSlow = true;
    story.open(idOf('r', 2, 2), undefined, output);
    await settled();
    story.feed.cut(cutOf(3, true, 'r'));
    story.feed.event({ ...RUN, id: 'r' }, eventAt(START + 40_000, 'r 4'));
    await settled();
    output.drain();
    await settled();
    output.drain();
    await settled();
    const messages = shown(output.take());
    assert.deepEqual(
      messages.filter((one) => one.startsWith('event')),
      ['event r 2', 'event r 3', 'event r 4'],
    );
    assert.deepEqual(
      [...new Set(messages.filter((one) => one.startsWith('window')))],
      ['window 1 to 20000', 'window 2 to 30000', 'window 3 to 40000'],
    );
  });

  it('brings the runs that were missed, the oldest first', async () => {
    const story = new Story();
    story.history = historyOf({ newest: 1, middle: 1, r: 1 });
    const output = story.open(idOf('r', 1, 1));
    await settled();
    assert.deepEqual(shown(output.take()), [
      'window 0 to 10000',
      'window 0 to 10000',
      'event middle 0',
      'window 0 to 10000',
      'event newest 0',
    ]);
  });

  for (const [what, lastId, change] of [
    ['an id that is none', 'nonsense', {}],
    ['an id of an idle process', 'none:0123456789ab', {}],
    ['a run that nobody knows', idOf('unknown', 1, 1), {}],
    ['more than an hour', idOf('long', 1, 1), {}],
    ['no history', idOf('r', 1, 1), { history: undefined }],
    [
      'a history that cannot be written',
      idOf('r', 1, 1),
      { status: { ...IDLE, history: { ...IDLE.history!, failing: 'no space' } } },
    ],
  ] as const) {
    it(`is a reset with ${what}`, async () => {
      const story = new Story();
      story.history = historyOf({ long: 400, r: 3 });
      Object.assign(story, change);
      const output = story.open(lastId);
      await settled();
      assert.equal(shown(output.take()).at(-1), 'reset');
    });
  }

  it('is a reset where the history cannot be read', async () => {
    const story = new Story();
    const windows = async (): Promise<never> => {
      throw new SoakError('HISTORY_UNUSABLE', 'gone');
    };
    story.history = { ...historyOf({ r: 3 }), windows };
    const output = story.open(idOf('r', 1, 1));
    await settled();
    assert.deepEqual(shown(output.take()), ['reset']);
  });
});

describe('a position', () => {
  for (const id of [
    '',
    ':::',
    'r:1:2',
    'r:1:2:3:4',
    'r:-1:2:3',
    'r:1e9:2:3',
    'a b:1:2:3',
    'r\n:1:2:3',
    '%:1:2:3',
    `${'r'.repeat(300)}:1:2:3`,
    'r:99999999999999999999:1:1',
  ])
    it(`is not ${JSON.stringify(id.slice(0, 30))}`, () => assert.equal(parsePosition(id), undefined));

  it('knows what comes after it among events of one moment', () => {
    const events = [1, 2, 2, 2, 3].map((at, i) => ({ at, i }));
    const after = (at: number, count: number) => eventsAfter({ at, count }, events).map(({ i }) => i);
    assert.deepEqual(after(0, 0), [0, 1, 2, 3, 4]);
    assert.deepEqual(after(2, 1), [2, 3, 4]);
    assert.deepEqual(after(2, 3), [4]);
    assert.deepEqual(after(3, 1), []);
  });
});
