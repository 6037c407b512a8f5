import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { isRunning, soakd } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-signals-'));
const started = new Set<ChildProcess>();
after(() => {
  for (const child of started)
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // Its group has ended.
    }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program in a group of its own, without the variables of npm. */
function group(command: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_)/.test(name)),
  );
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...clean, ...env },
    detached: true,
    stdio: 'ignore',
  });
  started.add(child);
  return child;
}

const MAIN = 'src/cli/main.ts';
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'];

describe('nohup', () => {
  for (const [what, command] of [
    ['node', [...NODE, MAIN]],
    ['the bootstrap', [process.execPath, 'scripts/bootstrap.mjs', MAIN]],
    ['npm', ['npm', 'run', '-s', 'soakd', '--']],
  ] as const)
    it(`soakd, started by ${what}, survives SIGHUP to all its processes`, async () => {
      const port = String(await freePort());
      const line = [...command, 'simulate', '--port', port].map((word) => `'${word}'`).join(' ');
      const child = group('bash', ['-c', `nohup ${line} </dev/null >/dev/null 2>&1; exit 0`]);
      const answers = async () => (await fetch(`http://127.0.0.1:${port}/ground-truth`)).ok || undefined;
      await poll('an answer', answers);
      process.kill(-child.pid!, 'SIGHUP');
      await sleep(1500);
      assert.ok(await answers());
      process.kill(-child.pid!, 'SIGTERM');
      await poll('the end', async () => {
        try {
          await answers();
          return undefined;
        } catch {
          return true;
        }
      });
    });
});

it('SIGUSR1 opens no inspector, and ends nothing', async () => {
  const program = soakd(['simulate', '--port', String(await freePort())]);
  await program.line(/ground truth/);
  program.kill('SIGUSR1');
  await sleep(500);
  assert.doesNotMatch(program.stderr.text, /Debugger/);
  assert.equal(program.exit, undefined);
  assert.deepEqual(await program.stop(), { code: 143, signal: null });
});

describe('TERM while a start waits for the program that prints a token', () => {
  for (const command of ['serve', 'run'] as const)
    it(`${command} ends with 143, and the program with it`, async () => {
      const pids = join(folder, `${command}.pid`);
      const script = join(folder, `${command}.sh`);
      writeFileSync(script, `#!/bin/sh\necho $$ > ${pids}\nsleep 100 &\nwait\n`, { mode: 0o755 });
      const config = join(folder, `${command}.yaml`);
      writeFileSync(
        config,
        `serve: { start: a }
targets: [{ name: t, url: 'http://127.0.0.1:9/', auth: { bearer: { command: ['${script}'], lifetime: 1h } } }]
scenarios: { a: { target: t, stages: [{ users: 1, for: 1m }] } }
`,
      );
      const port = String(await freePort());
      const args =
        command === 'serve'
          ? ['serve', '--config', config, '--port', port, '--data', 'none']
          : ['run', 'a', '--config', config, '--data', 'none'];
      const program = soakd(args);
      const pid = await poll('the program', () => Number(readFileSync(pids, 'utf8')) || undefined);
      program.kill('SIGTERM');
      const at = performance.now();
      assert.deepEqual(await program.ended(), { code: 143, signal: null }, program.output);
      assert.ok(performance.now() - at < 9000, 'before the program would have timed out');
      await poll('the end of the program', () => !isRunning(pid) || undefined);
    });
});
