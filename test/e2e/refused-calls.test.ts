import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { type Served, serve } from '../../support/service.ts';

const TOKENS = { read: 'planted-read-0123456789', operate: 'planted-operate-0123456789' };

let soak: Served;
before(async () => {
  soak = await serve(
    `serve:
  tokens:
    - { name: looking, role: read, token: "\${env:REFUSED_READ}" }
    - { name: changing, role: operate, token: "\${env:REFUSED_OPERATE}" }
  metrics: open
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: 1, for: 1s }] } }
limits: { maxUsers: 10 }
`,
    { REFUSED_READ: TOKENS.read, REFUSED_OPERATE: TOKENS.operate },
  );
});
after(() => soak?.stop());

interface Line {
  readonly msg: string;
  readonly level: string;
  readonly status: number;
  readonly suppressed?: number;
}

const lines = (): Line[] =>
  soak.program.stderr.text
    .split('\n')
    .filter((line) => line.includes('"msg":"request refused"'))
    .map((line) => JSON.parse(line) as Line);

const call = async (token: string | undefined, method: string, path: string, body?: object) =>
  (
    await fetch(soak.url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  ).status;

it('refused API calls leave a line with who tried what, without the token', async () => {
  const run = '/api/v1/runs';
  assert.equal(await call(undefined, 'GET', '/api/v1/status?token=planted-query'), 401);
  assert.equal(await call('planted-wrong-0123456789', 'POST', run, { scenario: 'demo' }), 401);
  assert.equal(await call(TOKENS.read, 'POST', run, { scenario: 'demo' }), 403);
  assert.equal(await call(TOKENS.operate, 'POST', `${run}/current/stop`), 409);
  assert.equal(await call(TOKENS.operate, 'POST', run, { scenario: 'demo', users: 1000 }), 422);
  assert.equal(await call(TOKENS.operate, 'POST', run, { scenario: 'demo', nonsense: 1 }), 400);
  await poll('lines', () => lines().length >= 5 || undefined);
  const facts = lines().map(({ level, ...line }) => {
    const { method, path, status, code, by, address } = line as unknown as Record<string, unknown>;
    assert.ok(String(level).includes('warn') || Number(level) === 40, String(level));
    return [method, path, status, code, by, address];
  });
  assert.deepEqual(facts, [
    ['GET', '/api/v1/status', 401, 'UNAUTHORIZED', undefined, '127.0.0.1'],
    ['POST', run, 401, 'UNAUTHORIZED', undefined, '127.0.0.1'],
    ['POST', run, 403, 'FORBIDDEN', 'looking', '127.0.0.1'],
    ['POST', `${run}/current/stop`, 409, 'NO_RUN', 'changing', '127.0.0.1'],
    ['POST', run, 422, 'LIMIT_EXCEEDED', 'changing', '127.0.0.1'],
  ]);
  assert.doesNotMatch(soak.program.output, /planted/);
});

it('a flood of refused calls leaves a bounded number of lines', async () => {
  const before = lines().length;
  for (let i = 0; i < 200; i++) await call(undefined, 'GET', '/api/v1/status');
  assert.ok(lines().length - before < 100, `${lines().length - before} lines`);
  // After the flood, the next line says how many are missing.
  await poll(
    'a line with a count',
    async () => {
      await call(undefined, 'GET', '/api/v1/status');
      return lines().some(({ suppressed }) => suppressed !== undefined && suppressed > 50) || undefined;
    },
    { everyMs: 1000 },
  );
});
