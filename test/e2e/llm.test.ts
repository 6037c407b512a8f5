import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type Served, serve } from '../../support/service.ts';

/** Answers with ten words and says that they were 40 tokens; every third request is told to come back later. */
function api() {
  const prompts: string[] = [];
  let n = 0;
  const read = async (request: IncomingMessage) => {
    let text = '';
    for await (const piece of request) text += piece;
    return text;
  };
  const server = createServer(async (request, response) => {
    prompts.push(JSON.parse(await read(request)).messages[0].content);
    if (++n % 3 === 0) {
      response.writeHead(429, { 'retry-after': '1' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (data: object) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    event({ choices: [{ index: 0, delta: { role: 'assistant' } }] });
    for (let i = 0; i < 10; i++)
      event({ choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] });
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    event({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 40 } });
    response.end('data: [DONE]\n\n');
  });
  return { server, prompts };
}

describe('an LLM API', () => {
  const { server, prompts } = api();
  let service: Served;
  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    service = await serve(`
targets:
  - name: model
    url: "http://127.0.0.1:${port}/v1/chat/completions"
    body: { model: m, stream: true, messages: [{ role: user, content: "{{prompt}}" }] }
    prompts: ["say \\"hi\\"", "Zeile\\nzwei"]
    format: openai-chat
scenarios:
  streams: { target: model, thinkTime: 20ms, stages: [{ users: 5, for: 60s }], budget: { streams: 17 } }
  tokens:
    target: model
    thinkTime: 20ms
    stages: [{ users: 2, for: 60s }]
    budget: { cost: 0.001, prices: { input: 1, output: 2 } }
`);
  });
  after(async () => {
    await service?.stop();
    server.closeAllConnections();
    server.close();
  });

  it('a budget of streams is kept exactly; the run drains and says so', async () => {
    await service.startRun('streams');
    const { endReason, streams } = await service.finished(60_000);
    assert.equal(endReason, 'budget_spent');
    assert.equal(streams.started, 17);
    assert.equal(streams.finished.complete! + streams.finished.http_error!, 17);
    assert.equal(streams.finished.cancelled, 0);
    assert.deepEqual([...new Set(prompts)].sort(), ['Zeile\nzwei', 'say "hi"']);
  });

  it('Retry-After is waited for, and the waiting is counted', async () => {
    const scrape = await service.scrape();
    const refused = scrape.sum('soak_responses_total', 'code="429"');
    assert.ok(refused >= 5, `${refused} refused`);
    // Whoever was still waiting when the budget was spent had no second to wait.
    assert.ok(scrape.sum('soak_backoff_seconds_total') >= refused - 5, 'a second and more each');
  });

  it('a budget of cost ends the run too, by the usage that the target reports', async () => {
    const { last } = await service.status();
    await service.startRun('tokens');
    const summary = await service.finished(60_000);
    assert.notEqual(summary.run, last!.run);
    assert.equal(summary.endReason, 'budget_spent');
    const usage = summary.usage as { inputTokens: number; outputTokens: number; cost: number };
    assert.equal(usage.outputTokens, 40 * summary.streams.finished.complete!);
    assert.equal(usage.inputTokens, 20 * summary.streams.finished.complete!);
    assert.ok(usage.cost >= 0.001);
  });
});

describe('a budget of cost that cannot count', () => {
  const run = async (target: string, budget: string) => {
    const service = await serve(`
targets:
  - ${target}
scenarios:
  s: { target: model, stages: [{ users: 3, for: 60s }], budget: ${budget} }
`);
    try {
      await service.startRun('s');
      return { summary: await service.finished(60_000), output: service.program.output };
    } finally {
      await service.stop();
    }
  };
  const COST = '{ cost: 1, prices: { input: 1, output: 2 } }';

  it('ends after the first complete stream without usage, with the advice how to get it', async () => {
    const { summary, output } = await run(
      '{ name: model, simulator: { preset: quick, format: openai-chat } }',
      COST,
    );
    assert.equal(summary.endReason, 'usage_not_reported');
    // Once a second soakd looks; the run would have made about a thousand.
    assert.ok(summary.streams.started < 100, `${summary.streams.started} started`);
    assert.match(output, /stream_options: \{ include_usage: true \}/);
    const { outputTokens, estimatedOutputTokens } = summary.usage as Record<string, number>;
    assert.ok(outputTokens! > 0 && outputTokens === estimatedOutputTokens, 'all of it is an estimate');
  });

  it('keeps running where the usage is asked for', async () => {
    const { summary } = await run(
      '{ name: model, simulator: { preset: quick, format: openai-chat }, body: { stream_options: { include_usage: true } } }',
      '{ cost: 0.0005, prices: { input: 1, output: 2 } }',
    );
    assert.equal(summary.endReason, 'budget_spent');
    assert.equal((summary.usage as Record<string, number>).estimatedOutputTokens, 0);
  });

  it('a target that reports a million tokens less than none makes no budget endless', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        'data: {"choices":[{"index":0,"delta":{"content":"hello"},"finish_reason":"stop"}]}\n\n' +
          'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":-1000000}}\n\ndata: [DONE]\n\n',
      );
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    try {
      const { summary } = await run(
        `{ name: model, url: "http://127.0.0.1:${port}/", format: openai-chat }`,
        '{ outputTokens: 40 }',
      );
      assert.equal(summary.endReason, 'budget_spent');
      const { outputTokens, ignoredTokenReports } = summary.usage as Record<string, number>;
      assert.equal(outputTokens, 2 * summary.streams.finished.complete!);
      assert.equal(ignoredTokenReports, summary.streams.finished.complete);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
