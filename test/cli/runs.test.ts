import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openDatabase } from '../../src/history/database.ts';
import { HistoryReader } from '../../src/history/reader.ts';
import { TARGET_COLUMNS, WINDOW_COLUMNS } from '../../src/history/window-row.ts';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { soakd } from '../../support/process.ts';

const { folder, history, remove } = await openHistory();
const other = mkdtempSync(join(tmpdir(), 'soakd-runs-other-'));
after(async () => {
  await remove();
  rmSync(other, { recursive: true, force: true });
});
const HOUR = 3_600_000;
const SUMMARY = await fill(history, '20261123-aaaa', { windows: 13 });
await fill(history, '20261123-bbbb', {
  windows: 2,
  startedAt: START_AT + HOUR,
  verdict: 'fail',
  scenario: 'night',
});
await fill(history, '20261124-cccc', { windows: 2, startedAt: START_AT + 2 * HOUR, verdict: 'fail' });
await fill(history, '20261125-live', { windows: 3, startedAt: START_AT + 3 * HOUR, active: true });

async function runs(args: readonly string[], cwd?: string, env = {}) {
  const program = soakd(['runs', ...args], { env, ...(cwd === undefined ? {} : { cwd }) });
  const { code } = await program.ended(30_000);
  return { code, stdout: program.stdout.text, stderr: program.stderr.text };
}

const here = (...args: readonly string[]) => runs([...args, '--data', folder]);

async function json(...args: readonly string[]) {
  const { code, stdout, stderr } = await here(...args, '--json');
  assert.equal(code, 0, stderr);
  assert.equal(stdout.split('\n').length, 2, 'one line');
  return JSON.parse(stdout);
}

const ids = ({ runs: all }: { runs: { id: string }[] }): string[] => all.map(({ id }) => id);

describe('soakd runs list', () => {
  it('is a table, the newest run first', async () => {
    const { code, stdout } = await here('list');
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0]!, /^run +started \(UTC\) +lasted +scenario +verdict +reason$/);
    assert.match(lines[1]!, /^20261125-live +2026-11-23 21:00:00 +\S+ +demo +active$/);
    assert.match(lines[4]!, /^20261123-aaaa +2026-11-23 18:00:00 +2m10s +demo +pass +\S/);
    assert.equal(lines.length, 5);
  });

  it('filters, and continues before a run', async () => {
    assert.deepEqual(ids(await json('list', '--verdict', 'fail')), ['20261124-cccc', '20261123-bbbb']);
    assert.deepEqual(ids(await json('list', '--scenario', 'night')), ['20261123-bbbb']);
    assert.deepEqual(ids(await json('list', '--limit', '1', '--before', '20261124')), ['20261123-bbbb']);
    assert.equal((await here('list', '--before', 'x')).code, 2);
  });

  it('has the runs in the form of the API', async () => {
    const { runs: all } = await json('list');
    assert.equal(all[0].startedAt, '2026-11-23T21:00:00.000Z');
    assert.deepEqual([all[0].state, all[0].endedAt, all[0].pinned], ['active', null, false]);
  });
});

describe('soakd runs show', () => {
  it('prints the summary and the events', async () => {
    const { code, stdout } = await here('show', 'last-pass');
    assert.equal(code, 0);
    assert.match(stdout, /^ {2}PASS: /m);
    assert.match(stdout, /run 20261123-aaaa/);
    assert.match(
      stdout,
      /Events \(UTC\)\n {2}2026-11-23 18:00:00 {2}start by configuration: scenario demo\n/,
    );
  });

  it('takes the start of an id, and refuses one that several runs have', async () => {
    assert.match((await here('show', '20261123-b')).stdout, /run 20261123-bbbb/);
    const { code, stderr } = await here('show', '20261123');
    assert.equal(code, 2);
    assert.match(stderr, /start of several run ids, such as 20261123-aaaa and 20261123-bbbb/);
  });

  it('shows an active run without a summary', async () => {
    assert.match((await here('show', '20261125')).stdout, /ACTIVE: scenario demo/);
  });

  it('with --json has everything but the windows', async () => {
    const run = await json('show', '20261123-a');
    assert.deepEqual(run.summary, JSON.parse(JSON.stringify(SUMMARY)));
    assert.equal(run.events.length, 2);
    assert.equal(run.failures[0].startedAt, '2026-11-23T18:00:01.000Z');
  });
});

