import { isDeepStrictEqual } from 'node:util';
import { readSimulatorOptions } from './config/simulator.ts';
import type { Target } from './core/scenario.ts';
import type { SimulatorOptions } from './core/simulator.ts';
import { reservedDescriptors } from './machine/descriptors.ts';
import { readText } from './machine/files.ts';
import { descriptorLimit } from './machine/machine.ts';
import { type SimulatorThread, startSimulatorThread } from './sim/thread.ts';

interface Started {
  readonly options: unknown;
  readonly thread: Promise<SimulatorThread>;
}

/** Returns the highest descriptor of a simulator in this process: its connections share them with API, logs and history. */
function boundOfDescriptors(): { readonly highestDescriptor?: number } {
  const limit = descriptorLimit(readText);
  if (limit === undefined || !Number.isFinite(limit)) return {};
  return { highestDescriptor: limit - Math.floor(reservedDescriptors(limit) / 2) };
}

/** One built-in simulator for each target that names it; started when it is first needed, kept until the end. */
export class Simulators {
  readonly #started = new Map<string, Started>();
  readonly #failed: (target: string, error: string) => void;

  constructor(failed: (target: string, error: string) => void) {
    this.#failed = failed;
  }

  async urlOf({ name, endpoint }: Target): Promise<string> {
    if (endpoint.kind !== 'simulator') throw new TypeError(`${name} is no simulator`);
    const known = this.#started.get(name);
    if (known !== undefined) return (await known.thread).url;
    const thread = startSimulatorThread(endpoint.options as unknown as SimulatorOptions, {
      ...boundOfDescriptors(),
      read: readSimulatorOptions,
      onFailure: (error) => this.#failed(name, error.message),
    });
    this.#started.set(name, { options: endpoint.options, thread });
    thread.catch(() => this.#started.delete(name));
    return (await thread).url;
  }

  /** Ends those that no target names as they are. */
  async keep(targets: readonly Target[]): Promise<void> {
    const wanted = new Map(
      targets.flatMap(({ name, endpoint }) =>
        endpoint.kind === 'simulator' ? [[name, endpoint.options]] : [],
      ),
    );
    const unwanted = [...this.#started].filter(
      ([name, { options }]) => !isDeepStrictEqual(options, wanted.get(name)),
    );
    for (const [name] of unwanted) this.#started.delete(name);
    await Promise.allSettled(unwanted.map(async ([, { thread }]) => (await thread).close()));
  }

  async close(): Promise<void> {
    await this.keep([]);
  }
}
