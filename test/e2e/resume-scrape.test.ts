import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';
import { Scrape } from '../../support/service.ts';
import { simulate } from '../../support/simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-resume-scrape-'));
after(() => rmSync(folder, { recursive: true, force: true }));

it('a scrape does not wait for a resume that waits for a token, and no counter falls', async () => {
  const simulator = await simulate(['--preset=quick']);
  const file = join(folder, 'soakd.yaml');
  const held = join(folder, 'held');
  // The program that prints the token does not end while the file is there.
  const command = `while [ -e '${held}' ]; do sleep 0.1; done; echo token-of-a-test`;
  writeFileSync(
    file,
    `serve: { start: soak }
maxMeasurementLag: 10s
targets:
  - { name: app, url: "${simulator.url}/", terminal: "[DONE]", auth: { bearer: { command: [sh, -c, "${command}"], lifetime: 1h } } }
scenarios: { soak: { target: app, stages: [{ users: 5, for: 10m }] } }
`,
  );
  const port = await freePort();
  const started = () =>
    soakd(['serve', '--config', file, '--port', String(port), '--data', join(folder, 'data')]);
  const scrape = async (): Promise<Scrape> => {
    const signal = AbortSignal.timeout(60_000);
    return new Scrape(await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal })).text());
  };
  const finished = (of: Scrape): number => of.sum('soak_streams_finished_total');
  let program = started();
  try {
    await program.line(/"msg":"listening"/);
    const before = await poll('streams', async () => {
      const now = await scrape();
      return finished(now) > 20 ? now : undefined;
    });
    program.killAll();
    await program.ended();
    writeFileSync(held, '');
    program = started();
    await program.line(/"msg":"listening"/);
    const during = await scrape();
    assert.doesNotMatch(program.output, /"msg":"run resumed|closed an unfinished run/);
    assert.ok(finished(during) >= finished(before), `${finished(during)} after ${finished(before)}`);
    assert.equal(
      during.sum('soak_streams_started_total'),
      finished(during) + during.sum('soak_streams_active'),
    );
    assert.equal((await fetch(`http://127.0.0.1:${port}/-/ready`)).status, 503);
    rmSync(held);
    await program.line(/"msg":"run resumed/);
    assert.ok(finished(await scrape()) >= finished(during));
  } finally {
    program.killAll();
    await simulator.stop();
  }
});
