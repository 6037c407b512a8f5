import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poll } from './poll.ts';
import { freePort } from './ports.ts';
import { type Running, start } from './process.ts';

/** One series of an instant query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series of a query over time. */
export interface RangeSample {
  readonly labels: Readonly<Record<string, string>>;
  /** At each step at which there is one. */
  readonly values: readonly number[];
}

/** A target as /api/v1/targets tells of it. */
export interface ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  /** When the last scrape began. */
  readonly lastScrape: string;
  /** Of the last scrape, in seconds. */
  readonly lastScrapeDuration: number;
}

/** What to scrape every second as job `soak`, or a configuration of one's own. */
export type PrometheusOptions =
  | { readonly scrape: number }
  | {
      readonly configFile: string;
      readonly flags?: readonly string[];
      /** Folder of its data, which is kept whatever its age; absent: a new one. */
      readonly blocks?: string;
    };

/** Starts the real Prometheus on a free port of loopback, with its data in a folder that `stop` removes. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-prometheus-'));
  let configFile: string;
  if ('configFile' in options) configFile = options.configFile;
  else {
    configFile = join(folder, 'prometheus.yml');
    await writeFile(configFile, configOf(options.scrape));
  }
  const blocks = 'blocks' in options ? options.blocks : undefined;
  const port = await freePort();
  const program = start('prometheus', [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${blocks ?? join(folder, 'data')}`,
    `--storage.tsdb.retention.time=${blocks === undefined ? '1d' : '100y'}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
    ...('flags' in options ? (options.flags ?? []) : []),
  ]);
  const prometheus = new Prometheus(`http://127.0.0.1:${port}`, program, folder);
  try {
    await prometheus.ready();
  } catch (error) {
    await prometheus.stop();
    throw error;
  }
  return prometheus;
}

function configOf(port: number): string {
  return `global:
  scrape_interval: 1s
  evaluation_interval: 1s
scrape_configs:
  - job_name: soak
    static_configs:
      - targets: ['127.0.0.1:${port}']
`;
}

export class Prometheus {
  readonly url: string;
  readonly #program: Running;
  readonly folder: string;

  constructor(url: string, program: Running, folder: string) {
    this.url = url;
    this.#program = program;
    this.folder = folder;
  }

  async ready(): Promise<void> {
    await poll(
      'ready Prometheus',
      async () => {
        if (this.#program.exit !== undefined) return true;
        const response = await fetch(`${this.url}/-/ready`);
        await response.text();
        return response.ok || undefined;
      },
      { timeoutMs: 30_000 },
    );
    if (this.#program.exit !== undefined) throw new Error(`Prometheus ended\n${this.#program.output}`);
  }

  /** @param time of evaluation in seconds since 1970; absent: now */
  async query(promql: string, time?: number): Promise<Sample[]> {
    const form = new URLSearchParams({ query: promql });
    if (time !== undefined) form.set('time', String(time));
    const data = await this.#get<{ resultType: string; result: unknown }>('query', form);
    if (data.resultType === 'scalar')
      return [{ labels: {}, value: Number((data.result as [number, string])[1]) }];
    if (data.resultType !== 'vector') throw new Error(`${promql} is a ${data.resultType}: wanted a vector`);
    const result = data.result as { metric: Record<string, string>; value: [number, string] }[];
    return result.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));
  }

  /** The value of a query that has exactly one series. */
  async queryValue(promql: string, time?: number): Promise<number> {
    const samples = await this.query(promql, time);
    if (samples.length !== 1) throw new Error(`${promql} has ${samples.length} series: wanted one`);
    return samples[0]!.value;
  }

  /** @param from and to: in seconds since 1970 */
  async queryRange(promql: string, from: number, to: number, stepSeconds: number): Promise<RangeSample[]> {
    const form = new URLSearchParams({
      query: promql,
      start: String(from),
      end: String(to),
      step: String(stepSeconds),
    });
    const { result } = await this.#get<{
      result: { metric: Record<string, string>; values: [number, string][] }[];
    }>('query_range', form);
    return result.map(({ metric, values }) => ({
      labels: metric,
      values: values.map(([, text]) => numberOf(text)),
    }));
  }

  async targets(): Promise<ScrapeTarget[]> {
    return (await this.#get<{ activeTargets: ScrapeTarget[] }>('targets')).activeTargets;
  }

  /**
   * Waits until every target has been scraped by a scrape that began after this call, so that queries see
   * what the targets hold now.
   */
  async scraped(timeoutMs = 15_000): Promise<void> {
    const from = Date.now();
    await poll(
      'new scrape of every target',
      async () => {
        const targets = await this.targets();
        const fresh = targets.every(
          ({ health, lastScrape }) => health === 'up' && Date.parse(lastScrape) > from,
        );
        return (targets.length > 0 && fresh) || undefined;
      },
      { timeoutMs },
    );
  }

  async stop(): Promise<void> {
    await this.#program.stop(20_000);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #get<T>(path: string, form?: URLSearchParams): Promise<T> {
    const response = await fetch(
      `${this.url}/api/v1/${path}`,
      form === undefined ? {} : { method: 'POST', body: form },
    );
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success')
      throw new Error(`Prometheus: ${answer.error} (${form?.get('query') ?? path})`);
    return answer.data;
  }
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
