import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withMeasured } from '../../bench/peers/document.ts';
import { counts, measuredText, readPage, successShare } from '../../bench/servers/document.ts';
import { type LevelResult, type Settings, State } from '../../bench/servers/state.ts';
import { SUBJECTS } from '../../bench/servers/subjects.ts';

const settings: Settings = {
  levels: [100],
  seconds: 20,
  capacityMinutes: 0,
  from: 500,
  maxUsers: 8000,
  chunksMean: 403,
};
const now = { at: new Date('2026-01-02T03:04:05Z'), load: 0.5 };
const level: LevelResult = {
  kind: 'level',
  users: 100,
  started: 120,
  complete: 120,
  failed: 0,
  ttfbMeanMs: 1234,
  ttfbP95Ms: 2345,
  durationMeanMs: 31_400,
  measurementErrorP99Ms: 2.4,
  generatorCores: 0.25,
  verdict: 'pass',
  server: { started: 120, finished: 120 },
  loadBefore: 0.4,
};

test('a bench continues with what it has kept, and only with the same settings', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'soakd-servers-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  State.open(folder, settings, now).keep('fiber/100', level);
  const again = State.open(folder, settings, { at: new Date(), load: 9 });
  assert.deepEqual(again.get('fiber/100'), level);
  assert.equal(again.get('express/100'), undefined);
  assert.deepEqual([again.startedAt, again.loadBefore], ['2026-01-02T03:04:05.000Z', 0.5]);
  assert.throws(
    () => State.open(folder, { ...settings, seconds: 21 }, now),
    /"seconds":20.*use another folder/,
  );
});

test('the share of successes has the interval of Wilson', () => {
  // 95 % of 100: 88.8 to 97.8 (Brown, Cai, DasGupta 2001, the interval of Wilson).
  assert.equal(successShare({ complete: 95, failed: 5 }), '95.0 % (88.8–97.8)');
  assert.equal(successShare({ complete: 51, failed: 0 }), '100.0 % (93.0–100.0)');
  assert.equal(successShare({ complete: 0, failed: 0 }), '–');
});

test('counts that differ are shown, both of them', () => {
  assert.equal(counts(level), 'equal (120)');
  assert.equal(counts({ ...level, server: null }), 'no answer');
  assert.equal(
    counts({ ...level, server: { started: 121, finished: 120 } }),
    'server 121/120, soakd 120/120',
  );
});

test('the page has a row for each level, and what failed or was left out', () => {
  const text = measuredText(
    [
      { subject: SUBJECTS.fiber!, steps: [level] },
      { subject: SUBJECTS.express!, steps: [{ kind: 'failed', message: 'no port' }] },
    ],
    ['FastAPI, Uvicorn: wants python3'],
    { settings, startedAt: now.at.toISOString(), loadBefore: 0.5, machine: 'a machine', versions: 'Fiber 2' },
  );
  assert.match(text, /Measured on 2026-01-02 on a machine; .*: 0\.5\./);
  assert.match(
    text,
    /^\| Fiber \| 100 \| 100\.0 % .* \| 1\.23 s \| 2\.35 s \| 2 ms \| 31\.40 s \| 0\.25 \| equal/m,
  );
  assert.match(text, /Not measured: Express: no port\./);
  assert.match(text, /Left out: FastAPI, Uvicorn: wants python3\./);
  const page = readPage(join(tmpdir(), 'no-such-folder', 'servers.md'));
  assert.ok(withMeasured(page, text).includes(text));
});
