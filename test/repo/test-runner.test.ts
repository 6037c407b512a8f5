import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/root.ts';

const HEAD = "import { test } from 'node:test';\n";
/** What the runner meets, by the name of the file. */
const FILES: Readonly<Record<string, string>> = {
  good: "test('a', async (t) => { await t.test('b', () => {}); });\ntest('c', { skip: 'no c' }, () => {});\n",
  holding:
    "import net from 'node:net';\nimport { once } from 'node:events';\ntest('a', async () => { const server = net.createServer().listen(0, '127.0.0.1'); await once(server, 'listening'); });\n",
  exiting: "test('a', () => {});\ntest('b', () => process.exit(0));\ntest('c', () => {});\n",
};

async function runFiles(...names: string[]): Promise<{ readonly output: string; readonly code: unknown }> {
  const root = mkdtempSync(join(tmpdir(), 'soakd-runner-'));
  try {
    for (const name of names) writeFileSync(join(root, `${name}.test.ts`), HEAD + FILES[name]);
    const script = `import { runTests } from ${JSON.stringify(join(ROOT, 'scripts/test/run.ts'))};
      const files = ${JSON.stringify(names.map((name) => `${name}.test.ts`))};
      const batch = { files, concurrency: 2, testTimeoutMs: 30_000 };
      const { success } = await runTests(${JSON.stringify(root)}, [batch], { signal: new AbortController().signal });
      process.exit(success ? 0 : 1);`;
    // The context of this test's own process would make the runner one of its children.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const entry = join(root, 'run.mjs');
    writeFileSync(entry, script);
    const child = spawn(process.execPath, [entry], {
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

test('a file whose tests are all reported passes, and its skipped test is named', async () => {
  const { output, code } = await runFiles('good');
  assert.equal(code, 0, output);
  assert.match(output, /tests 3\n/);
  assert.match(output, /not run: good\.test\.ts: c: no c/);
});

test('a file that holds a server after its tests is ended, and fails with what it holds', async () => {
  const { output, code } = await runFiles('good', 'holding');
  assert.equal(code, 1, output);
  assert.match(
    output,
    /holding\.test\.ts: its tests are over, and it still holds \S.*TCPServerWrap: close them/,
  );
  assert.match(output, /good\.test\.ts: c: no c/);
});

test('a file that ends before its tests are over fails, whatever its exit code', async () => {
  const { output, code } = await runFiles('exiting');
  assert.equal(code, 1, output);
  assert.match(output, /not all reported: exiting\.test\.ts: it ended before its tests were over/);
});
