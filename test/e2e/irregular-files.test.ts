import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { soakd } from '../support/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const FIFO = join(folder, 'fifo');
execFileSync('mkfifo', [FIFO]);

const KINDS = [
  [FIFO, 'a named pipe'],
  ['/dev/zero', 'a device'],
  [folder, 'a directory'],
] as const;

async function validate(file: string, wanted: RegExp, name: string): Promise<void> {
  const program = soakd(['validate', file]);
  try {
    assert.equal((await program.ended(30_000)).code, 2, program.output);
    assert.match(program.stderr.text, wanted, name);
  } finally {
    program.killAll();
  }
}

for (const [path, kind] of KINDS) {
  it(`${kind} is refused as a configuration`, () => validate(path, new RegExp(`found ${kind}`), kind));

  for (const [what, written, wanted] of [
    ['a file of prompts', `body: '{{prompt}}', prompts: { file: ${path} }`, new RegExp(`which is ${kind}`)],
    ['a secret', `auth: { bearer: '\${file:${path}}' }`, /\$\{file:/],
  ] as const)
    it(`${kind} is refused as ${what}`, async () => {
      const file = join(folder, `${kind}-${what}.yaml`.replaceAll(' ', '-'));
      writeFileSync(
        file,
        `targets: [{ name: t, url: 'http://127.0.0.1:9/', method: POST, ${written} }]
scenarios: { a: { target: t, stages: [{ users: 1, for: 1m }] } }
`,
      );
      await validate(file, wanted, kind);
    });
}
