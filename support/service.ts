import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poll } from './poll.ts';
import { freePort } from './ports.ts';
import { type Running, soakd } from './process.ts';
import { keep } from './transcripts.ts';

/** `soakd serve` in a process of its own, with a configuration in a temporary folder. */
export interface Served {
  readonly url: string;
  readonly port: number;
  readonly program: Running;
  /** Its configuration file. */
  readonly file: string;
  /** A request with a body of JSON, or none. */
  send(method: 'POST' | 'PATCH', path: string, body?: object): Promise<Response>;
  scrape(): Promise<Scrape>;
  status(): Promise<ServedStatus>;
  startRun(scenario: string): Promise<Response>;
  stopRun(): Promise<Response>;
  /** Waits until no run is active. @returns the summary of the last one */
  finished(timeoutMs: number): Promise<ServedSummary>;
  stop(): Promise<void>;
}

export interface ServedSummary {
  readonly verdict: string;
  readonly endReason: string;
  readonly streams: {
    readonly started: number;
    readonly finished: Readonly<Record<string, number>>;
    readonly active: number;
    readonly dropped: number;
  };
  readonly chunks: number;
  readonly reads: number;
  readonly bytes: number;
  readonly contentCharacters: number;
  readonly [timing: string]: unknown;
}

export interface ServedStatus {
  readonly state: string;
  readonly run: { readonly id: string } | null;
  readonly last: ServedSummary | null;
}

/** All that can be read of it. */
const SHOWN = [
  '/',
  '/metrics',
  '/api/v1/status',
  '/api/v1/streams',
  '/api/v1/failures',
  '/api/v1/openapi.json',
] as const;

/** The machine is shared with other tests: what soakd is late by there is not what they test. */
export const PATIENT = 'maxMeasurementLag: 10s\n';

/** @param env added to its environment */
export async function serve(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-serve-'));
  const file = join(folder, 'soakd.yaml');
  await writeFile(file, yaml.includes('maxMeasurementLag:') ? yaml : `${yaml.trimEnd()}\n${PATIENT}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = soakd(['serve', '--config', file, '--port', String(port)], { env });
  await program.line(/"msg":"listening"/, 30_000);
  const get = async <T>(path: string): Promise<T> => (await fetch(url + path)).json() as Promise<T>;
  const send: Served['send'] = (method, path, body) =>
    fetch(url + path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const status = () => get<ServedStatus>('/api/v1/status');
  return {
    url,
    port,
    program,
    file,
    send,
    scrape: async () => new Scrape(await (await fetch(`${url}/metrics`)).text()),
    status,
    startRun: (scenario) => send('POST', '/api/v1/runs', { scenario }),
    stopRun: () => send('POST', '/api/v1/runs/current/stop'),
    finished: (timeoutMs) =>
      poll(
        'end of the run',
        async () => {
          const { state, last } = await status();
          return state === 'idle' && last !== null ? last : undefined;
        },
        { timeoutMs, everyMs: 250 },
      ),
    stop: async () => {
      // Whatever it would have told anyone: npm test looks through it.
      for (const path of SHOWN) {
        const answer = await fetch(url + path, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
        if (answer !== undefined) keep(path, await answer.text().catch(() => ''));
      }
      await program.stop(15_000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One answer of /metrics. */
export class Scrape {
  readonly text: string;
  readonly #samples: { readonly name: string; readonly labels: string; readonly value: number }[] = [];

  constructor(text: string) {
    this.text = text;
    for (const line of text.split('\n')) {
      const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match !== null)
        this.#samples.push({ name: match[1]!, labels: match[2] ?? '', value: Number(match[3]) });
    }
  }

  /** @returns the sum over all series of a name whose labels hold all of the given texts, e.g. `outcome="reset"` */
  sum(name: string, ...labels: readonly string[]): number {
    const found = this.#samples.filter((s) => s.name === name && labels.every((l) => s.labels.includes(l)));
    if (found.length === 0) throw new Error(`no series ${name}{${labels.join()}}`);
    return found.reduce((sum, s) => sum + s.value, 0);
  }
}
