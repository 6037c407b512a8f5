import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/root.ts';

/** Test files, by name. */
const FILES: Readonly<Record<string, string>> = {
  good: `
    test('a', async (t) => { await t.test('b', () => {}); });
    test('c', { skip: 'no c' }, () => {});
    test('d', (t) => t.skip('no d'));
    suite('s', () => { test('e', () => {}); });`,
  failing: `
    test('a', () => { throw new Error('a is wrong'); });
    test('b', () => {});`,
  holding: `
    test('a', async () => {
      for (let i = 0; i < 2; i++) await once(net.createServer().listen(0, '127.0.0.1'), 'listening');
      setInterval(() => {}, 1000);
      new Worker('setInterval(() => {}, 1000)', { eval: true });
    });`,
  exiting: `
    test('a', () => {});
    test('b', () => process.exit(0));
    test('c', () => {});`,
  // Loses the reports of one test on their way to the runner.
  losing: `
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (chunk, ...rest) => {
      if (!Buffer.from(chunk).includes('test b')) return write(chunk, ...rest);
      rest.at(-1)?.();
      return true;
    };
    test('a', () => {});
    test('test b', { skip: 'no b' }, () => {});
    test('c', { skip: 'no c' }, () => {});`,
  // Ignores the timeout of its test, and SIGTERM.
  blocking: `
    process.on('SIGTERM', () => process.exit(1));
    test('a', () => {
      console.error('pid ' + process.pid);
      const endMs = performance.now() + 60_000;
      while (performance.now() < endMs);
    });`,
};
const IMPORTS = `
  import { once } from 'node:events';
  import net from 'node:net';
  import { suite, test } from 'node:test';
  import { Worker } from 'node:worker_threads';`;

interface RunFilesOptions {
  readonly testTimeoutMs?: number;
  readonly name?: RegExp;
}

/** Runs test files in a process of its own, as `npm test` does. */
async function runFiles(
  names: readonly string[],
  { testTimeoutMs = 30_000, name }: RunFilesOptions = {},
): Promise<{ readonly output: string; readonly code: unknown }> {
  const root = mkdtempSync(join(tmpdir(), 'soakd-runner-'));
  try {
    for (const name of names) writeFileSync(join(root, `${name}.test.ts`), IMPORTS + FILES[name]);
    const entry = join(root, 'run.mjs');
    writeFileSync(
      entry,
      `import { runTests } from ${JSON.stringify(join(ROOT, 'scripts/test/run.ts'))};
      const files = ${JSON.stringify(names.map((name) => `${name}.test.ts`))};
      const { success } = await runTests(
        ${JSON.stringify(root)},
        [{ files, concurrency: 2, testTimeoutMs: ${testTimeoutMs} }],
        { signal: new AbortController().signal, ...(${name} && { name: ${name} }) },
      );
      process.exit(success ? 0 : 1);`,
    );
    // With the context of this test's process the runner would run nothing.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    const [code] = await once(child, 'close');
    return { output, code };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('test runner: files that report all tests pass, subtests are counted, skipped tests are listed', async () => {
  const { output, code } = await runFiles(['good']);
  assert.equal(code, 0, output);
  assert.match(output, /\nℹ tests 5\nℹ suites 1\nℹ pass 3\nℹ fail 0\nℹ cancelled 0\nℹ skipped 2\n/);
  assert.match(output, /not run: good\.test\.ts: c: no c\n/);
  assert.match(output, /not run: good\.test\.ts: d: no d\n/);
});

test('test runner: with a name only tests of that name are expected', async () => {
  const { output, code } = await runFiles(['good', 'failing'], { name: /^b$/ });
  assert.equal(code, 0, output);
});

test('test runner: a failed test fails the run, and the sum of all files is printed', async () => {
  const { output, code } = await runFiles(['good', 'failing']);
  assert.equal(code, 1, output);
  assert.match(output, /a is wrong/);
  assert.match(output, /\nℹ tests 7\n/);
});

test('test runner: a file that leaves handles open is ended, and fails with what is open', async () => {
  const { output, code } = await runFiles(['good', 'holding']);
  assert.equal(code, 1, output);
  assert.match(
    output,
    /holding\.test\.ts: all tests reported, but handles are open: 2 TCPServerWrap, 1 Timeout, 1 Worker; close them\n/,
  );
  assert.match(output, /✔ a .*\n✖ holding\.test\.ts /);
});

test('test runner: a file that exits before its tests are over fails with exit code 0 too', async () => {
  const { output, code } = await runFiles(['exiting']);
  assert.equal(code, 1, output);
  assert.match(output, /exiting\.test\.ts: ended before its tests were over; \d tests? reported\n/);
});

test('test runner: a file fails when a report of a skipped test is lost', async () => {
  const { output, code } = await runFiles(['losing']);
  assert.equal(code, 1, output);
  assert.match(output, /losing\.test\.ts: 2 of 3 tests reported\n/);
});

test('test runner: a file that blocks its event loop is killed, and fails', async () => {
  const { output, code } = await runFiles(['good', 'blocking'], { testTimeoutMs: 2000 });
  assert.equal(code, 1, output);
  assert.match(output, /blocking\.test\.ts: no report for 2\.5 s; killed\n/);
  assert.match(output, /not run: good\.test\.ts: c: no c\n/);
  const pid = /pid (\d+)/.exec(output)?.[1];
  assert.ok(pid, output);
  assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
});
