import type { Config } from './core/scenario.ts';
import type { AppService } from './http/app-service.ts';
import { listenError } from './http/listen-error.ts';
import { requireTokens } from './http/require-tokens.ts';
import { connectionBound, descriptorGate } from './machine/descriptors.ts';
import { readText } from './machine/files.ts';
import { descriptorLimit } from './machine/machine.ts';

type App = ReturnType<typeof import('./http/app.ts').buildApp>;

/** Where a service listens, as URLs. */
export interface Listening {
  readonly url: string;
  /** Absent without a listener of its own for metrics and health. */
  readonly metricsUrl?: string;
}

/**
 * The listeners of a service: the main one, and one for metrics and health where the configuration has it. Each has a bound
 * of its own on connections: clients that fill the main one do not shut out Prometheus. The server is loaded when a port is
 * opened: a run without one starts with a fifth less CPU.
 */
export class Listeners {
  readonly #service: AppService;
  readonly #limit = descriptorLimit(readText);
  readonly #isPlenty = descriptorGate(this.#limit);
  readonly #apps: App[] = [];
  #hosts: readonly string[] = [];

  constructor(service: AppService) {
    this.#service = service;
  }

  /** Addresses to listen on; none before {@link listen}. */
  get hosts(): readonly string[] {
    return this.#hosts;
  }

  /**
   * @param metrics the listener for metrics; absent: there is none
   * @throws SoakError CANNOT_START if a port is in use; CONFIG_INVALID for a host outside loopback without tokens
   */
  async listen(host: string, port: number, metrics?: Config['serve']['metricsListener']): Promise<Listening> {
    const metricsHost = metrics?.host ?? host;
    for (const each of new Set([host, metricsHost])) requireTokens(each, this.#service.access());
    this.#hosts = [...new Set([host, metricsHost])];
    const { buildApp } = await import('./http/app.ts');
    const { MAX_CONNECTIONS, MAX_METRICS_CONNECTIONS } = await import('./http/server.ts');
    const open = (app: App, ...where: [host: string, port: number, setting: string]) => {
      this.#apps.push(app);
      return opened(app, ...where);
    };
    const connections = connectionBound(MAX_CONNECTIONS, this.#limit, this.#isPlenty);
    const url = await open(buildApp(this.#service, { connections }), host, port, '--port');
    if (metrics === undefined) return { url };
    const few = connectionBound(MAX_METRICS_CONNECTIONS, this.#limit, this.#isPlenty, 'metrics');
    const app = buildApp(this.#service, { connections: few, monitoringOnly: true });
    return { url, metricsUrl: await open(app, metricsHost, metrics.port, 'serve.metrics.port') };
  }

  async close(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.close()));
  }
}

async function opened(app: App, host: string, port: number, setting: string): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw listenError(error, host, port, setting);
  }
}
