import assert from 'node:assert/strict';
import { once } from 'node:events';
import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { type Served, serve } from '../../support/service.ts';

const HOST = 'host: 127.0.0.1\r\n';
const JSON_BODY = 'content-type: application/json\r\n';
const CHUNKS = '2\r\n{}\r\n0\r\n\r\n';
const post = (headers: string, body = '{}'): string =>
  `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_BODY}${headers}\r\n${body}`;

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Whether soakd closed the connection. */
  readonly closed: boolean;
}

describe('requests that HTTP does not allow', () => {
  let soak: Served;
  before(async () => {
    soak = await serve(`targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: 1, for: 1s }] } }
`);
  });
  after(() => soak?.stop());

  /** Returns the first final answer to bytes. @param closes whether to wait until soakd closes */
  async function ask(bytes: string, closes: boolean): Promise<Answer> {
    const socket = connect(soak.port, '127.0.0.1');
    let text = '';
    let closed = false;
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => {
      closed = true;
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(bytes, 'latin1');
    try {
      return await poll(`answer to ${JSON.stringify(bytes.slice(0, 120))}`, async () => {
        const answer = text.replace(/^HTTP\/1\.1 100 .*?\r\n\r\n/s, '');
        const [head = '', ...rest] = answer.split('\r\n\r\n');
        if (closes ? !closed : rest.length === 0) return undefined;
        // The body may come in another read than the head.
        if (!closes) await sleep(50);
        return { status: Number(head.slice(9, 12)), head, body: answer.slice(head.length + 4), closed };
      });
    } finally {
      socket.destroy();
    }
  }

  function assertProblem({ status, head, body }: Answer, expected: number): void {
    assert.equal(status, expected, `${head}\n${body}`);
    assert.match(head, /^content-type: application\/problem\+json/im);
    assert.match(head, /^x-content-type-options: nosniff/im);
    const problem = JSON.parse(body) as { status: number; code: string; detail: string };
    assert.deepEqual([problem.status, problem.code], [expected, 'USAGE']);
    assert.notEqual(problem.detail, '');
  }

  const closing: readonly [what: string, bytes: string, status: number][] = [
    [
      'two Transfer-Encoding headers',
      post('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', CHUNKS),
      400,
    ],
    [
      'Transfer-Encoding identity before chunked',
      post('transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n', CHUNKS),
      400,
    ],
    [
      'Transfer-Encoding chunked before identity',
      post('transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', CHUNKS),
      400,
    ],
    ['Transfer-Encoding: gzip, chunked', post('transfer-encoding: gzip, chunked\r\n', CHUNKS), 400],
    [
      'Transfer-Encoding and Content-Length',
      post('transfer-encoding: chunked\r\ncontent-length: 2\r\n', CHUNKS),
      400,
    ],
    [
      'Content-Length and Transfer-Encoding',
      post('content-length: 2\r\ntransfer-encoding: chunked\r\n', CHUNKS),
      400,
    ],
    [
      'Transfer-Encoding in HTTP/1.0',
      post('transfer-encoding: chunked\r\n', CHUNKS).replace('1.1', '1.0'),
      400,
    ],
    [
      'Transfer-Encoding after 2100 other headers',
      post(`${'a:\r\n'.repeat(2100)}transfer-encoding: gzip, chunked\r\n`, CHUNKS),
      400,
    ],
    ['another expectation', post('expect: something\r\ncontent-length: 2\r\n'), 417],
    ['an expectation of a GET', `GET /-/healthy HTTP/1.1\r\n${HOST}expect: x\r\n\r\n`, 417],
    ['no Host', 'GET /-/healthy HTTP/1.1\r\n\r\n', 400],
    ['two Hosts', `GET /api/v1/status HTTP/1.1\r\n${HOST}host: other.invalid\r\n\r\n`, 400],
    ['HTTP/0.9', 'GET /-/healthy\r\n\r\n', 400],
    ['HTTP/1.2', `GET /-/healthy HTTP/1.2\r\n${HOST}\r\n`, 400],
    ['HTTP/2.0', `GET /-/healthy HTTP/2.0\r\n${HOST}\r\n`, 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a URL of another host', `GET http://other.invalid/-/healthy HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a URL without a path', `GET * HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a fragment', `GET /metrics#a HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['headers of more than 16 KiB', `GET /metrics HTTP/1.1\r\n${HOST}a: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
    ['CONNECT', `CONNECT 127.0.0.1:80 HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['CONNECT to a route', `CONNECT /metrics HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['a method that HTTP does not have', `BREW /metrics?a=b HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['a method in small letters', `get /api/v1/runs/r-1 HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['a method that HTTP does not have, elsewhere', `BREW /nothing HTTP/1.1\r\n${HOST}\r\n`, 400],
  ];
  for (const [what, bytes, status] of closing)
    it(`${what} is ${status}, a problem, and ends the connection`, async () => {
      const answer = await ask(bytes, true);
      assertProblem(answer, status);
      assert.equal(/^allow: \S/im.test(answer.head), status === 405, answer.head);
      assert.equal(answer.head.match(/^HTTP/gm)?.length, 1);
      assert.doesNotMatch(answer.body, /HTTP\/1\.1 200/);
    });

  const others: readonly [what: string, bytes: string, status: number][] = [
    ['an encoding that no character has', `GET /api/v1/runs/%ff HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['an encoding that is none', `GET /api/v1/runs/%zz HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a slash at the end', `GET /metrics/ HTTP/1.1\r\n${HOST}\r\n`, 404],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 404],
    ['a long URL', `GET /metrics?${'a'.repeat(3000)} HTTP/1.1\r\n${HOST}\r\n`, 414],
    ['a compressed body', post('content-encoding: gzip\r\ncontent-length: 2\r\n'), 415],
    ['a body of another type', post('content-length: 2\r\n').replace('application/json', 'text/plain'), 415],
    [
      'an encoded path and another method',
      `DELETE http://127.0.0.1/%2d/healthy HTTP/1.1\r\n${HOST}\r\n`,
      405,
    ],
    [
      'a body of another type and another method',
      `POST /metrics HTTP/1.1\r\n${HOST}content-type: text/plain\r\ncontent-length: 2\r\n\r\n{}`,
      405,
    ],
  ];
  for (const [what, bytes, status] of others)
    it(`${what} is ${status}, and a problem`, async () => {
      const answer = await ask(bytes, false);
      assertProblem(answer, status);
      assert.equal(/^allow: \S/im.test(answer.head), status === 405, answer.head);
    });

  for (const [what, bytes] of [
    ['the absolute form', `GET http://127.0.0.1/-/healthy?a=b HTTP/1.1\r\n${HOST}\r\n`],
    ['HTTP/1.0 without Host', 'GET /-/healthy HTTP/1.0\r\n\r\n'],
    ['an offer to upgrade', `GET /-/healthy HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: h2c\r\n\r\n`],
    ['an expectation of 100', `GET /-/healthy HTTP/1.1\r\n${HOST}expect: 100-continue\r\n\r\n`],
    ['an encoded path', `GET /%2d/healthy HTTP/1.1\r\n${HOST}\r\n`],
  ] as const)
    it(`${what} is allowed`, async () => assert.equal((await ask(bytes, false)).status, 200));

  it('every other method on a path is 405 with Allow, whatever it carries', async () => {
    const document = (await (await fetch(`${soak.url}/api/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    for (const [path, operations] of Object.entries(document.paths)) {
      const known = Object.keys(operations).map((method) => method.toUpperCase());
      if (known.includes('GET')) known.push('HEAD');
      const unknown = [...METHODS, 'BREW'].filter((method) => !known.includes(method));
      const answers = await Promise.all(
        unknown.map((method) =>
          ask(
            `${method} ${path.replace('{id}', 'r-1')} HTTP/1.1\r\n${HOST}connection: close\r\ncontent-type: x\r\ncontent-length: 1\r\n\r\n{`,
            true,
          ),
        ),
      );
      for (const [i, { status, head }] of answers.entries()) {
        const at = `${unknown[i]} ${path}\n${head}`;
        // Many methods at once are more than one client may ask for.
        if (status === 429) continue;
        assert.equal(status, 405, at);
        const allow = /^allow: (.*)$/im.exec(head)?.[1]?.trim().split(', ').sort();
        if (unknown[i] !== 'CONNECT') assert.deepEqual(allow, known.sort(), at);
      }
      assert.ok(answers.filter(({ status }) => status === 405).length >= 5, `${path}: hardly any was asked`);
      // Until there is room for the next path: a rate of 10 a second, and bursts of 20.
      await sleep(2000);
    }
  });

  it('the OpenAPI document has the refusals of all requests', async () => {
    const document = (await (await fetch(`${soak.url}/api/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, { responses }] of Object.entries(operations)) {
        const expected = ['400', '408', '414', '417', '431', ...(method === 'get' ? [] : ['413', '415'])];
        for (const status of expected) assert.ok(status in responses, `${method} ${path}: ${status}`);
      }
  });
});
