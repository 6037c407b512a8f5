import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poll } from './poll.ts';
import { freePort } from './ports.ts';
import { type Running, soakd } from './process.ts';
import { PATIENT, Scrape, type ServedStatus, type ServedSummary } from './service.ts';

/** `soakd serve` that can be killed and started again, on the same port and with the same data folder. */
export class Restartable {
  /** Folder of its configuration and, unless another is given, of its data. */
  readonly folder: string;
  readonly port: number;
  readonly data: string;
  #program: Running | undefined;

  private constructor(folder: string, port: number, data: string) {
    this.folder = folder;
    this.port = port;
    this.data = data;
  }

  /** @param data its data folder; absent: beside the configuration */
  static async create(yaml: string, data?: string): Promise<Restartable> {
    const folder = await mkdtemp(join(tmpdir(), 'soakd-restart-'));
    const whole = yaml.includes('maxMeasurementLag:') ? yaml : `${yaml.trimEnd()}\n${PATIENT}`;
    await writeFile(join(folder, 'soakd.yaml'), whole);
    return new Restartable(folder, await freePort(), data ?? join(folder, 'soakd-data'));
  }

  get program(): Running {
    return this.#program!;
  }

  async start(...more: string[]): Promise<void> {
    const args = ['--config', join(this.folder, 'soakd.yaml'), '--port', String(this.port)];
    this.#program = soakd(['serve', ...args, '--data', this.data, ...more]);
    await this.#program.line(/"msg":"listening"/, 30_000);
  }

  async kill(): Promise<void> {
    this.program.kill('SIGKILL');
    await this.program.ended();
  }

  async send(method: 'POST' | 'PATCH', path: string, body?: object): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }

  async status(): Promise<ServedStatus> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/status`);
    return (await response.json()) as ServedStatus;
  }

  async scrape(): Promise<Scrape> {
    const response = await fetch(`http://127.0.0.1:${this.port}/metrics`);
    return new Scrape(await response.text());
  }

  /** Waits until no run is active. @returns the summary of the last one */
  finished(timeoutMs: number): Promise<ServedSummary> {
    return poll(
      'end of the run',
      async () => {
        const { state, last } = await this.status();
        return state === 'idle' && last !== null ? last : undefined;
      },
      { timeoutMs, everyMs: 250 },
    );
  }

  async stop(): Promise<void> {
    await this.#program?.stop(15_000);
    await rm(this.folder, { recursive: true, force: true });
  }
}
