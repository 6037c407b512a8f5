import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { freePort } from '../../support/ports.ts';
import { type Running, soakd } from '../../support/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-output-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SLOW = join(folder, 'slow.yaml');
writeFileSync(
  SLOW,
  `serve: { start: short }
targets:
  - name: slow
    simulator: { chunks: 20, ttfb: 10ms, gap: 100ms, format: openai-chat }
    format: openai-chat
    timeouts: { total: 20s }
scenarios:
  short: { target: slow, stages: [{ users: 3, for: 1s }] }
`,
);

/** @returns the lines of a stream, each of which must be an object of JSON */
function objects(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      assert.ok(typeof value === 'object' && value !== null, line);
      return value as Record<string, unknown>;
    });
}

describe('what is piped into a program that reads JSON', () => {
  it('soakd serve: standard output and standard error together are lines of JSON, the summary among them', async () => {
    const port = await freePort();
    const program = soakd(['serve', '--config', SLOW, '--port', String(port)]);
    await program.line(/"run summary"/);
    await program.stop(20_000);
    assert.equal(program.stdout.text, '');
    const lines = objects(program.stderr.text);
    const drain = lines.find((line) => String(line.msg).startsWith('run draining: no new starts'));
    assert.deepEqual([drain?.drainMs, Number(drain?.open) > 0], [21_000, true], program.stderr.text);
    const { summary } = lines.find((line) => line.msg === 'run summary')! as {
      summary: { streams: { started: number } };
    };
    assert.ok(summary.streams.started >= 3);
  });

  for (const [log, streams] of [
    [[], ['stdout']],
    [
      ['--log', '-'],
      ['stdout', 'stderr'],
    ],
  ] as const)
    it(`soakd relay ${log.join(' ')}: ${streams.join(' and ')} are lines of JSON`, async () => {
      const program = soakd(['relay', '--to', '127.0.0.1:9', '--port', '0', ...log]);
      await program.line(/relay on |"listening"/);
      await program.stop();
      for (const stream of streams) objects(program[stream].text);
      assert.equal(objects(program.stdout.text).length, 1);
    });

  const json: readonly (readonly [string, readonly string[]])[] = [
    ['doctor', ['doctor', '--json', '--users', '1']],
    ['probe', ['probe', '--json', 'http://127.0.0.1:9/']],
    ['run', ['run', 'short', '--json', '--config', SLOW]],
  ];
  for (const [name, args] of json)
    it(`soakd ${name} --json: standard output is one line of JSON`, async () => {
      const program = soakd(args);
      await program.ended(60_000);
      assert.equal(objects(program.stdout.text).length, 1, program.output);
    });
});

describe('a run past its planned end', () => {
  const drains = async (): Promise<Running> => {
    const program = soakd(['run', 'short', '--config', SLOW]);
    await program.line(
      /^draining: no new starts; 3 open streams may take up to \d+s; Ctrl-C leaves 8s, a second Ctrl-C ends the run at once$/m,
      40_000,
    );
    return program;
  };

  it('says that it drains, for how long at most, and how to end it', async () => {
    const program = await drains();
    await program.ended(60_000);
    assert.match(program.stdout.text, /Scenario short, /);
  });

  it('says after a signal what a second one does', async () => {
    const program = await drains();
    program.kill('SIGINT');
    await program.line(/^draining: no new starts; .*; a second Ctrl-C ends the run at once$/m);
    const { code } = await program.ended(60_000);
    assert.equal(code, 130);
  });
});
