import { residentReader } from '../machine/memory.ts';

/** Resources that soakd used during a run: the whole process, a built-in simulator included. */
export interface GeneratorUse {
  /** User and system time of all threads, seconds. */
  readonly cpuSeconds: number;
  /** Largest resident set, bytes, sampled once a second. */
  readonly rssMaxBytes: number;
  /** Engine threads that died and were replaced. */
  readonly workerRestarts: number;
}

export class GeneratorMeter {
  readonly #resident = residentReader();
  readonly #start = process.cpuUsage();
  /** CPU time of earlier processes of the run, seconds. */
  readonly #before: number;
  #rssMax: number;

  /** @param earlier use by earlier processes of the run */
  constructor(earlier?: Pick<GeneratorUse, 'cpuSeconds' | 'rssMaxBytes'>) {
    this.#before = earlier?.cpuSeconds ?? 0;
    this.#rssMax = earlier?.rssMaxBytes ?? 0;
  }

  sample(): void {
    this.#rssMax = Math.max(this.#rssMax, this.#resident());
  }

  use(workerRestarts: number): GeneratorUse {
    this.sample();
    const { user, system } = process.cpuUsage(this.#start);
    return { cpuSeconds: this.#before + (user + system) / 1e6, rssMaxBytes: this.#rssMax, workerRestarts };
  }
}
