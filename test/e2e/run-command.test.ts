import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { assertHealthy } from '../../support/healthy.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type Exit, type Running, soakd } from '../../support/process.ts';
import { Scrape } from '../../support/service.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';
import { schemaFaults } from '../../support/summary-schema.ts';

const TIMINGS = ['connectMs', 'headersMs', 'ttfbMs', 'ttftMs', 'gapMs', 'durationMs', 'scheduleLagMs'];

/** Arrivals that a full machine comes to after the end of the plan: soakd drops and counts these. */
const MAX_LATE = 10;

async function finished(
  args: readonly string[],
  timeoutMs = 60_000,
): Promise<{ program: Running; exit: Exit }> {
  // The machine is shared with other tests: what it is late by is not what is tested here.
  const patient = args.includes('--target') && args[0] === 'run' ? ['--max-measurement-lag', '10s'] : [];
  const program = soakd([...args, ...patient]);
  return { program, exit: await program.ended(timeoutMs) };
}

function jsonOf(program: Running) {
  return JSON.parse(program.stdout.lines.at(-1)!);
}

describe('soakd run', () => {
  let simulator: Simulated;
  before(async () => {
    simulator = await simulate(['--preset=quick']);
  });
  after(() => simulator.stop());

  it('passes with exit code 0, and prints the agreed JSON as the only line of standard output', async () => {
    const { program, exit } = await finished([
      'run',
      '--target',
      `${simulator.url}/`,
      '--terminal',
      '[DONE]',
      '--users',
      '10',
      '--for',
      '3s',
      '--json',
    ]);
    assert.equal(program.stdout.lines.length, 1, program.output);
    const summary = jsonOf(program);
    assertHealthy(summary, exit.code);
    assert.equal(summary.schema, 2);
    assert.deepEqual(await schemaFaults(summary), []);
    assert.equal(summary.endReason, 'completed');
    assert.equal(summary.run.scenario, 'ad-hoc');
    assert.ok(Date.parse(summary.run.endedAt) > Date.parse(summary.run.startedAt));
    for (const timing of TIMINGS) {
      const bar = timing === 'scheduleLagMs' ? [] : ['measurementErrorMs'];
      assert.deepEqual(
        Object.keys(summary[timing]),
        ['count', 'mean', 'p50', 'p95', 'p99', 'max', ...bar],
        timing,
      );
    }
    assert.ok(summary.streams.started > 10);
    assert.equal(summary.streams.finished.complete, summary.streams.started);
    assert.ok(summary.ttfbMs.measurementErrorMs.count > 20 && summary.measurementQuality.windows > 0);
    assert.ok(summary.generator.cpuMs > 0 && summary.generator.rssMaxBytes > 1e6);
    assert.match(
      program.stderr.text,
      /^ {2}(PASS: all \d+ limits hold|INCONCLUSIVE: .* of the planned load was delivered)$/m,
    );
  });

  it('openai-chat and raw are judged as what they are', async () => {
    for (const [path, format] of [
      ['/v1/chat/completions', 'openai-chat'],
      ['/raw', 'raw'],
    ] as const) {
      const { program, exit } = await finished([
        'run',
        '--target',
        simulator.url + path,
        '--format',
        format,
        '--body',
        '{}',
        '--users',
        '5',
        '--for',
        '2s',
        '--json',
      ]);
      assertHealthy(jsonOf(program), exit.code);
      const { streams, contentCharacters } = jsonOf(program);
      assert.ok(streams.started > 5 && contentCharacters > 100, format);
      assert.equal(streams.finished.complete, streams.started, format);
    }
  });

  it('the open model starts at its rate and drops what finds no user', async () => {
    const target = ['--target', `${simulator.url}/`, '--terminal', '[DONE]', '--for', '4s', '--json'];
    const { program } = await finished(['run', ...target, '--rate', '20']);
    const { streams } = jsonOf(program);
    assert.ok(streams.started > 40 && streams.started < 130, `${streams.started} of about 80`);
    // On a full machine, arrivals that were due just before the end.
    assert.ok(streams.dropped <= MAX_LATE, `${streams.dropped} dropped`);
    const full = jsonOf((await finished(['run', ...target, '--rate', '50', '--users', '5'])).program).streams;
    assert.ok(full.dropped > 50, `${full.dropped} dropped`);
  });

  it('two runs with one seed send the same number of arrivals', async () => {
    const args = [
      'run',
      '--target',
      `${simulator.url}/`,
      '--terminal',
      '[DONE]',
      '--rate',
      '30',
      '--for',
      '3s',
      '--seed',
      '7',
      '--json',
    ];
    const [a, b] = [await finished(args), await finished(args)].map(({ program }) => {
      const { started, dropped } = jsonOf(program).streams;
      assert.ok(dropped <= MAX_LATE, `${dropped} of ${started + dropped} dropped`);
      return started + dropped;
    });
    assert.equal(a, b);
    assert.ok(a! > 50, `${a} arrivals`);
  });

  it('a crossed threshold is exit code 1, and says which', async () => {
    const { program, exit } = await finished([
      'run',
      '--target',
      `${simulator.url}/`,
      '--terminal',
      'NEVER',
      '--users',
      '5',
      '--for',
      '2s',
    ]);
    assert.equal(exit.code, 1);
    assert.match(program.stdout.text, /^ {2}FAIL: success rate 0/m);
    assert.match(program.stdout.text, /truncated/);
  });

  it('no stream that could be judged is inconclusive, exit code 5', async (t) => {
    // A listener that accepts and says nothing; the run is over before a limit passes.
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await poll('listener', () => server.listening || undefined);
    const { port } = server.address() as { port: number };
    const program = soakd([
      'run',
      '--target',
      `http://127.0.0.1:${port}/`,
      '--users',
      '2',
      '--for',
      '1s',
      '--ttfb-timeout',
      '1s',
      '--json',
    ]);
    await program.ended(60_000);
    assert.equal(jsonOf(program).streams.finished.ttfb_timeout, 2);
    const none = await finished([
      'run',
      '--target',
      `${simulator.url}/`,
      '--rate',
      '0.001',
      '--for',
      '1s',
      '--users',
      '1',
      '--seed',
      '3',
      '--json',
    ]);
    assert.equal(none.exit.code, 5, none.program.output);
    assert.equal(jsonOf(none.program).verdict, 'inconclusive');
  });

  it('a target outside the allowlist is exit code 3, before any look-up', async () => {
    const { program, exit } = await finished(['run', '--target', 'http://target.invalid/', '--json']);
    assert.equal(exit.code, 3);
    assert.match(program.stderr.text, /target\.invalid.*allow/);
    assert.equal(program.stdout.text, '');
  });

  it('bad flags are exit code 2, all at once', async () => {
    const { program, exit } = await finished([
      'run',
      '--target',
      `${simulator.url}/`,
      '--users',
      'many',
      '--for',
      '10',
      '--ttfb-timeout',
      '5',
    ]);
    assert.equal(exit.code, 2);
    for (const flag of ['--users', '--for', '--ttfb-timeout'])
      assert.match(program.stderr.text, new RegExp(`${flag}:`));
    assert.doesNotMatch(program.stderr.text, /^ +at /m);
  });

  it('a taken port is exit code 4', async () => {
    const { program, exit } = await finished([
      'run',
      '--target',
      `${simulator.url}/`,
      '--port',
      String(simulator.port),
    ]);
    assert.equal(exit.code, 4);
    assert.match(program.stderr.text, /port \d+ .*taken/);
  });

  it('--port serves /metrics while it runs, valid for promtool', { skip: needs('promtool') }, async () => {
    const port = await freePort();
    const program = soakd([
      'run',
      '--target',
      `${simulator.url}/`,
      '--terminal',
      '[DONE]',
      '--users',
      '20',
      '--for',
      '6s',
      '--port',
      String(port),
    ]);
    const text = await poll(
      'chunks in /metrics',
      async () => {
        const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return new Scrape(scraped).sum('soak_chunks_received_total') > 0 ? scraped : undefined;
      },
      { timeoutMs: 60_000 },
    );
    // Prints what it finds and exits with 3; nothing is found.
    const said = execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(said, '');
    const { code } = await program.ended(60_000);
    assert.ok(code === 0 || code === 5, program.output);
  });

  it('TERM: no new starts, what is open is cancelled after the grace, summary, exit code 143', async () => {
    const slow = await simulate(['--preset=seed']);
    try {
      const program = soakd([
        'run',
        '--target',
        `${slow.url}/`,
        '--terminal',
        '[DONE]',
        '--users',
        '5',
        '--for',
        '5m',
        '--json',
      ]);
      await poll('streams', async () => (await slow.groundTruth()).active === 5 || undefined, {
        timeoutMs: 60_000,
      });
      program.kill('SIGTERM');
      // The grace period of 8 s, and more than twice as much again for a full machine.
      const { code } = await program.ended(30_000);
      assert.equal(code, 143);
      const { verdict, endReason, streams } = jsonOf(program);
      assert.deepEqual([verdict, endReason], ['aborted', 'interrupted']);
      assert.equal(streams.finished.cancelled + streams.finished.complete, 5);
      assert.equal(streams.active, 0);
    } finally {
      await slow.stop();
    }
  });
});

describe('soakd validate', () => {
  it('says all errors of a file, each with its place, with exit code 2', async () => {
    const { program, exit } = await finished(['validate', 'test/config/fixtures/does-not-exist.yaml']);
    assert.equal(exit.code, 2);
    assert.match(program.stderr.text, /does-not-exist\.yaml:1:1: found no such file/);
    const good = await finished(['validate']);
    assert.equal(good.exit.code, 0, good.program.output);
    assert.match(good.program.stdout.text, /soakd\.yaml is valid/);
  });
});
