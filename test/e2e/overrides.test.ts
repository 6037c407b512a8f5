import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { soakd } from '../../support/process.ts';
import { PATIENT, type Served, serve } from '../../support/service.ts';

const YAML = `
targets:
  - { name: a, simulator: { preset: quick } }
  - { name: b, simulator: { preset: quick } }
  - { name: unused, simulator: { preset: quick } }
scenarios:
  closed:
    targets: [{ name: a }, { name: b }]
    stages: [{ users: 300, for: 5m }, { users: 100, for: 5m }]
    budget: { streams: 100000 }
  open: { target: a, maxUsers: 50, stages: [{ rate: 1, for: 5m }] }
limits: { maxUsers: 500, maxRate: 50, maxDuration: 10m }
${PATIENT}`;

describe('a run that changes its scenario', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soakd-overrides-'));
  const file = join(folder, 'soakd.yaml');
  let service: Served;
  before(async () => {
    writeFileSync(file, YAML);
    service = await serve(YAML);
  });
  after(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  const start = async (body: object): Promise<{ status: number; answer: Answer }> => {
    const response = await service.send('POST', '/api/v1/runs', body);
    return { status: response.status, answer: (await response.json()) as Answer };
  };

  it('by a call is as the call says; the event of its start and its targets show it', async () => {
    const { status, answer } = await start({
      scenario: 'closed',
      users: 20,
      for: '1m',
      seed: 7,
      maxStreams: 50_000,
    });
    assert.equal(status, 201, JSON.stringify(answer));
    assert.deepEqual(
      [answer.durationMs, answer.stages, answer.events![0]!.detail],
      [60_000, 1, 'scenario closed with users 20, for 1m, seed 7, maxStreams 50000'],
    );
    const length = Date.parse(answer.plannedEndAt!) - Date.parse(answer.startedAt!);
    assert.equal(length, 60_000);
    await service.program.line(/"overrides":"users 20, for 1m, seed 7, maxStreams 50000".*"run started"/);
    const targets = await poll('10 streams of each target', async () => {
      const current = await (await fetch(`${service.url}/api/v1/runs/current`)).json();
      const found = (current as Answer).progress?.targets ?? [];
      return found.every(({ desired, started }) => desired === 10 && started >= 10) ? found : undefined;
    });
    assert.deepEqual(
      targets.map(({ name }) => name),
      ['a', 'b'],
      'those of the scenario',
    );
    await service.stopRun();
    assert.equal((await service.finished(60_000)).endReason, 'stopped');
  });

  it('by a call passes no limit, and is told all that forbids it', async () => {
    const over = await start({ scenario: 'closed', users: 501, for: '11m', maxStreams: 100_001 });
    assert.deepEqual([over.status, over.answer.code], [422, 'LIMIT_EXCEEDED']);
    assert.deepEqual(
      over.answer.errors?.map((line) => /^(\w+):.*\((\S+).*\)/.exec(line)?.slice(1)),
      [
        ['users', 'limits.maxUsers'],
        ['for', 'limits.maxDuration'],
        ['maxStreams', 'budget.streams'],
      ],
    );
    const users = await start({ scenario: 'open', users: 5 });
    assert.deepEqual([users.status, users.answer.code], [400, 'USAGE']);
    assert.match(users.answer.detail!, /open model, expected rate/);
    const unknown = await start({ scenario: 'none', users: 5 });
    assert.deepEqual([unknown.status, unknown.answer.code], [404, 'SCENARIO_UNKNOWN']);
    assert.equal((await service.status()).run, null);
  });

  it('by flags of soakd run is as they say', async () => {
    const args = ['run', 'open', '--config', file, '--rate', '20', '--for', '2s', '--seed', '3', '--json'];
    const program = soakd(args);
    await program.ended(60_000);
    const { run, streams } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.equal(run.scenario, 'open');
    assert.equal(run.events[0].detail, 'scenario open with rate 20, for 2s, seed 3');
    assert.ok(streams.started > 15 && streams.started < 80, `${streams.started} of about 40`);
  });

  const refused: readonly [what: string, args: readonly string[], told: readonly RegExp[]][] = [
    [
      'beyond the limits',
      ['closed', '--users', '501', '--for', '11m'],
      [/--users: found 501 users, .*limits\.maxUsers/, /--for: found 11m, .*limits\.maxDuration/],
    ],
    ['of the other model', ['open', '--users', '5'], [/--users: .*open model, expected --rate/]],
    [
      'that describe a target',
      ['closed', '--format', 'raw', '--users', 'x'],
      [/--format: .*set format: of the target in the configuration/, /--users: found "x"/],
    ],
  ];
  for (const [what, args, told] of refused) {
    it(`by flags ${what} is refused with exit code 2 before anything is sent`, async () => {
      const program = soakd(['run', ...args, '--config', file]);
      const { code } = await program.ended(60_000);
      assert.equal(code, 2, program.output);
      for (const pattern of told) assert.match(program.stderr.text, pattern);
      assert.equal(program.stdout.text, '');
    });
  }
});

interface Target {
  readonly name: string;
  readonly desired: number;
  readonly started: number;
}

interface Answer {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly string[];
  readonly durationMs?: number;
  readonly stages?: number;
  readonly startedAt?: string;
  readonly plannedEndAt?: string;
  readonly events?: readonly { readonly detail: string }[];
  readonly progress?: { readonly targets: readonly Target[] };
}
