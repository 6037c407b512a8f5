import type { Config } from './core/scenario.ts';
import { buildApp } from './http/app.ts';
import type { AppService } from './http/app-service.ts';
import { listenError } from './http/listen-error.ts';
import { requireTokens } from './http/require-tokens.ts';
import { MAX_CONNECTIONS, MAX_METRICS_CONNECTIONS } from './http/server.ts';
import { connectionBound, descriptorGate } from './machine/descriptors.ts';
import { readText } from './machine/files.ts';
import { descriptorLimit } from './machine/machine.ts';

/** Where a service listens, as URLs. */
export interface Listening {
  readonly url: string;
  /** Absent without a listener of its own for metrics and health. */
  readonly metricsUrl?: string;
}

/**
 * The listeners of a service: the main one, and one for metrics and health where the configuration has it. Each has a bound
 * of its own on connections: clients that fill the main one do not shut out Prometheus.
 */
export class Listeners {
  readonly #service: AppService;
  readonly #limit = descriptorLimit(readText);
  readonly #isPlenty = descriptorGate(this.#limit);
  readonly #main: ReturnType<typeof buildApp>;
  #metrics: ReturnType<typeof buildApp> | undefined;
  #hosts: readonly string[] = [];

  constructor(service: AppService) {
    this.#service = service;
    const connections = connectionBound(MAX_CONNECTIONS, this.#limit, this.#isPlenty);
    this.#main = buildApp(service, { connections });
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
    const url = await opened(this.#main, host, port, '--port');
    if (metrics === undefined) return { url };
    const connections = connectionBound(MAX_METRICS_CONNECTIONS, this.#limit, this.#isPlenty, 'metrics');
    this.#metrics = buildApp(this.#service, { connections, monitoringOnly: true });
    return { url, metricsUrl: await opened(this.#metrics, metricsHost, metrics.port, 'serve.metrics.port') };
  }

  async close(): Promise<void> {
    await Promise.all([this.#main.close(), this.#metrics?.close()]);
  }
}

async function opened(
  app: ReturnType<typeof buildApp>,
  host: string,
  port: number,
  setting: string,
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw listenError(error, host, port, setting);
  }
}
