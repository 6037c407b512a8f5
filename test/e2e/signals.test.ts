import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { isRunning, type Running, start } from '../../support/process.ts';

/** The grace period, and as much again for a slow machine. */
const WITHIN_MS = 16_000;

describe('npm start, asked to end in the middle of its run', () => {
  for (const [name, to] of [
    ['TERM to the npm process', 'process'],
    ['TERM to its process group', 'group'],
  ] as const) {
    it(`${name}: the summary, an exit within the grace period, no orphan`, async () => {
      const port = await freePort();
      const npm = start('npm', ['start', '--', '--port', String(port)], { group: true });
      try {
        await streaming(npm, port);
        const pids = descendants(npm.pid);
        assert.ok(pids.length >= 2, `npm has started ${pids.length} processes`);
        npm.kill('SIGTERM', to);
        const { code, signal } = await npm.ended(WITHIN_MS);
        assert.ok(code === 143 || signal === 'SIGTERM', `ended with ${signal ?? code}`);
        await poll('end of all that npm started', () => pids.every((pid) => !isRunning(pid)) || undefined, {
          timeoutMs: WITHIN_MS,
        });
        const line = npm.stderr.lines.find((text) => text.endsWith('"msg":"run summary"}'));
        const { verdict, endReason, streams } = JSON.parse(line!).summary;
        assert.deepEqual([verdict, endReason], ['aborted', 'interrupted']);
        assert.ok(streams.finished.cancelled > 0);
        await assert.rejects(fetch(`http://127.0.0.1:${port}/-/healthy`), 'the port is free');
      } finally {
        npm.killAll();
      }
    });
  }

  it('a second signal ends it at once', async () => {
    const port = await freePort();
    const npm = start('npm', ['start', '--', '--port', String(port)], { group: true });
    try {
      await streaming(npm, port);
      npm.kill('SIGINT', 'group');
      await npm.line(/shutting down; waiting for open streams/);
      await new Promise((done) => setTimeout(done, 600));
      const from = performance.now();
      npm.kill('SIGINT', 'group');
      await npm.ended(WITHIN_MS);
      assert.ok(performance.now() - from < 6000, 'well before the grace period of 8 s was over');
    } finally {
      npm.killAll();
    }
  });
});

async function streaming(npm: Running, port: number): Promise<void> {
  await poll(
    'stream',
    async () => {
      if (npm.exit !== undefined) throw new Error(npm.output);
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return /^soak_streams_active\{.*phase="streaming"\} [1-9]/m.test(text) || undefined;
    },
    { timeoutMs: 60_000, everyMs: 200 },
  );
}

/** Processes below one, by /proc. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has just ended.
    }
  }
  const found = [pid];
  for (const at of found) for (const [child, parent] of parents) if (parent === at) found.push(child);
  return found.slice(1);
}
