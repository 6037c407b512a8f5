import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { FolderLock } from '../../src/history/folder.ts';
import { History } from '../../src/history/history.ts';
import { poll } from '../../support/poll.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-heap-'));
after(() => rmSync(folder, { recursive: true, force: true }));

it('the thread of the history ends at the bound of its heap: counted and logged like a failing disk, once', async () => {
  const errors: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: (_: object, text: string) => void errors.push(text) };
  const history = await History.open({
    folder: { path: folder, isDefault: false },
    source: 'serve',
    retention: { maxAgeMs: 1e15, maxBytes: 1e12 },
    log,
    entry: new URL('./hungry-entry.ts', import.meta.url),
    heapMiB: 40,
  });
  const bytes = new Uint8Array(1);
  await history.written(history.putService('a', bytes));
  assert.ok(history.heapBytes! > 1_000_000, `${history.heapBytes}`);
  const channel = new BroadcastChannel('hungry-history-threads');
  channel.postMessage('');
  await poll('its end', () => history.heapBytes === undefined || undefined);
  channel.close();
  const failures = history.failures;
  assert.ok(failures > 0);
  assert.match(history.failing!, /memory limit/);
  assert.equal(history.heapBytes, undefined);
  // What waits for it is let go, and each record counts.
  await history.written(history.putService('a', bytes));
  history.putService('a', bytes);
  assert.equal(history.failures, failures + 2);
  await assert.rejects(history.list({ limit: 1 }), { code: 'HISTORY_UNUSABLE', message: /memory limit/ });
  assert.deepEqual(errors, [
    'history thread ended; the run continues, and nothing more is kept until soakd restarts',
  ]);
  // The run of this process is not for another one while it continues.
  assert.equal(FolderLock.isFree(folder, history.lock.name), false);
  await history.close();
  await history.close();
  assert.equal(FolderLock.isFree(folder, history.lock.name), true);
});