describe('soakd runs export', () => {
  it('writes CSV with a row for each window and target', async () => {
    const { code, stdout } = await here('export', '20261123-a');
    assert.equal(code, 0);
    const rows = stdout
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    const [head, ...body] = rows;
    assert.deepEqual(
      head,
      [...WINDOW_COLUMNS, ...TARGET_COLUMNS].map(({ name }) => name),
    );
    assert.equal(body.length, 26);
    const sum = (name: string, target: string): number =>
      body
        .filter((row) => row[head!.indexOf('target')] === target)
        .reduce((all, row) => all + Number(row[head!.indexOf(name)]), 0);
    for (const { name, streams, chunks, ttfbMs } of SUMMARY.targets) {
      assert.equal(sum('streams.results.success', name), streams.results.success);
      assert.equal(sum('chunks', name), chunks);
      assert.equal(sum('ttfbMs.count', name), ttfbMs.count);
    }
    assert.deepEqual(body[2]!.slice(0, 3), ['1', '2026-11-23T18:00:10.000Z', '2026-11-23T18:00:20.000Z']);
  });

  it('writes the whole run as JSON, in windows of any width', async () => {
    const { stdout } = await here('export', '20261123-a', '--format', 'json', '--width', '1m');
    const { run, widthMs, windows } = JSON.parse(stdout);
    assert.deepEqual([run.id, widthMs, windows.length], ['20261123-aaaa', 60_000, 3]);
    assert.equal(windows[2].toAt, '2026-11-23T18:02:10.000Z');
  });

  it('writes OpenMetrics to a file, which it replaces', async () => {
    const file = join(other, 'run.txt');
    writeFileSync(file, 'old');
    const args = ['export', 'last-pass', '--format', 'openmetrics', '--label', 'job=soak', '--out', file];
    assert.deepEqual(await here(...args), { code: 0, stdout: '', stderr: '' });
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^soak_streams_started_total\{target="a",job="soak"\} \d+ 1795456930$/m);
    assert.ok(text.endsWith('\n# EOF\n'));
    assert.ok(!existsSync(`${file}.part`));
  });

  it('says what is wrong with a label, a format, and a file that cannot be written', async () => {
    assert.equal((await here('export', 'last', '--label', 'le=1')).code, 2);
    assert.equal((await here('export', 'last', '--format', 'xml')).code, 2);
    const openmetrics = await here('export', 'last', '--format', 'openmetrics', '--label', 'target=x');
    assert.deepEqual([openmetrics.code, openmetrics.stdout], [2, '']);
    const { code, stderr } = await here('export', 'last', '--out', join(other, 'no/such/file'));
    assert.equal(code, 4);
    assert.match(stderr, /cannot be written/);
  });
});

describe('soakd runs pin, unpin and delete', () => {
  it('pin and unpin runs while serve writes', async () => {
    const { runs: pinned } = await json('pin', '20261123-a', 'last');
    assert.deepEqual(
      pinned.map((r: { id: string; pinned: boolean }) => [r.id, r.pinned]),
      [
        ['20261123-aaaa', true],
        ['20261124-cccc', true],
      ],
    );
    assert.match((await here('list')).stdout, /pass, pinned/);
    assert.equal((await json('unpin', '20261123-a')).runs[0].pinned, false);
    await fill(history, '20261126-dddd', { windows: 1, startedAt: START_AT + 4 * HOUR });
    assert.equal((await history.list({ limit: 9 })).length, 5);
  });

  it('delete nothing if one of the runs is unknown or active', async () => {
    assert.equal((await here('delete', 'last', 'nothing')).code, 2);
    const { code, stderr } = await here('delete', 'last', '20261125-live');
    assert.equal(code, 4);
    assert.match(stderr, /is active/);
    assert.equal((await history.list({ limit: 9 })).length, 5);
  });

  it('delete finished runs', async () => {
    const { stdout } = await here('delete', 'last', '20261123-b');
    assert.match(stdout, /^deleted run 20261126-dddd of scenario demo\ndeleted run 20261123-bbbb/);
    assert.equal((await history.list({ limit: 9 })).length, 3);
  });
});

