import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { soakd } from '../../support/process.ts';
import { PATIENT, serve } from '../../support/service.ts';

const REST = `
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: 1, for: 1s }] } }
`;
const WITH_TOKENS = `
serve:
  tokens:
    - { name: looking, role: read, token: "$\{file:token}" }
    - { name: changing, role: operate, token: "$\{env:LISTENING_TOKEN}" }
${REST}`;
const OPERATE = 'planted-operate-0123456789';

describe('soakd serve', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-listening-'));
    await writeFile(join(folder, 'open.yaml'), REST);
    await writeFile(join(folder, 'short.yaml'), WITH_TOKENS);
    await writeFile(join(folder, 'token'), 'planted-short\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [what, file, flags, told] of [
    ['listens nowhere but on loopback without tokens', 'open.yaml', ['--host', '0.0.0.0'], /expected tokens/],
    [
      'takes no short token',
      'short.yaml',
      [],
      /found 13 characters in \$\{file:.*token\}, expected 16 to 512/,
    ],
  ] as const) {
    it(`${what}: exit code 2`, async () => {
      const program = soakd(['serve', '--config', join(folder, file), '--port', '0', ...flags], {
        env: { LISTENING_TOKEN: OPERATE },
      });
      const { code } = await program.ended(30_000);
      assert.equal(code, 2, program.output);
      assert.match(program.output, told);
      assert.doesNotMatch(program.output, /planted|"msg":"listening"|\n\s+at /);
    });
  }

  it('asks for a token, and for the new one once its configuration is read again', async () => {
    const soak = await serve(WITH_TOKENS.replace('file:token', 'env:LISTENING_READ'), {
      LISTENING_READ: 'planted-read-0123456789',
      LISTENING_TOKEN: OPERATE,
    });
    try {
      const get = (path: string, token?: string): Promise<Response> =>
        fetch(soak.url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
      const statuses = await Promise.all([
        get('/-/ready'),
        get('/metrics'),
        get('/api/v1/status'),
        get('/api/v1/status', 'planted-wrong-0123456789'),
        get('/api/v1/status', 'planted-read-0123456789'),
      ]);
      assert.deepEqual(
        statuses.map((r) => r.status),
        [200, 401, 401, 401, 200],
      );
      const token = join(folder, 'new');
      await writeFile(token, 'planted-new-0123456789\n');
      await writeFile(soak.file, WITH_TOKENS.replace('file:token', `file:${token}`) + PATIENT);
      const reload = await fetch(`${soak.url}/-/reload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${OPERATE}` },
      });
      assert.equal(reload.status, 200);
      assert.deepEqual(((await reload.json()) as { applied: string[] }).applied, [
        'serve.tokens: looking changed',
      ]);
      assert.equal((await get('/api/v1/status', 'planted-read-0123456789')).status, 401);
      assert.equal((await get('/api/v1/status', 'planted-new-0123456789')).status, 200);

      await writeFile(soak.file, REST.replace('users: 1', 'users: none'));
      const refused = await fetch(`${soak.url}/-/reload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${OPERATE}` },
      });
      assert.equal(refused.status, 422);
      assert.match(await refused.text(), /stages\[0\]\.users/);
      assert.equal(
        (await get('/api/v1/status', 'planted-new-0123456789')).status,
        200,
        'nothing has changed',
      );
    } finally {
      await soak.stop();
    }
    assert.doesNotMatch(soak.program.output, /planted/);
  });
});
