import { availableParallelism, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { CounterWatch } from '../../scripts/trials/counters.ts';
import type { ChaosService } from './service.ts';

const EVERY_MS = 500;
/** Within which health answers; on a busy machine, ms. */
const ANSWER_MS = { idle: 1000, busy: 3000 };
/** After soakd continues or starts, its first answers may be late, ms. */
const GRACE_MS = 1500;

/** Scrapes `/metrics` and asks for the health of soakd, all the time. */
export class ChaosWatch {
  readonly #service: ChaosService;
  readonly counters = new CounterWatch();
  readonly #problems: string[] = [];
  #over = false;
  #slowestMs = 0;
  /** Delay of this process, which is none of soakd. */
  readonly #ownDelay = monitorEventLoopDelay({ resolution: 10 });
  readonly #loops: Promise<void>[];

  constructor(service: ChaosService) {
    this.#service = service;
    this.#ownDelay.enable();
    this.#loops = [this.#loop(() => this.#scrape()), this.#loop(() => this.#health())];
  }

  /** The slowest answer of health, ms. */
  get slowestMs(): number {
    return Math.round(this.#slowestMs);
  }

  get problems(): string[] {
    return [...this.#problems, ...this.counters.problems];
  }

  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
    this.#ownDelay.disable();
  }

  /** Reads one scrape. */
  async scrape(): Promise<void> {
    await this.#scrape();
  }

  async #loop(look: () => Promise<void>): Promise<void> {
    while (!this.#over) {
      await look();
      await sleep(EVERY_MS);
    }
  }

  async #scrape(): Promise<void> {
    const { era } = this.#service;
    if (era === undefined) return;
    try {
      const { status, text } = await this.#service.request('GET', '/metrics');
      if (status !== 200) throw new Error(`status ${status}`);
      this.counters.add(text);
      const [started, finished, active] = ['started_total', 'finished_total', 'active'].map((name) =>
        sumOf(text, `soak_streams_${name}`),
      );
      if (started !== finished! + active!)
        this.#problem(`a scrape has ${started} started, ${finished} finished and ${active} active streams`);
    } catch (error) {
      if (era === this.#service.era) this.#problem(`scrape: ${String(error)}`);
    }
  }

  async #health(): Promise<void> {
    const { era } = this.#service;
    if (era === undefined) return;
    const begunMs = performance.now();
    const begunAt = Date.now();
    this.#ownDelay.reset();
    try {
      const { status } = await this.#service.request('GET', '/-/healthy');
      const ownMs = Math.round(this.#ownDelay.max / 1e6) || 0;
      const tookMs = Math.max(0, performance.now() - begunMs - ownMs);
      if (era !== this.#service.era) return;
      this.#slowestMs = Math.max(this.#slowestMs, tookMs);
      const busy = (loadavg()[0] ?? 0) > availableParallelism();
      if (status !== 200 || tookMs > (busy ? ANSWER_MS.busy : ANSWER_MS.idle))
        this.#problem(
          `health answered ${status} after ${Math.round(tookMs)} ms, and ${ownMs} ms in which the bench took no turn; ${this.#blockSince(begunAt)}; load ${loadavg()[0]?.toFixed(1)}`,
        );
    } catch (error) {
      if (era === this.#service.era) this.#problem(`health: ${String(error)}`);
      await sleep(GRACE_MS);
    }
  }

  /** Returns what soakd's main thread did meanwhile: one that used no CPU waited for one. */
  #blockSince(at: number): string {
    const [longest] = this.#service.mainBlocks.filter((b) => b.at >= at).sort((a, b) => b.ms - a.ms);
    return longest === undefined
      ? 'the main thread of soakd took its turns'
      : `the main thread of soakd took none for ${longest.ms} ms (${longest.cpuMs} ms of CPU)`;
  }

  #problem(text: string): void {
    if (this.#problems.length < 20) this.#problems.push(`${new Date().toISOString()} ${text}`);
  }
}

/** Returns the sum of a metric over its series. */
function sumOf(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split('\n'))
    if (line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      sum += Number(line.slice(line.lastIndexOf(' ')));
  return sum;
}
