import { type GroundTruth, type Simulated, simulate } from '../../support/simulator.ts';

/** What a simulator had seen at a time, over all its lives. */
export interface Truth {
  readonly at: number;
  readonly started: number;
  readonly ended: number;
  readonly complete: number;
  readonly active: number;
}

const NOTHING = { started: 0, ended: 0, complete: 0 };

/** The simulator in a process of its own, that is stopped, killed and started again on its port. */
export class ChaosTarget {
  readonly #args: readonly string[];
  #simulator: Simulated;
  /** Counted by lives that are over, as last asked. */
  #past = NOTHING;
  #stopped = false;
  readonly truths: Truth[] = [];

  private constructor(args: readonly string[], simulator: Simulated) {
    this.#args = args;
    this.#simulator = simulator;
  }

  static async start(args: readonly string[]): Promise<ChaosTarget> {
    return new ChaosTarget(args, await simulate(args));
  }

  get url(): string {
    return this.#simulator.url;
  }

  /** Asks what it has seen; adds nothing while it is stopped. */
  async ask(): Promise<void> {
    if (this.#stopped) return;
    const truth = this.#sum(await this.#simulator.groundTruth());
    if (this.#stopped) return;
    this.truths.push(truth);
    // A minute is enough for what a kill may lose.
    if (this.truths.length > 600) this.truths.shift();
  }

  async stopFor(ms: number): Promise<void> {
    this.#stopped = true;
    this.#simulator.program.kill('SIGSTOP');
    await new Promise((done) => setTimeout(done, ms));
    this.#simulator.program.kill('SIGCONT');
    this.#stopped = false;
  }

  /** @returns streams whose end nobody knows: those that were open, and what happened since it was asked */
  async killAndRestart(downMs: number): Promise<number> {
    await this.ask();
    const last = this.truths.at(-1)!;
    this.#stopped = true;
    this.#simulator.program.kill('SIGKILL');
    await this.#simulator.program.ended();
    this.#past = last;
    await new Promise((done) => setTimeout(done, downMs));
    this.#simulator = await simulate(this.#args, this.#simulator.port);
    this.#stopped = false;
    return last.active;
  }

  async end(): Promise<void> {
    this.#simulator.program.kill('SIGCONT');
    await this.#simulator.stop();
  }

  #sum({ started, active, finished }: GroundTruth): Truth {
    const ended = Object.values(finished).reduce((sum, n) => sum + n, 0);
    return {
      at: Date.now(),
      started: this.#past.started + started,
      ended: this.#past.ended + ended,
      complete: this.#past.complete + (finished.complete ?? 0),
      active,
    };
  }
}
