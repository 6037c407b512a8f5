import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { faultOfName } from '../../src/config/schema/scalars.ts';
import { readSource } from '../../src/config/source.ts';
import { nameFor } from '../../src/probe/configuration.ts';
import { soakd } from '../../support/process.ts';
import { answering, probeUrl } from './probing.ts';

const EVENTS = 'data: a\n\ndata: b\n\ndata: [DONE]\n\n';

const answer =
  (body: string | Buffer, headers: Record<string, string>): RequestListener =>
  (_, response) => {
    response.writeHead(200, headers);
    // In two writes: no content-length is added.
    response.write(body);
    response.end();
  };

describe('a probe suggests no target where the answer is no stream', () => {
  const json = { 'content-type': 'application/json' };
  const events = { 'content-type': 'text/event-stream' };
  const cases: readonly (readonly [string, string | Buffer, Record<string, string>])[] = [
    ['a JSON object', '{"a":1}', json],
    ['a JSON array', '[{"a":1},\n{"a":2}]', json],
    ['a long JSON object', JSON.stringify({ a: 'x'.repeat(40_000) }), json],
    ['a JSON object that is called an event stream', '{"a":1}', events],
    ['events in gzip', gzipSync(EVENTS), { ...events, 'content-encoding': 'gzip' }],
    ['a JSON object in gzip', gzipSync('{"a":1}'), { ...json, 'content-encoding': 'gzip' }],
    ['a text whose length is known', 'hello', { 'content-type': 'text/plain', 'content-length': '5' }],
    ['nothing', '', { 'content-type': 'text/plain' }],
  ];
  for (const [what, body, headers] of cases)
    it(what, async () => {
      await using server = await answering(answer(body, headers));
      assert.equal((await probeUrl(server.url)).report.configuration, null);
    });

  it('and one where it is one, or the format was given', async () => {
    await using server = await answering(answer(EVENTS, events));
    assert.match((await probeUrl(server.url)).report.configuration!, /format: sse/);
    await using document = await answering(answer('{"a":1}', json));
    const { report } = await probeUrl(document.url, { format: 'raw' });
    assert.match(report.configuration!, /format: raw/);
  });
});

describe('names of suggested targets', () => {
  it('are those of host, port and path', () => {
    for (const [url, name] of [
      ['http://127.0.0.1:9877/v1/chat/completions', '127.0.0.1-9877-v1-chat-completions'],
      ['https://llm.example.com/', 'llm.example.com'],
      ['https://LLM.example.com/v1/messages?key=planted', 'llm.example.com-v1-messages'],
      ['http://[::1]:8000/', 'ipv6-1-8000'],
    ] as const)
      assert.equal(nameFor(new URL(url)), name);
  });

  it('are names that a configuration accepts, whatever the URL', () =>
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true }), (url) =>
        assert.equal(faultOfName(nameFor(new URL(url))), undefined),
      ),
    ));

  it('do not collide when two probes of one server are pasted into one file', async () => {
    await using server = await answering(answer(EVENTS, { 'content-type': 'text/event-stream' }));
    const probed = [await probeUrl(server.url), await probeUrl(`${server.url}sse`)];
    const [a, b] = probed.map(({ report }) => readSource(report.configuration!, '').data as Pasted);
    const both = {
      targets: [...a!.targets, ...b!.targets],
      scenarios: { ...a!.scenarios, ...b!.scenarios },
    };
    const { targets, scenarios } = parseConfig(stringify(both), { file: 'both' });
    assert.equal(targets.length, 2);
    assert.equal(Object.keys(scenarios).length, 2);
  });

  it('are those of --name, which must be a name', async () => {
    await using server = await answering(answer(EVENTS, { 'content-type': 'text/event-stream' }));
    const program = soakd(['probe', server.url, '--name', 'mine']);
    assert.equal((await program.ended(30_000)).code, 0, program.output);
    assert.match(program.stdout.text, /- name: mine\n[\s\S]*\n {2}mine:\n {4}target: mine\n/);
    const wrong = soakd(['probe', server.url, '--name', 'not mine']);
    assert.equal((await wrong.ended(30_000)).code, 2);
    assert.match(wrong.stderr.text, /--name.*found the name "not mine", expected a name of at most 63/);
  });
});

interface Pasted {
  readonly targets: readonly object[];
  readonly scenarios: Readonly<Record<string, object>>;
}
