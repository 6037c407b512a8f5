import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '../../src/history/database.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/history/schema.ts';

/** Creates the schema as another process would, unless the database is locked. */
function createByAnother(path: string): void {
  const other = new DatabaseSync(path, { timeout: 0 });
  try {
    other.exec(
      `BEGIN IMMEDIATE; ${MIGRATIONS.join(';')}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`,
    );
  } catch {
    // Locked by the one that opens it.
  } finally {
    other.close();
  }
}

for (const name of ['user_version', 'application_id', 'page_count'])
  test(`a history that another process creates just before ${name} is read opens`, (t: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), 'soakd-together-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'history.db');
    const { prepare } = DatabaseSync.prototype;
    let isCreated = false;
    t.mock.method(DatabaseSync.prototype, 'prepare', function (this: DatabaseSync, sql: string) {
      if (sql === `PRAGMA ${name}` && !isCreated) {
        isCreated = true;
        createByAnother(path);
      }
      return prepare.call(this, sql);
    });
    openDatabase(path).close();
    assert.ok(isCreated);
    assert.doesNotThrow(() => openDatabase(path, { readOnly: true }).close());
  });
