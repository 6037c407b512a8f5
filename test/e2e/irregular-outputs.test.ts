import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { needsMount } from '../../support/needs.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-outputs-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;

const TABLE = join(ROOT, 'examples/reports/seed.json');
const CONFIG = join(folder, 'soakd.yaml');
writeFileSync(
  CONFIG,
  `targets: [{ name: t, simulator: { preset: quick } }]
scenarios: { a: { target: t, stages: [{ users: 1, for: 1s }] } }
`,
);

/** Names of what nobody reads or writes, in a folder of its own. */
function fifo(name: string, among = folder): string {
  mkdirSync(among, { recursive: true });
  const path = join(among, name);
  execFileSync('mkfifo', [path]);
  return path;
}

async function refused(args: readonly string[], wanted: RegExp): Promise<void> {
  const program = soakd(args, { cwd: folder });
  try {
    const { code } = await program.ended();
    assert.ok(code === 2 || code === 4, `${code}\n${program.output}`);
    assert.match(program.stderr.text, wanted, program.output);
    assert.equal(
      program.stderr.lines.filter((line) => /internal error/.test(line)).length,
      0,
      program.output,
    );
  } finally {
    program.killAll();
  }
}

describe('a named pipe that nobody opens', { concurrency: 2 }, () => {
  const pipe = /named pipe/;
  it('is refused as the file of a report', () =>
    refused(['report', TABLE, '--out', fifo('report.html')], pipe));
  it('is refused as the file that a report is written to before it is renamed', () => {
    const part = fifo('second.html.part');
    return refused(['report', TABLE, '--out', join(folder, 'second.html')], pipe).then(() =>
      assert.ok(statSync(part).isFIFO()),
    );
  });
  it('is refused as a run to compare', () => {
    const run = fifo('run.json');
    return refused(['compare', run, run], pipe);
  });
  it('is refused among exported files', () => {
    const out = join(folder, 'exported');
    fifo('.soakd-export.json', out);
    return refused(['export', 'rules', '-o', out, '--config', CONFIG], pipe);
  });
  it('is refused as a configuration to write', () =>
    refused(['init', '--out', fifo('new.yaml'), '--force'], pipe));
  it('is refused as the log of a relay', async () =>
    refused(
      ['relay', '--to', '127.0.0.1:9', '--port', String(await freePort()), '--log', fifo('log')],
      pipe,
    ));
});

it('a device in the place of a file stays a device', { skip: !isRoot && 'needs root' }, async () => {
  const device = join(folder, 'device');
  execFileSync('mknod', [device, 'c', '1', '3']);
  await refused(['report', TABLE, '--out', device], /it is a device/);
  assert.ok(statSync(device).isCharacterDevice());
  assert.ok(!existsSync(`${device}.part`));
});

it('a link to a file stays a link, and the file is replaced', async () => {
  const [file, link] = [join(folder, 'behind.md'), join(folder, 'link.md')];
  writeFileSync(file, 'before');
  execFileSync('ln', ['-s', file, link]);
  const program = soakd(['report', TABLE, '--out', link], { cwd: folder });
  assert.equal((await program.ended()).code, 0, program.output);
  assert.match(readFileSync(file, 'utf8'), /^# /);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.md.part')),
    [],
  );
});

describe('a folder that no file system makes', {
  concurrency: 2,
  skip: process.platform !== 'linux' && 'needs /proc',
}, () => {
  const RUN = ['run', 'a', '--config', CONFIG];
  it('is refused as a data folder', () =>
    refused([...RUN, '--data', '/proc/x/y'], /cannot be written: ENOENT/));
  it('is refused for a JUnit report', () =>
    refused([...RUN, '--data', 'none', '--junit', '/proc/x/y.xml'], /cannot be written: ENOENT/));
  it('is refused for an export', () =>
    refused(['export', 'rules', '-o', '/proc/x', '--config', CONFIG], /cannot write to \/proc\/x: ENOENT/));
});

it('a relay whose log is on a full disk relays on, and says at its end how much it lost', {
  skip: needsMount(),
}, async () => {
  const disk = new SmallDisk(1);
  const port = await freePort();
  const args = ['relay', '--to', '127.0.0.1:9', '--port', String(port), '--log', join(disk.folder, 'log')];
  const program = soakd(args);
  try {
    await program.line(/drops +none/);
    disk.fill();
    // Nobody listens on port 9: each connection ends, and has a line.
    for (let n = 0; n < 3; n++) await fetch(`http://127.0.0.1:${port}/`).catch(() => {});
    await program.stop();
    assert.equal(program.exit?.code, 143, program.output);
    assert.match(program.stderr.text, /warning: \d+ lines of the log could not be written/);
  } finally {
    program.killAll();
    disk.close();
  }
});
