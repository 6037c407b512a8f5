import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { ROOT } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-lost-'));
const started = new Set<ChildProcess>();
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
const CONFIG = join(folder, 'soakd.yaml');
writeFileSync(
  CONFIG,
  `maxMeasurementLag: 10s
targets:
  - name: fast
    simulator: { chunks: 2, ttfb: 10ms, gap: 10ms }
scenarios:
  short: { target: fast, stages: [{ users: 1, for: 1s }] }
`,
);

const MAIN = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/cli/main.ts')];
const isRoot = process.getuid?.() === 0;

/** A named pipe that is full and that nobody reads until {@link read}. */
function fullPipe(name: string) {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096, '.'));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
  }
  /** Returns what can be read now. */
  const read = (): string => {
    const bytes = Buffer.alloc(65_536);
    let text = '';
    try {
      for (;;) text += bytes.toString('utf8', 0, readSync(fd, bytes));
    } catch {
      return text;
    }
  };
  return { path, read, close: () => closeSync(fd) };
}

/** `soakd serve` with its outputs as given to a shell, such as `2>/dev/full`. */
async function served(redirections: string, command = `exec "$@" ${redirections}`) {
  const port = await freePort();
  const args = [
    process.execPath,
    ...MAIN,
    'serve',
    '--config',
    CONFIG,
    '--port',
    String(port),
    '--data',
    'none',
  ];
  const child = spawn('bash', ['-c', command, 'bash', ...args], { cwd: ROOT, stdio: 'ignore' });
  started.add(child);
  const ended = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  const healthy = async () => (await fetch(`${url}/-/healthy`)).ok || undefined;
  await poll('an answer', healthy);
  return {
    url,
    reload: async () => assert.equal((await fetch(`${url}/-/reload`, { method: 'POST' })).status, 200),
    dropped: async () =>
      Number(/^soak_log_lines_dropped_total (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]),
    stop: async () => {
      child.kill('SIGTERM');
      return (await ended)[0] as number;
    },
  };
}

describe('soakd serve whose output fails', () => {
  it('continues with a full device, and counts the lines that it drops', async () => {
    const service = await served('>/dev/full 2>&1');
    const before = await service.dropped();
    await service.reload();
    assert.ok((await service.dropped()) > before);
    assert.equal(await service.stop(), 143);
  });

  it('continues with a pipe whose reader is gone', async () => {
    const service = await served('2> >(exec true)');
    await service.reload();
    assert.ok((await poll('dropped lines', async () => (await service.dropped()) || undefined)) > 0);
    assert.equal(await service.stop(), 143);
  });

  it('says once that it dropped lines when a full disk has room again', {
    skip: !isRoot && 'needs root',
  }, async () => {
    const disk = new SmallDisk(1);
    try {
      const file = join(disk.folder, 'log');
      const service = await served(`2>>${file}`);
      disk.fill();
      await poll('dropped lines', async () => {
        await service.reload();
        return (await service.dropped()) > 2 || undefined;
      });
      disk.free();
      await service.reload();
      await service.reload();
      assert.equal(await service.stop(), 143);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      const said = lines.filter((line) => line.includes('lines of the log were dropped'));
      assert.equal(said.length, 1, lines.join('\n'));
      assert.ok(JSON.parse(said[0]!).lines > 2);
      for (const line of lines.slice(lines.indexOf(said[0]!) - 1)) JSON.parse(line);
    } finally {
      disk.close();
    }
  });

  it('is not blocked by a pipe that nobody reads, and loses no line that fits its queue', async () => {
    const pipe = fullPipe('unread');
    const service = await served(`>${pipe.path} 2>&1`);
    await service.reload();
    assert.equal(await service.dropped(), 0);
    pipe.read();
    const lines = await poll('the lines', () => {
      const text = pipe.read();
      return text.includes('config reloaded') ? text : undefined;
    });
    assert.match(lines, /"msg":"listening"[\s\S]*"msg":"config reloaded"/);
    assert.equal(await service.stop(), 143);
    pipe.close();
  });

  it('is not blocked by a terminal that nobody reads', async () => {
    const pipe = fullPipe('terminal');
    // `script` cannot write what it reads from its terminal, so that fills.
    const service = await served(
      '',
      `exec script -qefc "exec \${*@Q}" /dev/null >${pipe.path} 2>/dev/null </dev/null`,
    );
    // Some 6 KB: more than a terminal holds.
    for (let n = 0; n < 50; n++) {
      // As often as a client may.
      await sleep(100);
      await service.reload();
      assert.ok((await fetch(`${service.url}/-/healthy`)).ok);
    }
    pipe.read();
    await service.stop();
    pipe.close();
  });
});
