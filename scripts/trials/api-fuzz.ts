import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { History } from '../../src/history/history.ts';
import { fill, START_AT } from '../../support/history/filled.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, soakd, start } from '../../support/process.ts';
import { SCHEMATHESIS_FOLDER, schemathesis } from '../../support/schemathesis.ts';
import { Scrape } from '../../support/service.ts';
import { CounterWatch } from './counters.ts';

/** Of the configuration: what the fuzz starts stays below it. */
const MAX_USERS = 20;
const TOKEN = 'token-of-the-fuzz-0123456789';
const HEADERS = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
const KEPT_RUNS = 20;
const CHECK_INTERVAL_MS = 500;

const YAML = `maxMeasurementLag: 10s
serve: { tokens: [{ name: fuzz, role: operate, token: "\${env:FUZZ_TOKEN}" }] }
limits: { maxUsers: ${MAX_USERS}, maxRate: ${MAX_USERS}, maxDuration: 1h }
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios:
  demo: { target: simulator, stages: [{ users: 10, for: 10m }, { users: 5, for: 10m }, { users: 10, for: 10m }] }
`;

export interface ApiFuzz {
  readonly seed: number;
  /** Examples of each phase and operation. */
  readonly examples: number;
  /** Longest time of Schemathesis, s. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

export interface ApiFuzzReport {
  /** What is wrong; empty where all is right. */
  readonly problems: readonly string[];
  /** Requests that Schemathesis made up. */
  readonly cases: number;
  /** Runs that were started. */
  readonly runs: number;
  /** What Schemathesis printed. */
  readonly output: string;
}

/**
 * Sends requests that Schemathesis makes up from the OpenAPI document to every route of `soakd serve`, which keeps a run active
 * and has a history. The load is bounded by `limits:`, and all of it is on loopback.
 */
export async function apiFuzz(options: ApiFuzz): Promise<ApiFuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-fuzz-'));
  try {
    const config = join(folder, 'soakd.yaml');
    await writeFile(config, YAML);
    await fillHistory(join(folder, 'data'));
    const port = await freePort();
    const args = ['serve', '--config', config, '--port', String(port), '--data', join(folder, 'data')];
    const program = soakd(args, { env: { FUZZ_TOKEN: TOKEN } });
    try {
      await program.line(/"msg":"listening"/, 30_000);
      return await fuzz(options, program, `http://127.0.0.1:${port}`, folder);
    } finally {
      await program.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fuzz(
  { seed, examples, seconds, signal }: ApiFuzz,
  program: Running,
  url: string,
  folder: string,
): Promise<ApiFuzzReport> {
  const watch = new Watch(url);
  await poll('a run', async () => (await watch.check()) > 0 || undefined);
  const over = new AbortController();
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(CHECK_INTERVAL_MS)) await watch.check();
  })();
  const fuzzer = start(
    schemathesis(),
    [
      `--config-file=${join(SCHEMATHESIS_FOLDER, 'schemathesis.toml')}`,
      'run',
      `${url}/api/v1/openapi.json`,
      `--header=Authorization: Bearer ${TOKEN}`,
      // An address is of a connection: see client_addresses.py.
      '--header=Connection: close',
      `--max-examples=${examples}`,
      `--max-time=${seconds}`,
      '--continue-on-failure',
      `--seed=${seed}`,
    ],
    {
      cwd: folder,
      env: {
        HYPOTHESIS_STORAGE_DIRECTORY: folder,
        PYTHONPATH: SCHEMATHESIS_FOLDER,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: 'client_addresses',
      },
    },
  );
  const stop = (): void => void fuzzer.stop();
  signal?.addEventListener('abort', stop);
  let code: number | null;
  try {
    // It ends a request, and its phases, some time after its longest time.
    ({ code } = await fuzzer.ended((seconds + 120) * 1000));
  } finally {
    signal?.removeEventListener('abort', stop);
    await fuzzer.stop();
    over.abort();
    await watching.catch(() => {});
  }
  const problems = [...watch.problems];
  await watching.catch((error: unknown) => problems.push(`soakd does not answer: ${String(error)}`));
  if (code !== 0) problems.push(`Schemathesis ended with ${code}`);
  if (program.exit !== undefined) problems.push(`soakd ended with ${program.exit.code}`);
  for (const line of program.stderr.lines)
    if (/"level":"(error|fatal)"/.test(line)) problems.push(`soakd logged ${line.slice(0, 500)}`);
  const { code: exit } = await program.stop();
  if (exit !== 143) problems.push(`SIGTERM ended soakd with ${exit}`);
  return {
    problems,
    cases: Number(/(\d+) generated/.exec(fuzzer.output)?.[1] ?? 0),
    runs: watch.runs,
    output: fuzzer.output,
  };
}

/** Starts a run whenever none is active, and checks that counts and limits hold. */
class Watch {
  readonly #url: string;
  readonly #counters = new CounterWatch();
  readonly #wrong = new Set<string>();
  #runs = 0;

  constructor(url: string) {
    this.#url = url;
  }

  get problems(): string[] {
    return [...this.#counters.problems, ...this.#wrong];
  }

  get runs(): number {
    return this.#runs;
  }

  /** @returns runs that this has started */
  async check(): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`, { headers: HEADERS })).text();
    const scrape = new Scrape(text);
    this.#counters.add(text);
    const [started, finished, active, desired] = [
      ...['started_total', 'finished_total', 'active', 'desired'].map((name) =>
        scrape.sum(`soak_streams_${name}`),
      ),
    ] as [number, number, number, number];
    if (started !== finished + active)
      this.#wrong.add(`${started} streams started, ${finished} finished, ${active} active`);
    if (desired > MAX_USERS) this.#wrong.add(`${desired} streams wanted, above limits.maxUsers`);
    if (!(await fetch(`${this.#url}/-/healthy`)).ok) this.#wrong.add('soakd is not healthy');
    const body = JSON.stringify({ scenario: 'demo' });
    const { status } = await fetch(`${this.#url}/api/v1/runs`, { method: 'POST', headers: HEADERS, body });
    if (status === 201) this.#runs++;
    else if (status !== 409) this.#wrong.add(`a start answered ${status}`);
    return this.#runs;
  }
}

async function fillHistory(path: string): Promise<void> {
  const say = (): void => {};
  const history = await History.open({
    folder: { path, isDefault: false },
    source: 'serve',
    retention: { maxAgeMs: 1e15, maxBytes: 1e12 },
    log: { info: say, warn: say, error: say },
  });
  try {
    for (let i = 0; i < KEPT_RUNS; i++)
      await fill(history, `r${i}`, {
        windows: 7,
        startedAt: START_AT + i * 3_600_000,
        verdict: i % 3 === 0 ? 'fail' : 'pass',
        seed: i,
      });
  } finally {
    await history.close();
  }
}
