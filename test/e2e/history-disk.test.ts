import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamView } from '../../src/catalog/slots.ts';
import { restoreLayout } from '../../src/history/layout-record.ts';
import { HistoryReader } from '../../src/history/reader.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { assertHealthy } from '../../support/healthy.ts';
import { needsMount } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { Restartable } from '../../support/restartable.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';
import { BreakableDisk, needsBreakableDisk, SmallDisk } from '../../support/small-disk.ts';

const MB = 1024 ** 2;
/** Bound of the wait for the history, the interval of snapshots, and a busy machine, ms. */
const MAX_FREEZE_MS = 3000 + 1000 + 1000;

let simulator: Simulated;
before(async () => {
  simulator = await simulate(['--preset=quick']);
});
after(() => simulator.stop());

function yaml(seconds: number): string {
  return `
targets: [{ name: app, url: "${simulator.url}/", terminal: "[DONE]" }]
scenarios: { soak: { target: app, stages: [{ users: 20, for: ${seconds}s }] } }
`;
}

/** Polls /metrics: the longest time without a change, and the memory of soakd. */
class Watcher {
  maxFreezeMs = 0;
  readonly rss: number[] = [];
  #over = false;
  readonly #done: Promise<void>;

  constructor(service: Restartable) {
    this.#done = this.#watch(service);
  }

  async #watch(service: Restartable): Promise<void> {
    let [chunks, changedAt] = [0, performance.now()];
    while (!this.#over) {
      const scrape = await service.scrape();
      const now = performance.now();
      this.rss.push(scrape.sum('process_resident_memory_bytes'));
      const seen = scrape.sum('soak_chunks_received_total');
      if (seen !== chunks || scrape.sum('soak_run_active') === 0) {
        if (chunks > 0) this.maxFreezeMs = Math.max(this.maxFreezeMs, now - changedAt);
        [chunks, changedAt] = [seen, now];
      }
      await sleep(200);
    }
  }

  stop(): Promise<void> {
    this.#over = true;
    return this.#done;
  }
}

/** Windows of the run in a data folder. */
function windowsOf(data: string) {
  const db = new DatabaseSync(join(data, 'history.db'), { readOnly: true });
  try {
    const reader = new HistoryReader(db);
    const id = reader.resolve('last');
    const { targets, record } = reader.layout(id);
    const { layout } = restoreLayout(targets, record);
    const windows = reader.windows(id, { width: 10_000, limit: 100 });
    const sum = (cell: 'started' | 'chunks') =>
      windows.reduce((all, { values }) => all + new StreamView(layout, values).total(cell), 0);
    return {
      started: sum('started'),
      chunks: sum('chunks'),
      lengthsMs: windows.map(({ fromAt, toAt }) => toAt - fromAt),
      integrity: Object.values(db.prepare('PRAGMA integrity_check').get()!)[0],
      verdict: reader.run(id).verdict,
    };
  } finally {
    db.close();
  }
}

function linesOf(service: Restartable, text: string): string[] {
  return service.program.stderr.lines.filter((line) => line.includes(text));
}

