import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { soakd } from '../../support/process.ts';
import { simulate } from '../../support/simulator.ts';
import { receive } from './client.ts';

describe('soakd simulate', () => {
  it('does what its flags say, and can be changed', async (t) => {
    const simulator = await simulate([
      '--preset=quick',
      '--fault=http503=100%',
      '--retry-after',
      '2s',
      '--format=ollama',
    ]);
    t.after(() => simulator.stop());
    const refused = await receive(`${simulator.url}/`);
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '2']);
    const changed = await fetch(`${simulator.url}/control`, { method: 'PATCH', body: '{"faults": null}' });
    assert.equal(changed.status, 200);
    const got = await receive(`${simulator.url}/`);
    assert.deepEqual([got.status, got.headers['content-type']], [200, 'application/x-ndjson']);
    const wrong = await fetch(`${simulator.url}/control`, { method: 'PATCH', body: '{"fault": {}}' });
    assert.equal(wrong.status, 422);
    assert.match(((await wrong.json()) as { title: string }).title, /did you mean "faults"\?$/);
  });

  it('says what is wrong with its flags as other commands do, with exit code 2', async () => {
    const program = soakd(['simulate', '--fault', 'truncat=5%', '--seed', 'x', '--behaviour', 'leak: 5']);
    assert.deepEqual(await program.ended(30_000), { code: 2, signal: null });
    const lines = program.stderr.text.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(': found')[0]),
      ['soakd: --seed', 'soakd: --fault', 'soakd: --behaviour'],
    );
  });
});
