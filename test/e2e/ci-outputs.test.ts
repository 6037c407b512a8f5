import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type ReadCase, readReport } from '../../support/junit.ts';
import { poll } from '../../support/poll.ts';
import { type Exit, type Running, soakd } from '../../support/process.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';

describe('soakd run in CI', () => {
  let simulator: Simulated;
  let folder: string;
  before(async () => {
    simulator = await simulate(['--preset=quick']);
  });
  after(() => simulator.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'soakd-ci-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string): string => join(folder, name);
  /** The machine is shared with other tests: what it is late by is not what is tested here. */
  const target = (...more: string[]): string[] => [
    '--target',
    `${simulator.url}/`,
    '--max-measurement-lag',
    '10s',
    // In the open model a start that is late is made all the same, so that the load is delivered on a busy machine too.
    '--rate',
    '20',
    '--users',
    '200',
    '--for',
    '3s',
    ...more,
  ];
  const good = (...more: string[]): string[] => target('--terminal', '[DONE]', ...more);
  /** On GitHub, unless `env` says otherwise. */
  const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Running =>
    soakd(['run', ...args], {
      env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file('summary.md'), ...env },
    });
  const finished = async (...args: Parameters<typeof run>): Promise<{ program: Running; exit: Exit }> => {
    const program = run(...args);
    return { program, exit: await program.ended(60_000) };
  };
  const casesIn = async (path: string): Promise<ReadCase[]> =>
    (await readReport(readFileSync(path, 'utf8'))).flatMap((suite) => suite.cases);
  const commands = (program: Running): string[] =>
    program.stderr.lines.filter((line) => line.trimStart().startsWith('::'));

  it('a pass: green report in a new folder, job summary after what is there, no annotation, pure JSON', async () => {
    writeFileSync(file('summary.md'), '# earlier step\n');
    const report = file('reports/new/soakd.xml');
    const { program, exit } = await finished(good('--json', '--junit', report));
    assert.equal(exit.code, 0, program.output);
    assert.equal(program.stdout.lines.length, 1);
    const { run: facts } = JSON.parse(program.stdout.text);
    const suites = await readReport(readFileSync(report, 'utf8'));
    assert.deepEqual(
      suites.map((s) => [s.name, s.properties['soakd.run'], s.cases.every((c) => c.result === 'pass')]),
      [
        ['ad-hoc', facts.id, true],
        ['target', facts.id, true],
      ],
    );
    assert.ok(suites[1]!.cases.length >= 3 && suites[0]!.seconds >= 2);
    assert.deepEqual(commands(program), []);
    assert.match(
      readFileSync(file('summary.md'), 'utf8'),
      /^# earlier step\n## soakd: PASS\n[\s\S]*\| target \|/,
    );
  });

  it('a crossed limit: failures by target, an error annotation for each, names of any kind', async () => {
    const names = ['www.example.com', '1__a__', 'x'.repeat(63)];
    const targets = names.map((name) => ({
      name,
      url: `${simulator.url}/`,
      format: 'sse',
      terminal: name === '1__a__' ? '[DONE]' : 'NEVER',
    }));
    const mixed = { targets: names.map((name) => ({ name, weight: 1 })), stages: [{ users: 6, for: '2s' }] };
    writeFileSync(
      file('soakd.yaml'),
      JSON.stringify({ maxMeasurementLag: '10s', targets, scenarios: { mixed } }),
    );
    const report = file('soakd.xml');
    const { program, exit } = await finished(['mixed', '--config', file('soakd.yaml'), '--junit', report]);
    assert.equal(exit.code, 1, program.output);
    const failed = (await casesIn(report)).filter((c) => c.result === 'failure');
    assert.deepEqual(
      failed.map((c) => [c.classname, c.name, c.type]),
      [
        ['mixed', 'all limits hold on every target', 'crossed'],
        ...[names[0], names[2]].map((name) => [`mixed.${name}`, 'success rate at least 99 %', 'crossed']),
      ],
    );
    const errors = commands(program).filter((line) => line.startsWith('::error '));
    assert.deepEqual(
      errors.map((line) => /title=([^:]*)::/.exec(line)?.[1]),
      [names[0], names[2]].map((name) => `soakd%3A ${name}`),
    );
    const markdown = readFileSync(file('summary.md'), 'utf8');
    assert.match(markdown, /## soakd: FAIL/);
    assert.match(markdown, /\| www&#46;example&#46;com \| .* \| failed \|/);
  });

  it('an inconclusive run: an error in the report, a warning as annotation, exit code 5', async () => {
    const rare = ['--rate', '0.001', '--users', '1', '--for', '1s', '--seed', '3'];
    const { program, exit } = await finished([
      '--target',
      `${simulator.url}/`,
      ...rare,
      '--junit',
      file('soakd.xml'),
    ]);
    assert.equal(exit.code, 5, program.output);
    // Default limits without data are skipped.
    const cases = await casesIn(file('soakd.xml'));
    const bad = cases.filter((c) => c.result !== 'pass' && c.result !== 'skipped');
    assert.deepEqual(
      bad.map(({ result, type }) => [result, type]),
      [['error', 'no-data']],
    );
    assert.match(commands(program).join('\n'), /^::warning title=soakd::.*inconclusive: no limit has data/);
  });

  it('an interrupted run: the report says so; until then it says that soakd was killed', async () => {
    const program = run(good('--for', '5m', '--junit', file('soakd.xml')));
    await poll('streams', async () => (await simulator.groundTruth()).active > 0 || undefined, {
      timeoutMs: 60_000,
    });
    assert.deepEqual(
      (await casesIn(file('soakd.xml'))).map((c) => [c.result, c.type]),
      [['error', 'killed']],
    );
    program.kill('SIGINT');
    assert.equal((await program.ended(60_000)).code, 130, program.output);
    const [first] = await casesIn(file('soakd.xml'));
    assert.deepEqual(
      [first!.result, first!.type, first!.message],
      ['error', 'interrupted', 'aborted: interrupted by a signal'],
    );
    assert.match(commands(program).join('\n'), /^::error title=soakd::.*interrupted by a signal/);
  });

  it('a run that cannot start: its error in the report, as annotation and in the job summary', async () => {
    const table: readonly [args: string[], code: number, type: string, text: RegExp][] = [
      [['--target', 'http://target.invalid/'], 3, 'TARGET_NOT_ALLOWED', /target\.invalid/],
      [good('--users', 'many', '--for', '10'), 2, 'CONFIG_INVALID', /--users[\s\S]*--for/],
      [
        ['<script>&\u001b', '--config', 'soakd.yaml'],
        2,
        'SCENARIO_UNKNOWN',
        /there is no scenario "<script>&/,
      ],
    ];
    for (const [args, code, type, text] of table) {
      const { program, exit } = await finished([...args, '--junit', file(`${type}.xml`)]);
      assert.equal(exit.code, code, program.output);
      const [only, ...others] = await casesIn(file(`${type}.xml`));
      assert.deepEqual([only!.result, only!.type, others.length], ['error', type, 0]);
      assert.match(`${only!.message}\n${only!.text}`, text);
      assert.match(commands(program).join('\n'), /^::error title=soakd::[^\n]+$/);
    }
    assert.equal(readFileSync(file('summary.md'), 'utf8').match(/## soakd: no run/g)!.length, table.length);
  });

  it('a report that cannot be written is an error before the run, together with all others', async () => {
    writeFileSync(file('soakd.yaml'), 'targets: []\n');
    const before = (await simulator.groundTruth()).started;
    const table: readonly [path: string, found: RegExp][] = [
      [folder, /--junit: found the folder /],
      [file('soakd.yaml'), /--junit: found .*soakd\.yaml, which is not XML/],
      [file('soakd.yaml/report.xml'), /--junit: .*report\.xml cannot be written: /],
      ['/dev/null', /--junit: found \/dev\/null, which is not a regular file/],
    ];
    for (const [path, found] of table) {
      const { program, exit } = await finished(good('--users', 'many', '--junit', path));
      assert.equal(exit.code, 2, program.output);
      assert.match(program.stderr.text, found);
      assert.match(program.stderr.text, /^soakd: --users:/m);
    }
    const alone = await finished(good('--junit', folder));
    assert.equal(alone.exit.code, 2, alone.program.output);
    assert.match(alone.program.stderr.text, /^soakd: --junit: found the folder /m);
    assert.equal(readFileSync(file('soakd.yaml'), 'utf8'), 'targets: []\n');
    assert.equal((await simulator.groundTruth()).started, before, 'nothing was sent');
  });

  it('a report that cannot be written at the end turns a pass into exit code 4, and hides no verdict', async () => {
    for (const [args, code, verdict] of [
      [good(), 4, /\bPASS: /],
      [target('--terminal', 'NEVER'), 1, /\bFAIL: /],
    ] as const) {
      const at = file(`reports-${code}`);
      const program = run([...args, '--junit', join(at, 'soakd.xml')]);
      await poll('the first report', async () => existsSync(join(at, 'soakd.xml')) || undefined, {
        timeoutMs: 60_000,
      });
      rmSync(at, { recursive: true });
      writeFileSync(at, '');
      assert.equal((await program.ended(60_000)).code, code, program.output);
      assert.match(program.stdout.text, verdict);
      assert.match(program.stderr.text, /^soakd: --junit: .*soakd\.xml cannot be written: /m);
    }
  });

  it('a job summary that cannot be appended, or would be too large for GitHub, is a warning', async () => {
    writeFileSync(file('full.md'), '#'.repeat(2 ** 20 - 10));
    const fifo = file('fifo');
    execFileSync('mkfifo', [fifo]);
    for (const [path, why] of [
      [folder, /it is a directory/],
      [fifo, /it is a named pipe/],
      [file('full.md'), /expected at most 1048576, the limit of GitHub/],
    ] as const) {
      const { program, exit } = await finished(good(), { GITHUB_STEP_SUMMARY: path });
      assert.equal(exit.code, 0, program.output);
      assert.match(program.stderr.text, /^soakd: warning: cannot write the job summary to /m);
      assert.match(program.stderr.text, why);
    }
    assert.equal(readFileSync(file('full.md'), 'utf8').length, 2 ** 20 - 10);
  });

  it('what a target says is no command of GitHub, neither as text nor as JSON', async (t) => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', '##[error]x ::error::y');
      response.end('x');
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await poll('server', () => server.listening || undefined);
    const { port } = server.address() as { port: number };
    const args = ['--target', `http://127.0.0.1:${port}/`, '--users', '1', '--for', '1s'];
    const [text, json] = [await finished(args), await finished([...args, '--json'])];
    for (const { program } of [text, json]) {
      assert.match(program.stderr.text + program.stdout.text, /error\]x ::error::y/, program.output);
      assert.doesNotMatch(program.stderr.text + program.stdout.text, /##\[/);
    }
    assert.match(JSON.stringify(JSON.parse(json.program.stdout.text).failures), /##\[error\]x/);
    const elsewhere = await finished(args, { GITHUB_ACTIONS: undefined, GITHUB_STEP_SUMMARY: undefined });
    assert.match(elsewhere.program.stdout.text, /##\[error\]x/, 'it is shown as it is elsewhere');
    assert.deepEqual(commands(elsewhere.program), []);
  });
});