describe('a run whose history cannot be written', () => {
  it('ends with its verdict on a full disk, and writes all windows once there is space', {
    skip: needsMount(),
  }, async () => {
    const disk = new SmallDisk(8);
    const service = await Restartable.create(yaml(34), join(disk.folder, 'data'));
    try {
      await service.start();
      const watcher = new Watcher(service);
      await service.send('POST', '/api/v1/runs', { scenario: 'soak' });
      await sleep(5000);
      disk.fill();
      await sleep(17_000);
      const during = await service.scrape();
      disk.free();
      const summary = (await service.finished(60_000)) as unknown as Summary;
      await watcher.stop();
      assertHealthy(summary);
      assert.ok(during.sum('soak_history_write_failures_total') >= 5);
      assert.equal(linesOf(service, 'history cannot be written').length, 1, service.program.output);
      assert.equal(linesOf(service, 'history can be written again').length, 1);
      assert.ok(watcher.maxFreezeMs < MAX_FREEZE_MS, `/metrics stood still for ${watcher.maxFreezeMs} ms`);
      const grown = Math.max(...watcher.rss.slice(-20)) - Math.max(...watcher.rss.slice(0, 20));
      assert.ok(grown < 60 * MB, `memory grew by ${grown / MB} MB`);
      const kept = windowsOf(service.data);
      assert.equal(kept.integrity, 'ok');
      assert.equal(kept.verdict, summary.verdict);
      assert.equal(kept.started, summary.streams.started);
      assert.equal(kept.chunks, summary.chunks);
      assert.ok(Math.max(...kept.lengthsMs) > 15_000, `windows of ${kept.lengthsMs.join(', ')} ms`);
    } finally {
      await service.stop();
      disk.close();
    }
  });

  it('ends with its verdict where the disk stays full; the next start works', {
    skip: needsMount(),
  }, async () => {
    const disk = new SmallDisk(8);
    const service = await Restartable.create(yaml(6), join(disk.folder, 'data'));
    try {
      await service.start();
      await service.send('POST', '/api/v1/runs', { scenario: 'soak' });
      await sleep(2000);
      disk.fill();
      assertHealthy((await service.finished(60_000)) as unknown as Summary);
      assert.equal((await service.program.stop()).code, 143, service.program.output);
      disk.free();
      await service.start();
      await poll('the run continues', async () => (await service.status()).state !== 'idle' || undefined);
      assert.equal((await service.finished(60_000)).endReason, 'completed');
    } finally {
      await service.stop();
      disk.close();
    }
  });

  it('ends with its verdict where the disk becomes read-only; once it is repaired, the next start continues the run', {
    skip: needsBreakableDisk(),
  }, async () => {
    const disk = new BreakableDisk(32);
    const service = await Restartable.create(yaml(12), join(disk.folder, 'data'));
    try {
      await service.start();
      const watcher = new Watcher(service);
      await service.send('POST', '/api/v1/runs', { scenario: 'soak' });
      await sleep(4000);
      disk.breakDown();
      await poll(
        'a write fails',
        async () => (await service.scrape()).sum('soak_history_write_failures_total') > 0 || undefined,
      );
      const status = (await service.status()) as { readonly history?: { readonly failing?: string } };
      const summary = (await service.finished(60_000)) as unknown as Summary;
      await watcher.stop();
      assertHealthy(summary);
      assert.ok(status.history?.failing, JSON.stringify(status));
      assert.ok(summary.history.failing !== null && summary.history.writeFailures >= 1);
      const [line, ...others] = linesOf(service, 'history cannot be written');
      assert.match(line ?? '', /WARN|ERROR|warn|error|"level":[45]0/, service.program.output);
      assert.equal(others.length, 0, 'it is said once');
      assert.ok(watcher.maxFreezeMs < MAX_FREEZE_MS, `/metrics stood still for ${watcher.maxFreezeMs} ms`);
      const grown = Math.max(...watcher.rss.slice(-20)) - Math.max(...watcher.rss.slice(0, 20));
      assert.ok(grown < 60 * MB, `memory grew by ${grown / MB} MB`);
      assert.equal((await service.program.stop()).code, 143, service.program.output);
      disk.repair();
      await service.start();
      assert.equal(linesOf(service, 'closed an unfinished run').length, 0, service.program.output);
      await poll('the run continues', async () => (await service.status()).state !== 'idle' || undefined);
      const resumed = (await service.finished(60_000)) as unknown as Summary;
      assert.deepEqual([resumed.endReason, resumed.run.gaps.length], ['completed', 1]);
      const kept = windowsOf(service.data);
      assert.deepEqual([kept.integrity, kept.verdict], ['ok', resumed.verdict]);
      assert.equal(kept.started, resumed.streams.started);
    } finally {
      await service.stop();
      disk.close();
    }
  });

  it('is kept from then on where its folder is removed', async () => {
    const service = await Restartable.create(yaml(12));
    try {
      await service.start();
      const watcher = new Watcher(service);
      await service.send('POST', '/api/v1/runs', { scenario: 'soak' });
      await sleep(4000);
      rmSync(service.data, { recursive: true });
      await sleep(3000);
      const failures = (await service.scrape()).sum('soak_history_write_failures_total');
      const summary = (await service.finished(60_000)) as unknown as Summary;
      await watcher.stop();
      assertHealthy(summary);
      assert.equal(failures, 1);
      assert.equal(linesOf(service, 'another program removed the history').length, 1, service.program.output);
      assert.ok(watcher.maxFreezeMs < MAX_FREEZE_MS);
      assert.ok(existsSync(join(service.data, 'history.db')));
      const kept = windowsOf(service.data);
      assert.equal(kept.verdict, summary.verdict);
      assert.ok(kept.started > 0 && kept.started <= summary.streams.started);
    } finally {
      await service.stop();
    }
  });

  it('has none where the default folder cannot be written, and says so once; a named folder is an error', {
    skip: needsMount(),
  }, async () => {
    const disk = new SmallDisk(8);
    disk.remount('ro');
    const service = await Restartable.create(yaml(2), join(disk.folder, 'data'));
    try {
      await assert.rejects(service.start(), /the data folder .*cannot be written.*--data none/s);
      await service.start('--data', 'none');
      await service.send('POST', '/api/v1/runs', { scenario: 'soak' });
      assertHealthy((await service.finished(60_000)) as unknown as Summary);
    } finally {
      await service.stop();
      disk.close();
    }
  });
});
