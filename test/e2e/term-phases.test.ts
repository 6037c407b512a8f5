import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/core/random.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { isRunning, type Running, soakd } from '../../support/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-term-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The grace period, and as much again for a slow machine. */
const WITHIN_MS = 16_000;

/** A large file takes long to read, in the main thread at the start and in another at a reload. */
const MANY = Array.from(
  { length: 2000 },
  (_, i) => `  s${i}: { target: short, stages: [{ users: 1, for: 5m }] }`,
);

const yaml = (start: string, more: readonly string[] = []): string => `
serve: { start: ${start} }
maxMeasurementLag: 10s
targets:
  - { name: short, simulator: { chunks: 20, ttfb: 10ms, gap: 50ms } }
  - { name: middle, simulator: { chunks: 60, ttfb: 10ms, gap: 50ms } }
  - { name: long, simulator: { chunks: 6000, ttfb: 10ms, gap: 100ms } }
  - { name: guarded, url: "http://127.0.0.1:9/", auth: { bearer: { command: [sh, -c, 'echo $$ > pid; sleep 100'], lifetime: 5m } } }
scenarios:
  warmUp: { target: short, warmUp: 5m, stages: [{ users: 5, for: 10m }] }
  ramp: { target: short, stages: [{ shape: ramp, users: { from: 1, to: 50 }, for: 10m }] }
  load: { target: long, stages: [{ users: 5, for: 10m }] }
  drained: { target: middle, stages: [{ users: 5, for: 10m }] }
  brief: { target: short, stages: [{ users: 5, for: 1s }] }
  waiting: { target: guarded, stages: [{ users: 1, for: 1m }] }
${more.join('\n')}
`;

/** soakd serve in a folder of its own, in which its programs run, too. */
class Served {
  readonly folder: string;
  readonly file: string;
  readonly port: number;
  program: Running;

  private constructor(at: string, port: number) {
    this.folder = at;
    this.file = join(at, 'soakd.yaml');
    this.port = port;
    this.program = this.#started();
  }

  static async start(name: string, text: string): Promise<Served> {
    const at = join(folder, name.replaceAll(/\W+/g, '-'));
    mkdirSync(at);
    writeFileSync(join(at, 'soakd.yaml'), text);
    return new Served(at, await freePort());
  }

  restart(): void {
    this.program = this.#started();
  }

  #started(): Running {
    const args = ['serve', '--config', this.file, '--port', String(this.port)];
    return soakd([...args, '--data', join(this.folder, 'data')], { cwd: this.folder });
  }

  async post(path: string): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/runs/current/${path}`, {
      method: 'POST',
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
  }

  state(...wanted: readonly string[]): Promise<unknown> {
    return poll(`state ${wanted.join(' or ')}`, async () => {
      const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/status`);
      const { state } = (await answer.json()) as { state: string };
      return wanted.includes(state) || undefined;
    });
  }

  streams(): Promise<unknown> {
    return poll('streams', async () => {
      const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
      return /^soak_streams_active\{.*phase="streaming"\} [1-9]/m.test(text) || undefined;
    });
  }
}

const random = seededRandom(20_261_130, 0);

/** Each brings soakd into its phase. */
const PHASES: readonly (readonly [
  phase: string,
  start: string,
  enter: (soak: Served) => Promise<unknown>,
  more?: true,
])[] = [
  ...[400, 1500].map(
    (ms) =>
      [
        `loading, or reading the configuration, after about ${ms} ms`,
        'brief',
        () => sleep(ms * (0.75 + random() / 2)),
        true,
      ] as const,
  ),
  [
    'waiting for the program that prints a token',
    'waiting',
    (soak) =>
      poll('the program', () => readFileSync(join(soak.folder, 'pid'), 'utf8').includes('\n') || undefined),
  ],
  ['warm-up', 'warmUp', (soak) => soak.streams()],
  ['load, with streams that outlive the grace', 'load', (soak) => soak.streams()],
  [
    'pause',
    'ramp',
    async (soak) => {
      await soak.streams();
      await soak.post('pause');
      await soak.state('paused');
    },
  ],
  [
    'drain',
    'drained',
    async (soak) => {
      await soak.streams();
      await soak.post('stop');
      // On a slow machine its streams may have ended already.
      await soak.state('draining', 'idle');
    },
  ],
  ['writing the summary', 'brief', (soak) => soak.program.line(/"msg":"run (finished|summary)"/)],
  [
    'a reload',
    'ramp',
    async (soak) => {
      await soak.program.line(/"msg":"listening"/);
      writeFileSync(soak.file, yaml('ramp', MANY));
      soak.program.kill('SIGHUP');
      await sleep(300 * random());
    },
  ],
  [
    'a resume after a kill',
    'ramp',
    async (soak) => {
      await soak.streams();
      // The history has a checkpoint.
      await sleep(1500);
      soak.program.killAll();
      await soak.program.ended();
      soak.restart();
      await soak.program.line(/"msg":"listening"/);
      await sleep(200 * random());
    },
  ],
];

describe('TERM ends soakd with 143, within the grace and with all that it started', {
  concurrency: 3,
}, () => {
  for (const [phase, start, enter, more] of PHASES)
    it(phase, async () => {
      const soak = await Served.start(phase, yaml(start, more === undefined ? [] : MANY));
      try {
        await enter(soak);
        assert.equal(soak.program.exit, undefined, soak.program.output);
        soak.program.kill('SIGTERM');
        const { code, signal } = await soak.program.ended(WITHIN_MS);
        // Before the first line of soakd is run, the system ends it.
        assert.ok(
          code === 143 || (more === true && signal === 'SIGTERM'),
          `${signal ?? code}\n${soak.program.output}`,
        );
        assert.doesNotMatch(soak.program.output, /internal error|"level":"fatal"/);
        if (start === 'waiting') {
          const pid = Number(readFileSync(join(soak.folder, 'pid'), 'utf8'));
          await poll('end of the program', () => !isRunning(pid) || undefined);
        }
      } finally {
        soak.program.killAll();
      }
    });

  it('and the run continues after it, also where it came during a resume', async () => {
    const soak = await Served.start('continues', yaml('ramp'));
    try {
      await soak.streams();
      await sleep(1500);
      soak.program.killAll();
      await soak.program.ended();
      for (let n = 0; n < 2; n++) {
        soak.restart();
        await soak.program.line(/"msg":"listening"/);
        await sleep(300 * random());
        soak.program.kill('SIGTERM');
        const { code } = await soak.program.ended(WITHIN_MS);
        assert.equal(code, 143, soak.program.output);
        // A resume that came after it would send load until the process is gone.
        assert.doesNotMatch(soak.program.output, /"msg":"shutting down[\s\S]*"msg":"run resumed/);
      }
      soak.restart();
      await soak.program.line(/"msg":"run resumed/);
    } finally {
      soak.program.killAll();
    }
  });
});
