import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-exit-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = join(folder, 'soakd.yaml');
writeFileSync(
  CONFIG,
  `serve: { start: soak }
maxMeasurementLag: 10s
targets:
  - name: fast
    simulator: { chunks: 5, ttfb: 10ms, gap: 100ms }
  - name: broken
    simulator: { chunks: 5, ttfb: 10ms, gap: 10ms, faults: { truncate: 1 } }
scenarios:
  soak: { target: fast, stages: [{ users: 3, for: 10m }] }
  broken: { target: broken, stages: [{ users: 3, for: 1s }] }
  brief: { target: fast, stages: [{ users: 3, for: 4s }] }
`,
);

/** Code that fails in the main thread of soakd once a file is there, as a mistake in soakd would. */
function failing(how: string): { readonly env: Record<string, string>; readonly now: () => void } {
  const trigger = join(folder, `trigger-${how}`);
  const preload = join(folder, `${how}.mjs`);
  const fail =
    how === 'exception' ? "throw new Error('a mistake')" : "void Promise.reject(new Error('a mistake'))";
  writeFileSync(
    preload,
    `import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) setInterval(() => { if (existsSync(${JSON.stringify(trigger)})) { ${fail}; } }, 100).unref();
`,
  );
  return { env: { NODE_OPTIONS: `--import=${preload}` }, now: () => writeFileSync(trigger, '') };
}

describe('an error that nothing catches', () => {
  for (const how of ['exception', 'rejection']) {
    it(`serve: an uncaught ${how} ends with 4 and one log line, and the run continues after the next start`, async () => {
      const port = String(await freePort());
      const data = join(folder, `data-${how}`);
      const args = ['serve', '--config', CONFIG, '--port', port, '--data', data];
      const { env, now } = failing(how);
      const program = soakd(args, { env });
      let next: ReturnType<typeof soakd> | undefined;
      try {
        const run = await poll('streams', async () => {
          const { run } = await status(port);
          return run?.state === 'running' ? run.id : undefined;
        });
        now();
        assert.deepEqual(await program.ended(), { code: 4, signal: null }, program.output);
        const lines = program.stderr.lines.filter((line) => line.includes('a mistake'));
        assert.equal(lines.length, 1, program.output);
        assert.equal(JSON.parse(lines[0]!).level, 'fatal');
        next = soakd(args);
        const resumed = await poll('the resumed run', async () => (await status(port)).run?.id);
        assert.equal(resumed, run);
      } finally {
        program.killAll();
        next?.killAll();
      }
    });
  }

  it('run: an uncaught exception ends with 4 and one line', async () => {
    const { env, now } = failing('exception');
    now();
    const program = soakd(['run', 'soak', '--config', CONFIG, '--data', 'none'], { env });
    assert.deepEqual(await program.ended(), { code: 4, signal: null }, program.output);
    assert.equal(program.stderr.lines.filter((line) => line.includes('a mistake')).length, 1, program.output);
  });
});

describe('an error that nothing catches in a thread', () => {
  /** Makes each thread with a key in its data fail after a time; one that replaces it, too. */
  function failingThread(key: string, what: string): Record<string, string> {
    const preload = join(folder, `thread-${key}.mjs`);
    writeFileSync(
      preload,
      `import { isMainThread, workerData } from 'node:worker_threads';
if (!isMainThread && workerData?.${key} !== undefined) setTimeout(() => { ${what} }, 1500);
`,
    );
    return { NODE_OPTIONS: `--import=${preload}` };
  }

  it('run: engine threads that die one after another end it with 4', async () => {
    const env = failingThread('segment', "throw new Error('a mistake')");
    const program = soakd(['run', 'soak', '--config', CONFIG, '--data', 'none'], { env });
    assert.deepEqual(await program.ended(), { code: 4, signal: null }, program.output);
    assert.match(program.stderr.text, /engine thread.*a mistake/s);
  });

  it('run: the end of the history thread changes no verdict', async () => {
    const env = failingThread('retention', "void Promise.reject(new Error('a mistake'))");
    const data = join(folder, 'data-thread');
    const program = soakd(['run', 'brief', '--config', CONFIG, '--data', data], { env });
    assert.deepEqual(await program.ended(), { code: 0, signal: null }, program.output);
    assert.match(program.stderr.text, /history thread ended/);
  });
});

async function status(port: string) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/status`);
  return (await answer.json()) as { run: { id: string; state: string } | null };
}

/** Ends a shell line. @returns exit code of soakd in it, which the shell writes to standard error last */
async function codeIn(line: string): Promise<{ code: number; stderr: string }> {
  const shell = spawn('bash', ['-c', line], {
    cwd: ROOT,
    env: {
      ...process.env,
      SOAKD: `${process.execPath} --disable-warning=ExperimentalWarning src/cli/main.ts`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  shell.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  await once(shell, 'close');
  return { code: Number(/code=(\d+)\s*$/.exec(stderr)?.[1]), stderr };
}

describe('the verdict of a failing run', () => {
  const RUN = `$SOAKD run broken --config ${CONFIG} --data none`;
  for (const [what, line] of [
    ['a pipe whose reader is gone', `${RUN} --json 2>/dev/null | true`],
    ['standard error into a pipe whose reader is gone', `${RUN} 2> >(exec true) | cat`],
    ['both outputs on a full disk', `${RUN} --verbose >/dev/full 2>&1 | cat`],
    ['both outputs closed', `${RUN} >&- 2>&- | cat`],
  ] as const)
    it(`is its exit code with ${what}`, async () => {
      const { code, stderr } = await codeIn(`${line}; echo code=\${PIPESTATUS[0]} >&2`);
      assert.equal(code, 1, stderr);
    });

  it('a listing that cannot be written ends with 4, one whose reader has enough with 0', async () => {
    const full = await codeIn('$SOAKD schema summary > /dev/full; echo code=$? >&2');
    assert.equal(full.code, 4);
    assert.match(full.stderr, /cannot write to standard output: ENOSPC/);
    const head = await codeIn(`$SOAKD schema summary | true; echo code=\${PIPESTATUS[0]} >&2`);
    assert.deepEqual([head.code, head.stderr], [0, 'code=0\n']);
  });
});
