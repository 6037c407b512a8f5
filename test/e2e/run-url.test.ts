import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bareHost, isUrl } from '../../src/cli/options.ts';
import { assertHealthy } from '../../support/healthy.ts';
import { soakd } from '../../support/process.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';

/** @returns the exit code and what is said of a command that is refused at once */
async function refused(...args: string[]) {
  const program = soakd(args);
  const { code } = await program.ended(60_000);
  return { code, said: program.stderr.text };
}

describe('soakd run <url>', () => {
  let simulator: Simulated;
  before(async () => {
    simulator = await simulate(['--preset=quick']);
  });
  after(() => simulator.stop());

  it('loads the URL, with the flags of --target', async () => {
    const program = soakd([
      'run',
      `${simulator.url}/`,
      '--terminal',
      '[DONE]',
      '--for',
      '1s',
      '--json',
      '--max-measurement-lag',
      '10s',
    ]);
    const { code } = await program.ended(60_000);
    const summary = JSON.parse(program.stdout.text);
    assertHealthy(summary, code);
    assert.equal(summary.run.scenario, 'ad-hoc');
    assert.ok(summary.streams.finished.complete > 0);
  });

  it('--ramp and --think-time make a rise of users who pause between streams', async () => {
    const program = soakd([
      'run',
      `${simulator.url}/`,
      ...['--users', '4', '--ramp', '1s', '--for', '1s', '--think-time', '{ uniform: [10ms, 50ms] }'],
      ...['--terminal', '[DONE]', '--json', '--max-measurement-lag', '10s'],
    ]);
    const { code } = await program.ended(60_000);
    const summary = JSON.parse(program.stdout.text);
    assertHealthy(summary, code);
    const { levels, streams } = summary;
    assert.ok(streams.finished.complete > 0);
    assert.deepEqual(
      levels.map(({ shape }: { shape: string }) => shape),
      ['ramp', 'hold'],
    );
  });

  it('says what to type where the scheme is missing, without what may be a secret', async () => {
    const { code, said } = await refused('run', '127.0.0.1:9/x?key=planted');
    assert.equal(code, 2);
    assert.equal(
      said,
      'soakd: found "127.0.0.1:9" without a scheme, expected a scenario or a URL; add the scheme, for example soakd run http://127.0.0.1:9/\n',
    );
  });

  it('refuses two targets', async () => {
    const { code, said } = await refused('run', 'http://127.0.0.1:9/', '--target', 'http://127.0.0.1:8/');
    assert.deepEqual(
      [code, said],
      [2, 'soakd: found a URL and --target, expected only one; remove one of them\n'],
    );
  });

  it('calibrate refuses a URL', async () => {
    const { code, said } = await refused('calibrate', 'http://127.0.0.1:9/');
    assert.equal(code, 2);
    assert.match(said, /^soakd: found a URL, expected a scenario, one of /);
  });
});

describe('an argument', () => {
  for (const text of ['http://a', 'HTTPS://a/x', 'ftp://a'])
    it(`${text} is a URL`, () => assert.ok(isUrl(text)));
  for (const [text, host] of [
    ['localhost:8000', 'localhost:8000'],
    ['a.example/x', 'a.example'],
    ['[::1]:80/x', '[::1]:80'],
    ['demo', undefined],
    ['seed-levels', undefined],
    ['localhost', undefined],
    ['', undefined],
  ] as const)
    it(`${text} has ${host ?? 'no'} host`, () => assert.equal(bareHost(text), host));
});
