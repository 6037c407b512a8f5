import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { formatBandwidth, parseBandwidth } from '../../src/relay/bandwidth.ts';
import { startSimulator } from '../../src/sim/simulator.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';

describe('soakd relay', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-relay-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('relays, logs every connection, and ends with a summary as its last line', async () => {
    const simulator = await startSimulator(SIMULATOR_PRESETS.quick);
    const port = await freePort();
    const log = join(folder, 'log');
    const program = soakd([
      'relay',
      '--to',
      `localhost:${simulator.port}`,
      '--port',
      String(port),
      '--preset',
      'mobile',
      '--latency',
      '40ms',
      '--drop',
      '0',
      '--log',
      log,
    ]);
    try {
      await program.line(/drops +none/);
      assert.match(program.stderr.text, /relay on 127\.0\.0\.1:\d+ to localhost:\d+/);
      assert.match(program.stderr.text, /\+ 40ms ± 25ms/);
      assert.match(program.stderr.text, /5 mbit\/s/);
      const body = await (
        await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
      ).text();
      assert.match(body, /\[DONE\]/);
      program.kill('SIGINT');
      assert.equal((await program.ended()).code, 130, program.output);

      assert.equal(program.stdout.lines.length, 1, program.stdout.text);
      const summary = JSON.parse(program.stdout.lines[0]!);
      assert.equal(summary.schema, 1);
      assert.equal(summary.connections.accepted, 1);
      assert.equal(summary.network.latencyMs, 40);
      assert.equal(summary.addedConnectMs, 0);
      const lines = (await readFile(log, 'utf8')).trim().split('\n');
      assert.equal(lines.length, 1);
      const record = JSON.parse(lines[0]!);
      assert.equal(record.connection, 1);
      assert.equal(record.down.bytes, summary.down.bytes);
      assert.ok(record.down.bytes > Buffer.byteLength(body));
      assert.ok(record.down.added.minMs >= 7.5, JSON.stringify(record));
    } finally {
      await program.stop();
      await simulator.close();
    }
  });

  for (const [what, args, code, message] of [
    [
      'a host that is not loopback',
      ['--to', 'example.invalid:80'],
      3,
      /example\.invalid is refused.*nothing was sent\n.*--allow/s,
    ],
    ['an address that is not loopback', ['--to', '192.0.2.1:80'], 3, /192\.0\.2\.1 is refused/],
    [
      'a jitter above the latency',
      ['--to', '127.0.0.1:80', '--latency=10ms', '--jitter=20ms'],
      2,
      /lower --jitter/,
    ],
    [
      'one that only the preset sets',
      ['--to', '127.0.0.1:80', '--preset=train', '--latency=10ms'],
      2,
      /--jitter/,
    ],
    ['a URL', ['--to', 'http://127.0.0.1:80/'], 2, /expected a host and a port/],
    ['no target', [], 2, /--to/],
    ['a latency without unit', ['--to', '127.0.0.1:80', '--latency=80'], 2, /such as 80ms/],
    ['a bandwidth without unit', ['--to', '127.0.0.1:80', '--bandwidth=1'], 2, /such as 64kbit/],
    ['a drop above 1', ['--to', '127.0.0.1:80', '--drop=2'], 2, /such as 1%/],
    ['a broken allow entry', ['--to', '127.0.0.1:80', '--allow=a/b'], 2, /--allow/],
  ] as const) {
    it(`refuses ${what} with exit code ${code}`, async () => {
      const program = soakd(['relay', ...args]);
      assert.equal((await program.ended()).code, code, program.output);
      assert.match(program.stderr.text, message);
    });
  }

  it('a taken port is exit code 4', async (t) => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as net.AddressInfo;
    const program = soakd(['relay', '--to', '127.0.0.1:80', '--port', String(port)]);
    assert.equal((await program.ended()).code, 4);
    assert.match(program.stderr.text, /the relay cannot listen on 127\.0\.0\.1:\d+/);
  });
});

describe('bandwidths', () => {
  for (const [text, bps] of [
    ['1mbit', 1e6],
    ['64kbit', 64_000],
    ['1.5Mbit/s', 1.5e6],
    ['1gbit', 1e9],
    ['1000bit', 1000],
    ['1', undefined],
    ['mbit', undefined],
    ['1mb', undefined],
    ['-1mbit', undefined],
    ['0mbit', undefined],
  ] as const) {
    it(`${text} is ${bps}`, () => assert.equal(parseBandwidth(text), bps));
  }
  it('are written in the unit that fits', () => {
    assert.deepEqual([1, 64_000, 1.5e6, 2e9].map(formatBandwidth), [
      '1 bit/s',
      '64 kbit/s',
      '1.5 mbit/s',
      '2 gbit/s',
    ]);
  });
});
