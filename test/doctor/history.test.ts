import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import type { DoctorReport } from '../../src/doctor/check.ts';
import { historyCheck } from '../../src/doctor/checks/history.ts';
import { openDatabase } from '../../src/history/database.ts';
import { type DataFolderState, inspectFolder } from '../../src/history/inspect.ts';
import { soakd } from '../../support/process.ts';

const root = mkdtempSync(join(tmpdir(), 'soakd-doctor-history-'));
after(() => rmSync(root, { recursive: true, force: true }));

const GIB = 2 ** 30;
const inspected = (path: string) => inspectFolder({ path, isDefault: false });

function history(name: string): { readonly folder: string; readonly file: string } {
  const folder = join(root, name);
  mkdirSync(folder);
  const file = join(folder, 'history.db');
  openDatabase(file).close();
  return { folder, file };
}

describe('data folder', () => {
  it('is inspected without being made', () => {
    const path = join(root, 'new', 'deep');
    const state = inspected(path);
    assert.deepEqual([state.exists, state.unwritable, state.sizeBytes], [false, undefined, 0]);
    assert.ok(state.freeBytes! > 0);
    assert.ok(!existsSync(join(root, 'new')));
  });

  it('that is a file, or below one, cannot be written', () => {
    const file = join(root, 'file');
    writeFileSync(file, 'text');
    for (const path of [file, join(file, 'below')])
      assert.match(inspected(path).unwritable!, /file is not a folder$/);
  });

  it('with a good history has its size and no problem', () => {
    const { folder, file } = history('good');
    const { problem, sizeBytes, exists } = inspected(folder);
    assert.deepEqual([problem, exists], [undefined, true]);
    assert.ok(sizeBytes >= readFileSync(file).length);
  });

  it('with a history that is newer, damaged or no history names the problem and leaves the file as it is', () => {
    const newer = history('newer');
    const db = new DatabaseSync(newer.file);
    db.exec('PRAGMA user_version = 999');
    db.close();
    const damaged = history('damaged');
    const bytes = readFileSync(damaged.file);
    // Past the header: only a read of all pages finds it.
    bytes.fill(0xaa, 4096 + 8, 4096 * 4);
    writeFileSync(damaged.file, bytes);
    const other = join(root, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'history.db'), 'not a database, but a text of some length'.repeat(100));
    const cases: [string, RegExp][] = [
      [newer.folder, /written by a newer soakd: found schema 999/],
      [damaged.folder, /damaged \(/],
      [other, /damaged \(file is not a database\)/],
    ];
    for (const [folder, problem] of cases) {
      const before = readFileSync(join(folder, 'history.db'));
      assert.match(inspected(folder).problem ?? '', problem);
      assert.ok(before.equals(readFileSync(join(folder, 'history.db'))));
    }
  });
});

describe('check of the history', () => {
  const good: DataFolderState = {
    folder: { path: '/data', isDefault: false },
    exists: true,
    freeBytes: 10 * GIB,
    sizeBytes: GIB,
  };
  const of = (more: Partial<DataFolderState>, maxBytes = 2 * GIB) => {
    const { state, found, advice } = historyCheck({ ...good, ...more }, maxBytes);
    return [state, found, advice.length] as const;
  };

  it('is OK with room for the history to grow, and warns without', () => {
    assert.deepEqual(of({}), ['ok', '/data: a history of 1,024 MiB, 10 GiB free', 0]);
    assert.equal(of({ freeBytes: GIB })[0], 'ok');
    assert.equal(of({ freeBytes: GIB - 1 })[0], 'warn');
    assert.equal(of({ freeBytes: 4 * GIB }, 6 * GIB)[0], 'warn');
    assert.equal(historyCheck(undefined, GIB).state, 'ok');
  });

  it('fails a named folder that cannot be written, and warns of a default one', () => {
    assert.deepEqual(of({ unwritable: 'EROFS' }), ['fail', '/data cannot be written: EROFS', 1]);
    const folder = { path: '/x', isDefault: true };
    assert.deepEqual(of({ folder, exists: false, unwritable: 'EACCES' }), [
      'warn',
      '/x cannot be made: EACCES',
      1,
    ]);
  });

  it('fails a history that cannot be used', () => {
    assert.deepEqual(of({ problem: 'it is damaged' }), ['fail', 'it is damaged', 0]);
  });

  it('is in the report of soakd doctor, for the folder of --data', async () => {
    const folder = join(root, 'cli');
    const program = soakd(['doctor', '--users', '1', '--json', '--data', folder]);
    assert.equal((await program.ended(30_000)).code, 0, program.output);
    const { checks }: DoctorReport = JSON.parse(program.stdout.text);
    assert.match(checks.find((c) => c.name === 'history')!.found, /cli: no history yet, .* free$/);
    assert.ok(!readdirSync(root).includes('cli'));
  });
});
