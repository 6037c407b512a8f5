import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';
import { answering } from './probing.ts';

const KEYS = [
  'schema',
  'url',
  'method',
  'outcome',
  'result',
  'meaning',
  'detail',
  'format',
  'formatGiven',
  'looksLike',
  'terminal',
  'response',
  'timings',
  'chunks',
  'contentChunks',
  'reads',
  'bytes',
  'contentCharacters',
  'keepalives',
  'gapMs',
  'firstChunks',
  'lastChunk',
  'notes',
  'configuration',
];

describe('soakd probe', () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator(SIMULATOR_PRESETS.quick);
  });
  after(() => simulator.close());

  it('explains a stream that ended well, with exit code 0', async () => {
    const program = soakd(['probe', `${simulator.url}/v1/chat/completions`, '--body', '{"stream":true}']);
    assert.equal((await program.ended()).code, 0, program.output);
    assert.match(program.stdout.text, /✓ complete/);
    assert.match(program.stdout.text, /POST http/);
    assert.match(program.stdout.text, /\ntargets:\n {2}- name: "127\.0\.0\.1-\d+-v1-chat-completions"\n/);
    assert.equal(program.stderr.text, '');
  });

  it('--json is the only line of standard output, with the agreed keys; the text goes to standard error', async () => {
    const program = soakd(['probe', `${simulator.url}/sse`, '--json']);
    assert.equal((await program.ended()).code, 0, program.output);
    assert.equal(program.stdout.lines.length, 1);
    const report = JSON.parse(program.stdout.lines[0]!);
    assert.deepEqual(Object.keys(report), KEYS);
    assert.equal(report.schema, 1);
    assert.deepEqual(Object.keys(report.gapMs), ['count', 'mean', 'p50', 'p95', 'p99', 'max']);
    assert.deepEqual(Object.keys(report.timings), [
      'dnsMs',
      'tcpMs',
      'tunnelMs',
      'tlsMs',
      'connectMs',
      'writtenMs',
      'headersMs',
      'ttfbMs',
      'ttftMs',
      'lastChunkMs',
      'durationMs',
    ]);
    assert.deepEqual(report.response, {
      status: 200,
      contentType: 'text/event-stream',
      contentLength: null,
      server: null,
    });
    assert.match(program.stderr.text, /✓ complete/);
  });

  for (const [what, args, code, message] of [
    ['a host that nothing allows', ['http://example.invalid/'], 3, /--allow example\.invalid/],
    ['no URL', [], 2, /url/],
    ['a URL without a scheme', ['localhost:80'], 2, /add the scheme, for example http:\/\/localhost:80\//],
    ['what is no URL', ['no url'], 2, /begin it with http/],
    ['an unknown format', ['http://127.0.0.1:1/', '--format', 'sss'], 2, /--format: found "sss"/],
    [
      'a secret that is not set',
      ['http://127.0.0.1:1/', '--header', `a: $\{env:SOAKD_NOT_SET}`],
      2,
      /SOAKD_NOT_SET/,
    ],
    [
      'a name that cannot be looked up',
      ['http://example.invalid/', '--allow', 'example.invalid'],
      4,
      /looked up/,
    ],
  ] as const) {
    it(`${what} is exit code ${code}`, async () => {
      const program = soakd(['probe', ...args]);
      assert.equal((await program.ended()).code, code, program.output);
      assert.match(program.stderr.text, message);
    });
  }

  it('a dead port is exit code 1, and explained', async () => {
    const program = soakd(['probe', `http://127.0.0.1:${await freePort()}/`]);
    assert.equal((await program.ended()).code, 1);
    assert.match(program.stdout.text, /✗ connect_error/);
  });

  it('SIGINT ends it with 130, and what came is explained', async () => {
    await using server = await answering((_request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: only this\n\n');
    });
    const program = soakd(['probe', server.url, '--json']);
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.kill('SIGINT');
    assert.equal((await program.ended()).code, 130, program.output);
    const report = JSON.parse(program.stdout.lines.at(-1)!);
    assert.deepEqual([report.outcome, report.chunks], ['cancelled', 1]);
    assert.match(program.stderr.text, /only this/);
  });
});
