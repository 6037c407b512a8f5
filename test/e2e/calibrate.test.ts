import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { soakd } from '../../support/process.ts';

describe('soakd calibrate', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'soakd-calibrate-'));
    file = join(folder, 'soakd.yaml');
    writeFileSync(
      file,
      `
maxMeasurementLag: 10s
allow: [llm.invalid]
targets:
  - { name: far, url: "https://llm.invalid/v1", format: openai-chat, auth: { bearer: "\${env:NO_SUCH_KEY}" } }
  - { name: near, simulator: { preset: quick, faults: { reset: 100% } } }
scenarios:
  both:
    targets: [{ name: far, weight: 1 }, { name: near, weight: 1 }]
    stages: [{ users: 20, for: 10h }]
`,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it('holds more and more streams here, needs no secret, and says whether they are enough', async () => {
    const program = soakd(['calibrate', '--config', file, '--most', '20', '--json']);
    const { code } = await program.ended(60_000);
    assert.equal(code, 0, program.output);
    const { asked, streams, more, held } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.deepEqual([asked, streams, more], [20, 20, true]);
    assert.ok(held[0].measurementErrorMs.count > 100 && held[0].cpu > 0, JSON.stringify(held));
    assert.match(program.stderr.text, /far: pace of the preset seed/);
    assert.match(program.stderr.text, /far: excludes the cost of TLS/);
  });

  it('is inconclusive where --most ends the search below what the scenario asks for, and says so', async () => {
    const program = soakd(['calibrate', '--config', file, '--most', '5']);
    assert.equal((await program.ended(60_000)).code, 5, program.output);
    assert.match(program.stdout.text, /^5 and perhaps more streams with .*; the scenario has 20$/m);
    assert.match(program.stdout.text, /^--most ended the search at 5: raise it to 20 or more$/m);
  });

  it('tries at least one stream', async () => {
    const program = soakd(['calibrate', '--config', file, '--most', '0']);
    assert.equal((await program.ended()).code, 2);
    assert.match(program.stderr.text, /found "0", expected a whole number of at least 1/);
  });

  it('knows its scenarios', async () => {
    const program = soakd(['calibrate', 'nothing', '--config', file]);
    assert.equal((await program.ended()).code, 2);
    assert.match(program.stderr.text, /there is no scenario "nothing"; there are both/);
  });
});
