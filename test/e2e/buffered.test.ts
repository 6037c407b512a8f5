/** Whether a response was streamed, against servers and proxies that do or do not hold it back. */
import assert from 'node:assert/strict';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../../support/needs.ts';
import { startNginx } from '../../support/nginx.ts';
import { soakd } from '../../support/process.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';

const STREAMS = 6;

const WARNING =
  /- target: 6 of 6 responses arrived all at once at their end, so something on the way buffers them/;

interface Summary {
  readonly streams: { readonly finished: Readonly<Record<string, number>> };
  readonly buffered: { readonly streams: number; readonly of: number };
}

/** A few streams of one target. @returns the summary, and its text */
async function load(url: string, ...flags: string[]): Promise<{ summary: Summary; text: string }> {
  const run = async (...last: string[]) => {
    const base = ['--target', url, '--users', '3', '--for', '20s', '--max-streams', String(STREAMS)];
    const program = soakd(['run', ...base, '--max-measurement-lag', '10s', ...flags, ...last]);
    await program.ended(60_000);
    return program;
  };
  const [json, plain] = [await run('--json'), await run()];
  const summary = JSON.parse(json.stdout.lines.at(-1)!) as Summary;
  assert.equal(summary.streams.finished.complete, STREAMS, json.output);
  return { summary, text: plain.output };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}

/** A server whose answers are events of a format. */
async function answering(answer: (response: ServerResponse) => void | Promise<void>) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    void answer(response);
  });
  return { url: await listen(server), close: () => close(server) };
}

/** A proxy that passes nothing on before it has all of it. */
async function holding(to: number) {
  const server = createServer((asked, response) => {
    const { url: path, method, headers } = asked;
    const onward = request({ port: to, host: '127.0.0.1', path, method, headers }, async (answer) => {
      const all: Buffer[] = [];
      for await (const bytes of answer) all.push(bytes as Buffer);
      response.writeHead(answer.statusCode!, { 'content-type': answer.headers['content-type'] });
      response.end(Buffer.concat(all));
    });
    asked.pipe(onward);
  });
  return { url: await listen(server), close: () => close(server) };
}

describe('a response that is streamed, and one that is held back', () => {
  let simulator: Simulated;
  before(async () => {
    // 0.1 s to the first of 20 chunks, half a second for all of them.
    simulator = await simulate([
      '--preset=quick',
      '--ttfb=100ms',
      '--gap=25ms',
      '--chunks=20',
      '--characters=40',
    ]);
  });
  after(() => simulator.stop());

  it('streams of the simulator are not buffered', async () => {
    const { summary, text } = await load(`${simulator.url}/`, '--terminal', '[DONE]');
    assert.deepEqual(summary.buffered, { streams: 0, of: STREAMS });
    assert.doesNotMatch(text, /buffered|batched/);
  });

  it('the same streams through a proxy that holds them back are all buffered, and the summary warns', async () => {
    const proxy = await holding(simulator.port);
    try {
      const { summary, text } = await load(proxy.url, '--terminal', '[DONE]');
      assert.deepEqual(summary.buffered, { streams: STREAMS, of: STREAMS });
      assert.match(text, WARNING);
    } finally {
      proxy.close();
    }
  });

  it('answers of the simulator without delay are not buffered: they were made at once', async () => {
    const fast = await simulate(['--preset=quick', '--ttfb=0ms', '--gap=0ms', '--chunks=50']);
    try {
      const { summary } = await load(`${fast.url}/`, '--terminal', '[DONE]');
      assert.deepEqual(summary.buffered, { streams: 0, of: STREAMS });
    } finally {
      await fast.stop();
    }
  });

  it('100 KB in one piece after half a second are one chunk, and can show nothing', async () => {
    const server = await answering(async (response) => {
      await sleep(500);
      response.end(`data: ${'x'.repeat(100_000)}\n\ndata: [DONE]\n\n`);
    });
    try {
      const { summary } = await load(server.url, '--terminal', '[DONE]');
      assert.deepEqual(summary.buffered, { streams: 0, of: 0 });
    } finally {
      server.close();
    }
  });

  it('short answers of Anthropic that come at once after half a second can show nothing', async () => {
    const event = (value: { type: string }) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
    const delta = (text: string) =>
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as {
        type: string;
      });
    const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
    const stop = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } };
    const server = await answering(async (response) => {
      await sleep(500);
      response.end(
        event({ type: 'message_start' }) +
          event(start) +
          ['Yes', '.', ' Of', ' course', '.'].map(delta).join('') +
          event({ type: 'content_block_stop', index: 0 } as { type: string }) +
          event(stop) +
          event({ type: 'message_stop' }),
      );
    });
    try {
      const { summary } = await load(server.url, '--format', 'anthropic');
      assert.deepEqual(summary.buffered, { streams: 0, of: 0 });
    } finally {
      server.close();
    }
  });

  describe('Nginx of Debian with gzip on', { skip: needs('nginx') }, () => {
    /** Twenty events in half a second, each with so many characters, by HTTP/1.0 too. @returns what was buffered */
    async function through(
      characters: number,
      directives?: string,
    ): Promise<Awaited<ReturnType<typeof load>>> {
      const server = await answering(async (response) => {
        for (let n = 0; n < 20; n++) {
          await sleep(n === 0 ? 100 : 25);
          response.write(`data: ${'x'.repeat(characters)}\n\n`);
        }
        response.end('data: [DONE]\n\n');
      });
      const nginx = await startNginx(Number(new URL(server.url).port), directives);
      try {
        return await load(nginx.url, '--terminal', '[DONE]');
      } finally {
        await nginx.stop();
        server.close();
      }
    }

    it('as it comes (HTTP/1.0 to the server) it holds back an answer that fits its buffer', async () => {
      const { summary, text } = await through(40);
      assert.deepEqual(summary.buffered, { streams: STREAMS, of: STREAMS });
      assert.match(text, WARNING);
    });

    it('as it comes it passes on chunks that are larger than its buffer: they are not buffered', async () => {
      const { summary } = await through(20_000);
      assert.deepEqual(summary.buffered, { streams: 0, of: STREAMS });
    });

    it('with HTTP/1.1 to the server it passes on every chunk, though proxy_buffering is on', async () => {
      const { summary } = await through(40, 'proxy_http_version 1.1;');
      assert.deepEqual(summary.buffered, { streams: 0, of: STREAMS });
    });

    it('with proxy_buffering off it streams', async () => {
      const { summary } = await through(40, 'proxy_buffering off;');
      assert.deepEqual(summary.buffered, { streams: 0, of: STREAMS });
    });
  });
});
