import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Checkout, makeCheckout } from '../../support/checkout.ts';
import { poll } from '../../support/poll.ts';
import { isRunning, type Running, type StartOptions, start } from '../../support/process.ts';

let checkout: Checkout;
before(async () => {
  checkout = await makeCheckout();
  await checkout.install();
});
after(() => checkout?.remove());

function npm(args: readonly string[], options: StartOptions = {}): Running {
  return start('npm', args, { cwd: checkout.folder, group: true, ...options });
}

interface Hello {
  readonly pid: number;
  readonly parent: number;
  readonly node: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** What the entry says of itself first. */
async function hello(program: Running): Promise<Hello> {
  return JSON.parse((await program.line(/^\{"pid".*\}$/))[0]!);
}

function gone(...pids: number[]): Promise<unknown> {
  return poll('end of all processes', () => (pids.some(isRunning) ? undefined : true), { timeoutMs: 15_000 });
}

function signals(program: Running): string[] {
  return program.stdout.lines.flatMap((line) => /^\{"got":"(.*)"\}$/.exec(line)?.[1] ?? []);
}

describe('what npm starts', () => {
  test('npm start is `serve` under the pinned Node, and passes arguments on', async () => {
    const program = npm(['start', '--', '--port', '9999']);
    const { command, args, node } = await hello(program);
    assert.deepEqual([command, ...args], ['serve', '--port', '9999']);
    assert.equal(node, process.version);
    await program.stop();
  });

  for (const code of [0, 5]) {
    test(`npm run -s soakd -- prints nothing of its own and hands on exit code ${code}`, async () => {
      const program = npm(['run', '-s', 'soakd', '--', 'exit', String(code)]);
      assert.equal((await program.ended()).code, code);
      assert.match(program.stdout.text, /^\{.*\}\n$/);
    });
  }

  test('a service that dies of a signal gives 128 and its number', async () => {
    const program = npm(['run', '-s', 'soakd', '--', 'die', 'SIGKILL']);
    assert.equal((await program.ended()).code, 137);
  });
});

describe('signals', () => {
  test('TERM to npm alone: the service stops in its own time, and npm waits for it', async () => {
    const program = npm(['start']);
    const { pid, parent } = await hello(program);
    program.kill('SIGTERM');
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
    assert.ok(!isRunning(pid) && !isRunning(parent));
    assert.deepEqual(signals(program), ['SIGTERM']);
    assert.match(program.stdout.text, /"stopped":true/);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`${signal} to the group, as a terminal sends it: the service stops in its own time`, async () => {
      const program = npm(['start']);
      const { pid, parent } = await hello(program);
      program.kill(signal, 'group');
      await program.ended();
      await gone(pid, parent);
      assert.ok(signals(program).length >= 1);
      assert.deepEqual([...new Set(signals(program))].slice(0, 1), [signal]);
      assert.match(program.stdout.text, /"stopped":true/);
    });
  }

  test('KILL of npm: the service is told to stop', async () => {
    const program = npm(['start']);
    const { pid, parent } = await hello(program);
    program.kill('SIGKILL');
    await gone(pid, parent, program.pid);
    await program.ended();
    assert.deepEqual(signals(program), ['SIGTERM']);
  });

  test('KILL of a shell between npm and the bootstrap: the service is told to stop', async () => {
    const line = 'node scripts/bootstrap.mjs src/cli/main.ts serve; exit $?';
    const program = start('sh', ['-c', line], {
      cwd: checkout.folder,
      env: { npm_lifecycle_event: 'start' },
    });
    const { pid, parent } = await hello(program);
    assert.notEqual(parent, program.pid, 'the shell stays');
    program.kill('SIGKILL');
    await gone(pid, parent, program.pid);
    assert.deepEqual(signals(program), ['SIGTERM']);
  });

  test('KILL of the bootstrap: the service finds its channel closed', async () => {
    const program = npm(['start']);
    const { pid, parent } = await hello(program);
    process.kill(parent, 'SIGKILL');
    await gone(pid, parent, program.pid);
    await program.ended();
    assert.deepEqual(signals(program), ['disconnect']);
  });

  test('without npm the service may outlive the shell that started it', async () => {
    const line = 'node scripts/bootstrap.mjs src/cli/main.ts serve & wait';
    const program = start('sh', ['-c', line], { cwd: checkout.folder });
    const { pid, parent } = await hello(program);
    program.kill('SIGKILL');
    await gone(program.pid);
    await new Promise((done) => setTimeout(done, 700));
    assert.ok(isRunning(pid) && isRunning(parent));
    process.kill(parent, 'SIGTERM');
    await gone(pid, parent);
  });
});
