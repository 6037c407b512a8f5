import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import type { SoakError } from '../../src/core/errors.ts';
import { packValues } from '../../src/core/packed-values.ts';
import { FolderLock } from '../../src/history/folder.ts';
import { History } from '../../src/history/history.ts';
import { KeptCounters } from '../../src/history/kept-counters.ts';
import { recordLayout, restoreLayout } from '../../src/history/layout-record.ts';
import type { RunStart, RunWrite } from '../../src/history/records.ts';
import { MIGRATIONS } from '../../src/history/schema.ts';
import { poll } from '../../support/poll.ts';

const LAYOUT = streamLayout(['a', 'b'], { ttfb: [1234] });
const folders: string[] = [];
const opened: History[] = [];
after(async () => {
  await Promise.all(opened.map((history) => history.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'soakd-history-'));
  folders.push(made);
  return made;
}

async function open(
  path: string,
  more: { source?: 'serve' | 'run'; maxBytes?: number; maxAgeMs?: number; entry?: URL } = {},
) {
  const lines: string[] = [];
  const log = (level: string) => (facts: object, text: string) =>
    lines.push(`${level} ${text} ${JSON.stringify(facts)}`);
  const history = await History.open({
    folder: { path, isDefault: false },
    source: more.source ?? 'serve',
    retention: { maxAgeMs: more.maxAgeMs ?? 1e15, maxBytes: more.maxBytes ?? 1e12 },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    ...(more.entry === undefined ? {} : { entry: more.entry }),
  });
  opened.push(history);
  return { history, lines };
}

const START_AT = 1_700_000_000_000;

function start(run: string, startedAt = START_AT): RunStart {
  return {
    run,
    scenario: 'soak',
    source: 'serve',
    owner: 'serve.lock',
    startedAt,
    targets: ['a', 'b'],
    layout: recordLayout(LAYOUT, { ttfb: [1234] }),
    setup: '{"seed":1}',
  };
}

/** A window of 10 s in which target a had so many starts and a TTFB below 1234 ms for each. */
function window(n: number, count: number, isClosed = true): RunWrite['windows'] & object {
  const values = new Float64Array(LAYOUT.size);
  const { cell, histogram } = LAYOUT.slots[0]!;
  values[cell.started] = count;
  values[cell['active:streaming']] = n;
  values[cell.silence] = 100 - n;
  const { offset, scale } = histogram.ttfb;
  values[offset] = count * 1234;
  values[offset + 1] = 1000 + n;
  values[offset + 2 + scale.indexOf(1234)] = count;
  const { start: from, end } = LAYOUT.slots[0]!;
  const [fromAt, toAt] = [START_AT + n * 10_000, START_AT + (n + 1) * 10_000];
  return [{ n, target: 0, fromAt, toAt, desired: 3, isClosed, data: packValues(values, from, end) }];
}

function generator(n: number, isClosed = true): RunWrite['generator'] & object {
  const [fromAt, toAt] = [START_AT + n * 10_000, START_AT + (n + 1) * 10_000];
  const data = packValues(new Float64Array(LAYOUT.size), LAYOUT.sharedStart, LAYOUT.size);
  return [{ n, fromAt, toAt, isClosed, data, rssBytes: 100 + n, cpuMs: 5, lagWindows: 2, unreliable: n % 2 }];
}

const END = {
  verdict: 'pass',
  reason: 'completed',
  endedAt: START_AT + 130_000,
  summary: '{"verdictReason":"ok"}',
};

async function writeRun(history: History, run: string, more: Partial<RunWrite> = {}): Promise<void> {
  history.write({ run, start: start(run) });
  for (let n = 0; n < 13; n++) history.write({ run, windows: window(n, n + 1), generator: generator(n) });
  await history.written(history.write({ run, end: END, ...more }));
}

describe('history', () => {
  it('gives back the windows of a run, and their sums over 1 and 10 minutes', async () => {
    const { history } = await open(folder());
    await writeRun(history, 'r1');
    const small = await history.read('windows', 'r1', { width: 10_000, limit: 100 });
    assert.equal(small.length, 13);
    const { targets, record } = await history.read('layout', 'r1');
    const { layout } = restoreLayout(targets, record);
    const view = (values: Float64Array) => new StreamView(layout, values);
    assert.deepEqual(
      small.map(({ values }) => view(values).cell(0, 'started')),
      Array.from({ length: 13 }, (_, n) => n + 1),
    );
    const minutes = await history.read('windows', 'r1', { width: 60_000, limit: 100 });
    assert.deepEqual(
      minutes.map(({ values }) => view(values).cell(0, 'started')),
      [21, 57, 13],
    );
    const [first] = minutes;
    assert.deepEqual([first!.fromAt, first!.toAt], [START_AT, START_AT + 60_000]);
    assert.equal(view(first!.values).cell(0, 'active:streaming'), 5, 'open streams are those of its end');
    assert.equal(view(first!.values).cell(0, 'silence'), 100, 'a maximum is the larger one');
    assert.deepEqual(view(first!.values).histogram(0, 'ttfb').stats().max, 1005);
    assert.deepEqual([first!.rssBytes, first!.cpuMs, first!.lagWindows, first!.unreliable], [105, 30, 12, 3]);
    const [all] = await history.read('windows', 'r1', { width: 600_000, limit: 100 });
    assert.equal(view(all!.values).cell(0, 'started'), 91);
    assert.deepEqual(view(all!.values).histogram(0, 'ttfb').cumulative([1233, 1234]), [0, 91]);
  });

  it('replaces an open window by its next version, and adds only the closed one to the sums', async () => {
    const { history } = await open(folder());
    history.write({ run: 'r', start: start('r') });
    for (let count = 1; count <= 5; count++)
      await history.written(
        history.write({ run: 'r', windows: window(0, count, false), generator: generator(0, false) }),
      );
    assert.equal((await history.read('windows', 'r', { width: 60_000, limit: 9 })).length, 0);
    await history.written(history.write({ run: 'r', windows: window(0, 6), generator: generator(0) }));
    for (const width of [10_000, 60_000, 600_000] as const) {
      const [kept, ...more] = await history.read('windows', 'r', { width, limit: 9 });
      assert.deepEqual(more, []);
      assert.equal(new StreamView(LAYOUT, kept!.values).cell(0, 'started'), 6);
    }
  });

  it('lists runs, the newest first, and finds them by id, by its start, last and last-pass', async () => {
    const { history } = await open(folder());
    for (const [id, at, verdict] of [
      ['20270101-aa', 1, 'pass'],
      ['20270102-bb', 2, 'pass'],
      ['20270103-cc', 3, 'fail'],
    ] as const) {
      history.write({ run: id, start: start(id, START_AT + at) });
      await history.written(history.write({ run: id, end: { ...END, verdict } }));
    }
    const ids = async (query: object) =>
      (await history.read('list', { limit: 10, ...query })).map(({ id }) => id);
    assert.deepEqual(await ids({}), ['20270103-cc', '20270102-bb', '20270101-aa']);
    assert.deepEqual(await ids({ limit: 1, before: '20270103-cc' }), ['20270102-bb']);
    assert.deepEqual(await ids({ verdict: 'fail' }), ['20270103-cc']);
    assert.equal(await history.read('resolve', 'last'), '20270103-cc');
    assert.equal(await history.read('resolve', 'last-pass'), '20270102-bb');
    assert.equal(await history.read('resolve', '20270101'), '20270101-aa');
    await assert.rejects(history.read('resolve', '2027'), /start of several run ids/);
    await assert.rejects(history.read('resolve', '%'), (error: SoakError) => error.code === 'RUN_UNKNOWN');
  });

  it('keeps events, and the latest failures of each target and outcome', async () => {
    const { history } = await open(folder());
    const failure = (i: number, target: string) => ({
      id: `r-${i}`,
      target,
      outcome: 'reset' as const,
      startedAt: START_AT + i,
      lagMs: 0,
      durationMs: 1,
      chunks: 0,
      bytes: 0,
    });
    const events = [{ n: 0, at: START_AT, action: 'start', by: 'local', detail: 'scenario soak' }] as const;
    history.write({ run: 'r', start: start('r'), events });
    history.write({ run: 'r', failures: Array.from({ length: 50 }, (_, i) => failure(i, 'a')) });
    await history.written(history.write({ run: 'r', failures: [failure(99, 'b')] }));
    const shown = await history.read('show', 'r');
    assert.deepEqual(shown.events, [{ at: START_AT, action: 'start', by: 'local', detail: 'scenario soak' }]);
    const kept = (target: string) => shown.failures.filter((f) => f.target === target).map(({ id }) => id);
    assert.equal(kept('a').length, 20);
    assert.equal(kept('a')[0], 'r-49');
    assert.deepEqual(kept('b'), ['r-99']);
  });

  it('deletes runs that are too old, and the oldest above the size; not pinned ones', async () => {
    const path = folder();
    const { history: first } = await open(path);
    for (const id of ['r1', 'r2', 'r3']) await writeRun(first, id);
    await first.change({ pin: 'r1', pinned: true });
    await first.close();
    const { history, lines } = await open(path, { maxAgeMs: 1000 });
    const left = async () => (await history.read('list', { limit: 10 })).map(({ id }) => id);
    assert.deepEqual(await left(), ['r1']);
    assert.match(lines.join('\n'), /deleted old runs from the history .*"r2","r3"/);
    await history.change({ delete: 'r1' });
    assert.deepEqual(await left(), []);
  });

  it('thins the windows of 10 s where nothing else is left to delete; their sums stay', async () => {
    const path = folder();
    const { history: first } = await open(path);
    first.write({ run: 'long', start: start('long') });
    for (let n = 0; n < 600; n++)
      await first.written(first.write({ run: 'long', windows: window(n, 1), generator: generator(n) }));
    await first.written(first.write({ run: 'long', end: END }));
    await first.change({ pin: 'long', pinned: true });
    await first.close();
    const { history, lines } = await open(path, { maxBytes: 1 });
    const count = async (width: 10_000 | 600_000) => {
      const windows = await history.read('windows', 'long', { width, limit: 1000 });
      const sum = windows.reduce(
        (all, { values }) => all + new StreamView(LAYOUT, values).cell(0, 'started'),
        0,
      );
      return { windows: windows.length, from: windows[0]!.n, sum };
    };
    // The thread thins step by step.
    while ((await count(10_000)).windows > 361) await new Promise((done) => setTimeout(done, 20));
    assert.deepEqual(await count(10_000), { windows: 361, from: 239, sum: 361 });
    assert.deepEqual(await count(600_000), { windows: 10, from: 0, sum: 600 });
    assert.equal(lines.filter((line) => line.includes('deleting the oldest 10 s windows')).length, 1);
  });

  it('keeps the latest events of a run', async () => {
    const { history } = await open(folder());
    history.write({ run: 'r', start: start('r') });
    const event = (n: number) =>
      ({ n, at: START_AT + n, action: 'outage', by: 'soakd', detail: `${n}` }) as const;
    for (let from = 0; from < 12_000; from += 1000)
      await history.written(
        history.write({ run: 'r', events: Array.from({ length: 1000 }, (_, i) => event(from + i)) }),
      );
    const { events } = await history.read('show', 'r');
    assert.deepEqual([events.at(-1)!.detail, events.length <= 11_000], ['11999', true]);
  });

  it('is for one soakd serve at a time; soakd run writes beside it', async () => {
    const path = folder();
    const { history } = await open(path);
    await assert.rejects(open(path), (error: SoakError) => error.code === 'HISTORY_IN_USE');
    const { history: beside } = await open(path, { source: 'run' });
    await writeRun(beside, 'r-run');
    assert.equal(await history.read('resolve', 'last'), 'r-run');
    assert.equal(FolderLock.isFree(path, beside.lock.name), false);
    const { name } = beside.lock;
    await beside.close();
    assert.equal(FolderLock.isFree(path, name), true);
    await history.close();
    await (await open(path)).history.close();
  });

  it('refuses a newer schema, a damaged file and one that is not its own, and changes none of them', async () => {
    const bytes: [string, (file: string) => void, RegExp][] = [
      [
        'newer',
        (file) => {
          const db = new DatabaseSync(file);
          db.exec(
            `CREATE TABLE t (a); PRAGMA application_id = ${0x736f616b}; PRAGMA user_version = ${MIGRATIONS.length + 1}`,
          );
          db.close();
        },
        /newer soakd.*--data/,
      ],
      [
        'damaged',
        (file) => writeFileSync(file, `SQLite format 3\0${'x'.repeat(5000)}`),
        /damaged.*--data|cannot be opened.*--data/,
      ],
      ['a text', (file) => writeFileSync(file, 'hello '.repeat(1000)), /damaged.*--data/],
      [
        'of another program',
        (file) => {
          const db = new DatabaseSync(file);
          db.exec('CREATE TABLE t (a)');
          db.close();
        },
        /not a history of soakd.*--data/,
      ],
    ];
    for (const [what, make, message] of bytes) {
      const path = folder();
      const file = join(path, 'history.db');
      make(file);
      const before = readFileSync(file);
      await assert.rejects(open(path), (error: SoakError) => {
        assert.equal(error.code, 'HISTORY_UNUSABLE', what);
        assert.match(error.message, message, what);
        return true;
      });
      assert.deepEqual(readFileSync(file), before, what);
    }
  });

  it('whose folder was removed makes a new one, and has the run from then on', async () => {
    const path = folder();
    const { history } = await open(path);
    await history.written(
      history.write({ run: 'r', start: start('r'), states: { plan: new Uint8Array([1]) } }),
    );
    rmSync(path, { recursive: true });
    await history.written(history.write({ run: 'r', windows: window(1, 4), generator: generator(1) }));
    assert.ok(existsSync(join(path, 'history.db')));
    assert.equal((await history.read('list', { limit: 9 }))[0]!.id, 'r');
    assert.deepEqual([...(await history.read('states', 'r'))], [['plan', new Uint8Array([1])]]);
    assert.equal((await history.read('windows', 'r', { width: 10_000, limit: 9 })).length, 1);
  });

  it('whose disk fails counts it, logs it once, and writes what waited once it works', async () => {
    const path = folder();
    const { history, lines } = await open(path);
    await history.written(history.write({ run: 'r', start: start('r') }));
    // Another process that holds the write lock is a disk that does not answer.
    const other = new DatabaseSync(join(path, 'history.db'));
    other.exec('BEGIN IMMEDIATE');
    const seq = history.write({ run: 'r', windows: window(0, 1), generator: generator(0) });
    await poll('a failed write', () => history.failures >= 1 || undefined);
    assert.match(history.failing!, /locked/);
    other.exec('COMMIT');
    other.close();
    await history.written(seq);
    assert.equal(history.failing, undefined);
    assert.equal(lines.filter((line) => line.includes('cannot be written')).length, 1);
    assert.equal(lines.filter((line) => line.includes('can be written again')).length, 1);
    assert.equal((await history.read('windows', 'r', { width: 10_000, limit: 9 })).length, 1);
  });

  /** A thread that says it is ready, and then does this at every command. */
  const threadThat = (work: string): URL =>
    new URL(
      `data:text/javascript,${encodeURIComponent(
        `import { parentPort } from 'node:worker_threads';
         parentPort.on('message', () => { ${work} });
         parentPort.postMessage({ type: 'ready' });`,
      )}`,
    );

  it('whose thread dies counts every record from then on, and lets nobody wait', async () => {
    const { history, lines } = await open(folder(), {
      entry: threadThat("throw new Error('out of memory')"),
    });
    await history.written(history.write({ run: 'r', start: start('r') }));
    assert.match(history.failing!, /out of memory/);
    assert.equal(history.failures, 1);
    for (let n = 0; n < 3; n++) await history.written(history.write({ run: 'r', windows: window(n, 1) }));
    assert.equal(history.failures, 4);
    assert.equal(lines.filter((line) => line.includes('history thread ended')).length, 1);
  });

  it('whose disk does not answer counts every record from then on', async () => {
    const { history } = await open(folder(), { entry: threadThat('') });
    history.write({ run: 'r', start: start('r') });
    assert.equal(history.failing, undefined);
    assert.match(await poll('a silent disk', () => history.failing), /has not answered for 7 s/);
    for (let n = 0; n < 3; n++) history.write({ run: 'r', windows: window(n, 1) });
    assert.equal(history.failures, 3);
    // It waits for an answer for a bounded time.
    await history.close();
  });
});

describe('counters that continue after a restart', () => {
  it('are shown once they are kept, and as they are while writes fail; never lower than before', async () => {
    let kept = Promise.withResolvers<void>();
    const history: { failing: string | undefined; putService: () => number; written: () => Promise<void> } = {
      failing: undefined,
      putService: () => 1,
      written: () => kept.promise,
    };
    let count = 1;
    const counters = new KeptCounters(() => ({ resumes: count }), { resumes: 10 }, history);
    counters.save();
    assert.equal(counters.of('resumes'), 10);
    kept.resolve();
    await kept.promise;
    assert.equal(counters.of('resumes'), 11);
    kept = Promise.withResolvers();
    history.failing = 'full';
    count = 2;
    counters.save();
    count = 5;
    assert.equal(counters.of('resumes'), 15);
    // What was saved before is kept now: 12.
    history.failing = undefined;
    kept.resolve();
    await kept.promise;
    assert.equal(counters.of('resumes'), 15);
    assert.equal(counters.of('unknown'), 0);
  });
});
