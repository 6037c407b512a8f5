import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { afterEach, beforeEach, test } from 'node:test';
import { type Checkout, makeCheckout } from '../../support/checkout.ts';
import { poll } from '../../support/poll.ts';
import { isRunning, type Running, start } from '../../support/process.ts';

// Of the bootstrap's install, with a fake npm: the real one is run by every fresh clone.
let checkout: Checkout;
beforeEach(async () => {
  checkout = await makeCheckout();
});
afterEach(() => checkout.remove());

const LOCK = '.soakd-install.lock';
const STAMP = 'node_modules/.soakd-installed';

function bootstrap(env: Readonly<Record<string, string>> = {}): Running {
  return start(process.execPath, ['scripts/bootstrap.mjs', 'src/cli/main.ts', 'exit', '0'], {
    cwd: checkout.folder,
    env: { ...checkout.fakeNpm, ...env },
  });
}

function calls(): string[] {
  const file = checkout.path('npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

async function succeeds(program: Running): Promise<void> {
  assert.equal((await program.ended()).code, 0, program.output);
  assert.ok(!existsSync(checkout.path(LOCK)), 'the lock is released');
}

test('installs once: npm speaks on standard error, and one line says why', async () => {
  const first = bootstrap();
  await succeeds(first);
  assert.equal(calls().length, 1);
  assert.match(calls()[0]!, /^\d+ ci --include=dev --no-audit --no-fund --loglevel=error$/);
  assert.match(first.stderr.text, /^soakd: there is no node_modules yet: installing.*\nnpm says hello\n$/);
  assert.match(first.stdout.text, /^\{"pid".*\}\n$/);

  const second = bootstrap();
  await succeeds(second);
  assert.equal(calls().length, 1);
  assert.equal(second.stderr.text, '');
});

test('installs again when package-lock.json changes', async () => {
  await succeeds(bootstrap());
  const lockfile = checkout.path('package-lock.json');
  await writeFile(lockfile, `${readFileSync(lockfile, 'utf8')}\n`);
  const program = bootstrap();
  await succeeds(program);
  assert.equal(calls().length, 2);
  assert.match(program.stderr.text, /not from the present package-lock\.json/);
});

test('takes what npm itself has installed from the same lockfile', async () => {
  await mkdir(checkout.path('node_modules/node/bin'), { recursive: true });
  await symlink(process.execPath, checkout.path('node_modules/node/bin/node'));
  await copyFile(checkout.path('package-lock.json'), checkout.path('node_modules/.package-lock.json'));
  await succeeds(bootstrap());
  assert.equal(calls().length, 0);
  assert.ok(existsSync(checkout.path(STAMP)));

  await rm(checkout.path(STAMP));
  const other = { packages: { 'node_modules/node': { version: '1.0.0' } } };
  await writeFile(checkout.path('node_modules/.package-lock.json'), JSON.stringify(other));
  await succeeds(bootstrap());
  assert.equal(calls().length, 1);
});

test('two at once install once', async () => {
  const programs = [bootstrap({ FAKE_NPM_MS: '800' }), bootstrap({ FAKE_NPM_MS: '800' })];
  for (const program of programs) await succeeds(program);
  assert.equal(calls().length, 1);
  assert.match(programs.map(({ stderr }) => stderr.text).join(''), /another soakd \(pid \d+\) is installing/);
});

test('of eight at once each names the one that installs', async () => {
  const programs = Array.from({ length: 8 }, () => bootstrap({ FAKE_NPM_MS: '2500' }));
  for (const program of programs) await succeeds(program);
  assert.equal(calls().length, 1);
  const told = programs.map(({ stderr }) => stderr.text).join('');
  const named = [...told.matchAll(/another soakd \(pid (\w+)\) is installing/g)].map(([, pid]) => pid);
  assert.ok(named.length > 0);
  assert.deepEqual(
    [...new Set(named)],
    [String(programs.find(({ stderr }) => /npm says/.test(stderr.text))!.pid)],
  );
});

test('a failed install is an error, and the next start tries again', async () => {
  const failing = bootstrap({ FAKE_NPM: 'fail' });
  assert.equal((await failing.ended()).code, 4);
  assert.match(failing.stderr.text, /soakd: `npm ci` failed \(exit code 3\).*\n.*Try by hand: npm ci/);
  assert.equal(failing.stdout.text, '');
  assert.ok(!existsSync(checkout.path(STAMP)));
  await succeeds(bootstrap());
});

test('TERM during the install ends npm and releases the lock', async () => {
  const program = bootstrap({ FAKE_NPM_MS: '60000' });
  await program.line(/npm says hello/);
  program.kill('SIGTERM');
  assert.equal((await program.ended()).code, 143);
  assert.ok(!isRunning(Number.parseInt(calls()[0]!, 10)));
  await succeeds(bootstrap());
});

test('KILL during the install: the next start waits for the npm left behind, then goes on', async () => {
  const killed = bootstrap({ FAKE_NPM_MS: '1500' });
  await killed.line(/npm says hello/);
  killed.kill('SIGKILL');
  await poll('end', () => (isRunning(killed.pid) ? undefined : true));
  const next = bootstrap();
  await next.line(/another soakd/);
  assert.ok(isRunning(Number.parseInt(calls()[0]!, 10)));
  await succeeds(next);
  assert.equal(calls().length, 2, 'what it left has no stamp');
});

test('breaks a lock whose owner is gone', async () => {
  const ended = start(process.execPath, ['-e', '']);
  await ended.ended();
  await mkdir(checkout.path(LOCK));
  const owner = { token: 'x', host: hostname(), pid: ended.pid };
  await writeFile(checkout.path(`${LOCK}/owner.json`), JSON.stringify(owner));
  await succeeds(bootstrap());
});

test('without install scripts the pinned Node is fetched as a package', async () => {
  const program = bootstrap({ FAKE_NPM: 'no-scripts' });
  await succeeds(program);
  assert.match(calls()[1]!, /install --no-save .* node(-bin)?-\w+-\w+@\d+\.\d+\.\d+$/);
  assert.match(program.stderr.text, /install scripts are off, fetching/);
  assert.ok(existsSync(checkout.path('node_modules/node/bin/node')));
});

test('where there is no pinned Node it goes on with one that is new enough, and says so', async () => {
  const program = bootstrap({ FAKE_NPM: 'no-binary' });
  await succeeds(program);
  assert.match(
    program.stderr.text,
    /node_modules\/node\/bin\/node is missing: were install scripts switched off\?/,
  );
  assert.match(program.stderr.text, /Going on with this Node/);
});
