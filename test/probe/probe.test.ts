import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { parseConfig } from '../../src/config/load.ts';
import { SoakError } from '../../src/core/errors.ts';
import { FORMATS } from '../../src/formats/list.ts';
import { probeText } from '../../src/probe/text.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { freePort } from '../../support/ports.ts';
import { answering, probeUrl } from './probing.ts';

/** The least target that the suggested YAML must be a configuration of. */
function targetOf(configuration: string | null) {
  assert.ok(configuration !== null);
  return parseConfig(configuration, { file: 'suggested' }).targets[0]!;
}

async function writeApart(
  response: ServerResponse,
  ...parts: readonly (string | Uint8Array)[]
): Promise<void> {
  for (const part of parts) {
    response.write(part);
    await sleep(15);
  }
}

describe('a probe of the simulator', () => {
  for (const format of FORMATS) {
    it(`finds out ${format}, and how it ended`, async () => {
      const simulator = await startSimulator({ ...SIMULATOR_PRESETS.quick, format });
      try {
        const { report, gaps } = await probeUrl(`${simulator.url}/`);
        assert.equal(report.format, format, JSON.stringify(report.looksLike));
        assert.equal(report.outcome, 'complete', report.detail ?? '');
        // A chunk of raw is a read, and a busy machine finds several chunks in one.
        assert.ok(report.chunks > (format === 'raw' ? 5 : 20));
        // As the metric counts them: chunks without content have no gap.
        assert.equal(gaps.length, report.contentChunks - 1);
        const { tcpMs, headersMs, ttfbMs, ttftMs, durationMs, lastChunkMs } = report.timings;
        assert.ok(tcpMs !== null && ttfbMs! >= headersMs! && ttftMs! >= ttfbMs!);
        assert.ok(lastChunkMs! <= durationMs && ttfbMs! >= 50);
        assert.equal(report.firstChunks.length, 5);
        assert.equal(report.lastChunk!.number, report.chunks);
        const { started, finished, chunks, bytes } = simulator.groundTruth();
        assert.deepEqual([started, finished.complete], [1, 1], 'one request, read to its end');
        assert.equal(report.bytes, bytes);
        if (format !== 'raw') assert.equal(report.chunks, chunks);
        const target = targetOf(report.configuration);
        assert.equal(target.format, format);
        if (format === 'sse') assert.deepEqual(target.terminal, { kind: 'data', data: '[DONE]' });
        // What was found out is judged the same when it is given.
        const again = await probeUrl(`${simulator.url}/`, { format });
        assert.equal(again.report.outcome, 'complete');
        assert.equal(again.report.looksLike?.format, format);
      } finally {
        await simulator.close();
      }
    });
  }
});

describe('a probe of the simulator gone wrong', () => {
  let simulator: Simulator | undefined;
  afterEach(() => simulator?.close());
  for (const [fault, outcome] of [
    ['truncate', 'truncated'],
    ['inbandError', 'inband_error'],
    ['reset', 'reset'],
    ['stall', 'stalled'],
    ['http503', 'http_error'],
  ] as const) {
    it(`${fault} is ${outcome}`, async () => {
      simulator = await startSimulator({
        ...SIMULATOR_PRESETS.quick,
        format: 'openai-chat',
        faults: { [fault]: 1 },
      });
      const { report } = await probeUrl(`${simulator.url}/`, { idleTimeout: '500ms' });
      assert.equal(report.outcome, outcome, report.detail ?? '');
      assert.equal(report.result, 'failed');
      assert.equal(report.format, outcome === 'http_error' ? null : 'openai-chat');
      assert.equal(report.configuration === null, outcome === 'http_error');
    });
  }
});

