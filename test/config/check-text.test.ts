import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkText } from '../../src/config/check-thread.ts';

const GOOD = `targets:
  - { name: a, url: "http://127.0.0.1:1/", prompts: { file: FILE }, method: POST, body: { p: "{{prompt}}" }, headers: { x-key: "\${file:/etc/passwd}" } }
scenarios: { demo: { target: a, stages: [{ users: 1, for: 1s }] } }
`;

describe('the check of a text', () => {
  it('names what a valid text has', async () => {
    for (const file of ['prompts.txt', 'prompts.json', 'prompts.jsonl']) {
      const { targets, scenarios, lines } = await checkText(GOOD.replace('FILE', file));
      assert.deepEqual([targets, scenarios, lines], [['a'], ['demo'], []]);
    }
  });

  it('reads no file and no secret', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soakd-check-'));
    try {
      // A file that would be an issue, as would be one that is not there.
      writeFileSync(join(folder, 'empty.txt'), '');
      for (const name of ['empty.txt', 'missing.txt'])
        assert.deepEqual((await checkText(GOOD.replace('FILE', join(folder, name)))).lines, []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names each issue at its line', async () => {
    const { targets, lines } = await checkText(GOOD.replace('url:', 'urll:').replace('1s', '1'));
    assert.deepEqual(targets, []);
    assert.deepEqual(
      lines.map((line) => /^configuration:(\d+):\d+:? .*found /.exec(line)?.[1]),
      ['2', '3'],
      lines.join('\n'),
    );
    for (const text of ['', 'a: [', '\0', 'a: &x [*x, *x]'])
      assert.ok((await checkText(text)).lines.length > 0, JSON.stringify(text));
  });
});
