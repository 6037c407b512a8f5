import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chaos } from '../../bench/chaos.ts';

/** One of each kind of event; `npm run trials -- --only=chaos` takes half an hour, with the real Prometheus. */
it('soakd survives stops, kills, a full disk, lost output and reloads, and counts right', async (t) => {
  const report = await chaos({
    seed: 7,
    users: 50,
    idle: 50,
    events: 10,
    everyMs: 1500,
    stoppedMs: 3000,
    prometheus: false,
    happened: (name, tookMs) => t.diagnostic(`${name}: ${tookMs} ms`),
  });
  t.diagnostic(JSON.stringify({ ...report, problems: undefined }));
  assert.deepEqual(report.problems, []);
  assert.ok(report.scrapes > 10, `${report.scrapes} scrapes`);
  assert.ok(report.streams > 500, `${report.streams} streams`);
});