describe('soakd runs backup', () => {
  it('copies the history as it is at one moment, while it is written', async () => {
    const file = join(other, 'copy.db');
    let writes = 0;
    let isDone = false;
    const writing = (async () => {
      while (!isDone) {
        writes++;
        await fill(history, `more-${writes}`, {
          windows: 2,
          startedAt: START_AT + (10 + writes) * HOUR,
          seed: writes,
        });
      }
    })();
    const { bytes } = await json('backup', file);
    isDone = true;
    await writing;
    assert.ok(bytes > 100_000 && writes > 1, `${bytes} bytes, ${writes} runs`);
    const copy = openDatabase(file, { readOnly: true });
    const kept = new HistoryReader(copy).list({ limit: 1000 });
    assert.ok(kept.length >= 3 && kept.length <= 3 + writes);
    // What is committed together is in the copy together, or not at all.
    for (const { id, state } of kept)
      if (id.startsWith('more') && state === 'finished')
        assert.equal(new HistoryReader(copy).windowTimes(id, 10_000).length, 2, id);
    assert.equal(copy.prepare('PRAGMA integrity_check').get()!.integrity_check, 'ok');
    copy.close();
    assert.ok(!existsSync(`${file}.part`));
  });

  it('refuses to overwrite a file', async () => {
    const file = join(other, 'mine');
    writeFileSync(file, 'mine');
    const { code, stderr } = await here('backup', file);
    assert.equal(code, 2);
    assert.match(stderr, /mine exists/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });
});

describe('soakd runs', () => {
  it('finds the history beside the configuration, or of the user', async () => {
    const cwd = join(other, 'project');
    mkdirSync(cwd);
    const state = { XDG_STATE_HOME: join(other, 'state') };
    const without = await runs(['list'], cwd, state);
    assert.equal(without.code, 4);
    assert.ok(without.stderr.includes(join(other, 'state/soakd/history.db')), without.stderr);
    writeFileSync(join(cwd, 'soakd.yaml'), '');
    assert.ok((await runs(['list'], cwd, state)).stderr.includes(join(cwd, 'soakd-data/history.db')));
    writeFileSync(join(other, 'b.yaml'), '');
    const named = await runs(['list', '--config', join(other, 'b.yaml')], cwd);
    assert.ok(named.stderr.includes(join(other, 'soakd-data/history.db')));
    assert.equal((await runs(['list', '--config', 'nothing.yaml'], cwd)).code, 2);
    assert.equal((await runs(['list', '--data', 'none'])).code, 2);
  });

  it('without flags takes the one of two histories that has the newest run, and names the other', async () => {
    const cwd = join(other, 'both');
    const state = join(other, 'both-state');
    const folders = { beside: join(cwd, 'soakd-data'), user: join(state, 'soakd') };
    for (const [name, path] of Object.entries(folders)) {
      mkdirSync(path, { recursive: true });
      const one = await openHistory('serve', path);
      const startedAt = name === 'user' ? START_AT + HOUR : START_AT;
      await fill(one.history, `20261123-${name}`, { windows: 1, startedAt });
      await one.history.close();
    }
    writeFileSync(join(cwd, 'soakd.yaml'), '');
    const { stdout, stderr } = await runs(['list'], cwd, { XDG_STATE_HOME: state });
    assert.match(stdout, /20261123-user/);
    assert.ok(stderr.includes(folders.beside), stderr);
  });

  it('says what is wrong with a file that is no history, and leaves it alone', async () => {
    const data = join(other, 'odd');
    mkdirSync(data);
    for (const [content, wanted] of [
      ['', /is empty/],
      ['not a database at all, but long enough to be looked at'.repeat(40), /damaged/],
    ] as const) {
      writeFileSync(join(data, 'history.db'), content);
      const { code, stderr } = await runs(['list', '--data', data]);
      assert.equal(code, 4);
      assert.match(stderr, wanted);
      assert.equal(readFileSync(join(data, 'history.db'), 'utf8'), content);
    }
  });

  it('with a wrong command or flag ends with 2', async () => {
    for (const args of [['nonsense'], ['list', '--odd'], ['show'], [], ['list', '--limit', '0']])
      assert.equal((await runs(args)).code, 2, args.join(' '));
  });
});