describe('a probe of other servers', () => {
  it('a dead port: no connection, no target', async () => {
    const { report } = await probeUrl(`http://127.0.0.1:${await freePort()}/`);
    assert.equal(report.outcome, 'connect_error');
    assert.match(report.detail!, /ECONNREFUSED/);
    assert.equal(report.response, null);
    assert.equal(report.configuration, null);
    assert.match(report.notes.join(), /nothing listens there/);
  });

  it('an HTML page with status 200 is no stream', async () => {
    await using server = await answering((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<!doctype html><title>Welcome</title>');
    });
    const { report } = await probeUrl(server.url);
    assert.equal(report.outcome, 'wrong_content_type');
    assert.equal(report.format, null);
    assert.equal(report.configuration, null);
    assert.match(report.lastChunk!.text, /Welcome/);
    assert.match(report.notes.join(), /a web page/);
  });

  it('a stream that never begins, and one that falls silent', async () => {
    await using server = await answering((request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      if (request.url === '/silent') response.write('data: a\n\nevent: done\ndata: b\n\n');
      else response.flushHeaders();
    });
    const never = (await probeUrl(server.url, { ttfbTimeout: '200ms' })).report;
    assert.equal(never.outcome, 'ttfb_timeout');
    assert.equal(never.response!.status, 200);
    const silent = (await probeUrl(`${server.url}silent`, { idleTimeout: '200ms' })).report;
    assert.equal(silent.outcome, 'stalled');
    assert.equal(silent.chunks, 2);
    assert.match(silent.notes.join(), /--terminal-event done/);
    assert.equal(targetOf(silent.configuration).timeouts.idleMs, 200);
  });

  it('lines of JSON, of whatever type', async () => {
    await using server = await answering(async (request, response) => {
      response.setHeader(
        'content-type',
        request.url === '/typed' ? 'application/x-ndjson' : 'application/json',
      );
      await writeApart(response, '{"a":1}\n', '{"a":2}\n{"a"', ':3}\n');
      response.end();
    });
    const typed = (await probeUrl(`${server.url}typed`)).report;
    assert.deepEqual([typed.format, typed.outcome, typed.chunks], ['ndjson', 'complete', 3]);
    assert.equal(targetOf(typed.configuration).expect.contentType, undefined);
    const untyped = (await probeUrl(server.url)).report;
    assert.deepEqual([untyped.format, untyped.outcome, untyped.chunks], ['ndjson', 'complete', 3]);
    assert.equal(targetOf(untyped.configuration).expect.contentType, 'application/json');
    // Held back until the format was known, and yet at the time at which it came.
    assert.equal(untyped.timings.ttftMs, untyped.timings.ttfbMs);
  });

  it('[DONE] ends events though the connection stays open, and what comes after it is a violation', async () => {
    await using server = await answering(async (request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      await writeApart(response, 'data: a\n\n', 'data: [DONE]\n\n');
      if (request.url === '/more') await writeApart(response, 'data: b\n\n');
    });
    const done = (await probeUrl(server.url, { idleTimeout: '3s' })).report;
    assert.equal(done.outcome, 'complete');
    assert.deepEqual(done.terminal, { kind: 'data', data: '[DONE]' });
    assert.equal((await probeUrl(`${server.url}more`)).report.outcome, 'protocol_violation');
  });

  it('a named last event is taken for the end, and a given text is asked for', async () => {
    await using server = await answering((_request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.end('data: a\n\nevent: end\ndata: b\n\n');
    });
    const { report } = await probeUrl(server.url);
    assert.deepEqual(report.terminal, { kind: 'event', event: 'end' });
    assert.deepEqual(targetOf(report.configuration).terminal, { kind: 'event', event: 'end' });
    const asked = (await probeUrl(server.url, { terminal: '[DONE]' })).report;
    assert.equal(asked.outcome, 'truncated');
  });

  it('what it looks like is told where it is not what was given', async () => {
    await using server = await answering((_request, response) => {
      response.setHeader('content-type', 'application/x-ndjson');
      response.end('{"a":1}\n{"a":2}\n');
    });
    const { report } = await probeUrl(server.url, { format: 'sse' });
    assert.equal(report.outcome, 'wrong_content_type');
    assert.deepEqual([report.format, report.looksLike?.format], ['sse', 'ndjson']);
    assert.equal(targetOf(report.configuration).format, 'ndjson');
    assert.match(report.notes.join(), /looks like ndjson/);
  });

  it('a redirect is not followed, and an answer in one piece is said to be one', async () => {
    await using server = await answering((request, response) => {
      if (request.url === '/json') {
        response.setHeader('content-type', 'application/json');
        response.end('{"choices":[]}');
      } else response.writeHead(302, { location: '/json?token=abcdef' }).end();
    });
    const redirect = (await probeUrl(server.url)).report;
    assert.equal(redirect.outcome, 'http_error');
    assert.match(
      redirect.notes.join(),
      /if you may send requests to http:\/\/127\.0\.0\.1:\d+\/json\?token=HIDDEN, probe it directly/,
    );
    assert.equal(server.requests.length, 1);
    const piece = (await probeUrl(`${server.url}json`)).report;
    assert.deepEqual([piece.format, piece.outcome], ['raw', 'complete']);
    assert.match(piece.notes.join(), /an answer in one piece/);
  });

  it('secrets are neither in the report nor in the text, also where the server gives them back', async () => {
    await using server = await answering((request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      const { authorization } = request.headers;
      response.end(`data: ${authorization} ${request.headers['x-api-key']}\u001b[31m\n\ndata: [DONE]\n\n`);
    });
    const flags = {
      header: ['Authorization: Bearer sk-typed-out-1234', `X-Api-Key: $\{env:THE_KEY}`, 'x-plain: shown'],
      body: '{"model":"m","stream":true,"api_key":"in-the-body"}',
    };
    const probed = await probeUrl(`${server.url}?api_key=in-the-url`, flags, {
      env: { THE_KEY: 'from-the-env' },
    });
    const all = JSON.stringify(probed.report) + probeText(probed);
    for (const secret of ['sk-typed-out-1234', 'from-the-env', 'in-the-body', 'in-the-url', '\u001b']) {
      assert.ok(!all.includes(secret), `${JSON.stringify(secret)} in ${all}`);
    }
    assert.equal(server.requests[0]!.headers.authorization, 'Bearer sk-typed-out-1234', 'it was sent');
    assert.match(probed.report.firstChunks[0]!.text, /^Bearer \[redacted\] \[redacted\]␛\[31m$/);
    const { headers, body, method } = targetOf(probed.report.configuration);
    assert.deepEqual(headers.authorization, ['Bearer ', { env: 'API_KEY' }]);
    assert.deepEqual(headers['x-api-key'], [{ env: 'THE_KEY' }]);
    assert.deepEqual(headers['x-plain'], ['shown']);
    assert.equal(method, 'POST');
    assert.equal(body!.json, true);
  });

  it('is refused where nothing allows it, before anything is sent and again when it is dialled', async () => {
    await using server = await answering((_request, response) => response.end('x'));
    const port = new URL(server.url).port;
    const away = { lookup: async () => [{ address: '192.0.2.1', family: 4 }] };
    await assert.rejects(
      probeUrl(`http://localhost:${port}/`, {}, away),
      (error) => error instanceof SoakError && error.code === 'TARGET_NOT_ALLOWED',
    );
    // A name that points elsewhere by the time it is dialled.
    const { report } = await probeUrl(
      `http://name.invalid:${port}/`,
      { allow: ['name.invalid'] },
      {
        network: {
          lookup: (_host, done) => done(null, [{ address: '192.0.2.1', family: 4 }]),
          connect: (options) => connect(options),
          secure: () => assert.fail('no TLS'),
        },
      },
    );
    assert.equal(report.outcome, 'connect_error');
    assert.match(report.detail!, /^ADDRESS_NOT_ALLOWED/);
    assert.equal(server.requests.length, 0);
  });

  it('explains what came until it is ended', async () => {
    await using server = await answering((_request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: a\n\ndata: b\n\n');
    });
    const abort = new AbortController();
    const probing = probeUrl(server.url, {}, { signal: abort.signal });
    setTimeout(() => abort.abort(), 300);
    const { report } = await probing;
    assert.deepEqual([report.outcome, report.result, report.chunks], ['cancelled', 'cancelled', 2]);
  });
});

describe('the text', () => {
  it('fits in 100 columns, but for what is pasted', async () => {
    await using server = await answering(async (_request, response) => {
      response.setHeader('content-type', `text/event-stream; charset=${'x'.repeat(200)}`);
      const long = `event: ${'name'.repeat(40)}\ndata: ${'日本語'.repeat(300)}\n\n`;
      await writeApart(response, ...Array.from({ length: 30 }, () => long), 'data: [DONE]\n\n');
      response.end();
    });
    const probed = await probeUrl(`${server.url}?${'long=path&'.repeat(30)}`);
    const text = probeText(probed);
    const shown = text.slice(0, text.indexOf('ready to paste'));
    for (const line of shown.split('\n')) {
      // Characters of two columns.
      const columns = [...line].reduce((sum, c) => sum + (/[日本語]/u.test(c) ? 2 : 1), 0);
      assert.ok(columns <= 100, `${columns} columns: ${line}`);
    }
    assert.match(shown, /▏|█/);
    assert.match(shown, /over time/);
  });
});
