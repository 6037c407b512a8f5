import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { start } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';
import { PATIENT, Scrape } from '../../support/service.ts';
import { simulate } from '../../support/simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-descriptors-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A listener that answers nothing for this long is not just slow. */
const SILENCE_MS = 30_000;

/** Checks for ten seconds after the first lost stream. */
const CHECKS = 20;

for (const kind of ['of another process', 'built in'] as const)
  it(`200 users with 128 descriptors, simulator ${kind}: streams are generator_lost, the API and the history work`, {
    skip: process.platform !== 'linux' && 'needs prlimit',
  }, async () => {
    const simulator = kind === 'built in' ? undefined : await simulate(['--chunks', '600', '--gap', '100ms']);
    const target =
      simulator === undefined ? 'simulator: { chunks: 600, gap: 100ms }' : `url: ${simulator.url}/sse`;
    const config = join(folder, 'soakd.yaml');
    writeFileSync(
      config,
      `${PATIENT}serve: { start: many }
targets: [{ name: far, ${target} }]
scenarios:
  many: { target: far, stages: [{ users: 200, for: 10m }] }
`,
    );
    const port = String(await freePort());
    const command = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'src/cli/main.ts'),
    ];
    const data = join(folder, kind.replaceAll(' ', '-'));
    const args = ['serve', '--config', config, '--port', port, '--data', data];
    const program = start('prlimit', ['--nofile=128:128', ...command, ...args]);
    const ask = async (path: string) => {
      const signal = AbortSignal.timeout(SILENCE_MS);
      const url = `http://127.0.0.1:${port}${path}`;
      const answer = await fetch(url, { headers: { connection: 'close' }, signal }).catch(
        (error: unknown) => {
          if (signal.aborted) {
            const open = spawnSync('ls', ['-l', `/proc/${program.pid}/fd`], { encoding: 'utf8' }).stdout;
            silent = `${path} was not answered\n${open}\n${program.output}`;
          }
          throw error;
        },
      );
      assert.equal(answer.status, 200, path);
      return answer.text();
    };
    let silent: string | undefined;
    try {
      const scrape = async () => new Scrape(await ask('/metrics'));
      const lost = 'outcome="generator_lost"';
      await poll('lost streams', async () => {
        assert.equal(program.exit, undefined, program.output);
        assert.equal(silent, undefined, silent);
        return (await scrape()).sum('soak_streams_finished_total', lost) > 0 || undefined;
      });
      for (let n = 0; n < CHECKS; n++) {
        await ask('/-/healthy');
        const now = await scrape();
        assert.ok(now.sum('soak_streams_active') > 0, 'streams that have a descriptor stay');
        assert.ok(now.sum('process_open_fds') > 20, `${now.sum('process_open_fds')} open`);
        assert.equal(now.sum('soak_history_write_failures_total'), 0);
        assert.equal(now.sum('soak_worker_restarts_total'), 0);
        await sleep(500);
      }
      const last = await scrape();
      assert.ok(last.sum('soak_process_open_fds_age_seconds') < 15, 'they can be counted');
      assert.ok(last.sum('process_open_fds') > 60, 'they are counted again');
      assert.doesNotMatch(program.stderr.text, /EMFILE(?!.*stream failed)/);
      assert.equal(program.exit, undefined, program.output);
    } finally {
      await program.stop();
      await simulator?.stop();
    }
  });
