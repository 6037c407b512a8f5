import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poll } from './poll.ts';
import { freePort } from './ports.ts';
import { type Running, start } from './process.ts';

/** An alert as a webhook is told of it. */
export interface Delivered {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An alert as Alertmanager has it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: {
    readonly state: 'active' | 'suppressed' | 'unprocessed';
    readonly inhibitedBy: string[];
  };
}

/** Takes what Alertmanager posts, at any path of it. */
export class Webhook {
  readonly #server: Server;
  readonly delivered: (Delivered & { readonly path: string })[] = [];

  private constructor() {
    this.#server = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      const { alerts } = JSON.parse(text) as { alerts: Delivered[] };
      for (const alert of alerts) this.delivered.push({ ...alert, path: request.url! });
      response.end();
    });
  }

  static async listen(): Promise<Webhook> {
    const webhook = new Webhook();
    await new Promise<void>((done) => webhook.#server.listen(0, '127.0.0.1', done));
    return webhook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @returns whether it was told of an alert with these labels */
  has(status: Delivered['status'], labels: Readonly<Record<string, string>>): boolean {
    return this.count(status, labels) > 0;
  }

  /** @returns how often it was told of an alert with these labels */
  count(status: Delivered['status'], labels: Readonly<Record<string, string>>): number {
    return this.delivered.filter((alert) => alert.status === status && holds(alert.labels, labels)).length;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The real Alertmanager on a free port of loopback, alone. */
export class Alertmanager {
  readonly url: string;
  readonly #program: Running;
  readonly #folder: string;

  private constructor(url: string, program: Running, folder: string) {
    this.url = url;
    this.#program = program;
    this.#folder = folder;
  }

  /** @param config its configuration file, as text */
  static async start(config: string): Promise<Alertmanager> {
    const folder = await mkdtemp(join(tmpdir(), 'soakd-alertmanager-'));
    await writeFile(join(folder, 'alertmanager.yml'), config);
    const port = await freePort();
    const program = start('prometheus-alertmanager', [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ]);
    const alertmanager = new Alertmanager(`http://127.0.0.1:${port}`, program, folder);
    try {
      await poll('ready Alertmanager', async () => {
        if (program.exit !== undefined) throw new Error(`Alertmanager ended\n${program.output}`);
        const response = await fetch(`${alertmanager.url}/-/ready`).catch(() => undefined);
        return response?.ok || undefined;
      });
    } catch (error) {
      await alertmanager.stop();
      throw error;
    }
    return alertmanager;
  }

  /** @returns what it holds with these labels, inhibited or not */
  async alerts(labels: Readonly<Record<string, string>>): Promise<HeldAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts`);
    const all = (await response.json()) as HeldAlert[];
    return all.filter((alert) => holds(alert.labels, labels));
  }

  async stop(): Promise<void> {
    await this.#program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function holds(all: Readonly<Record<string, string>>, some: Readonly<Record<string, string>>): boolean {
  return Object.entries(some).every(([name, value]) => all[name] === value);
}
