import { isDeepStrictEqual } from 'node:util';
import { readSimulatorOptions } from './config/simulator.ts';
import type { SimulatorOptions } from './core/simulator.ts';
import type { Target } from './core/target.ts';
import { reservedDescriptors } from './machine/descriptors.ts';
import { readText } from './machine/files.ts';
import { descriptorLimit } from './machine/machine.ts';
import { type SimulatorThread, startSimulatorThread } from './sim/thread.ts';

interface Started {
  readonly options: unknown;
  readonly thread: Promise<SimulatorThread>;
  /** Absent until it is up. */
  up?: SimulatorThread;
}

/** Returns the highest descriptor of a simulator in this process: its connections share them with API, logs and history. */
function boundOfDescriptors(): { readonly highestDescriptor?: number } {
  const limit = descriptorLimit(readText);
  if (limit === undefined || !Number.isFinite(limit)) return {};
  return { highestDescriptor: limit - Math.floor(reservedDescriptors(limit) / 2) };
}

/** Heap of a simulator without users, and for each user that a run may have, MiB: as of an engine thread. */
const HEAP_MIB = { base: 512, user: 1 / 8 } as const;

/** One built-in simulator for each target that names it; started when it is first needed, kept until the end. */
export class Simulators {
  readonly #started = new Map<string, Started>();
  readonly #failed: (target: string, error: string) => void;
  readonly #maxUsers: () => number;
  readonly #start: typeof startSimulatorThread;

  /**
   * @param failed called once for a simulator that ends by itself, as at the bound of its heap: its target is down from then
   * on. The next run starts another.
   * @param maxUsers users that a run may have
   */
  constructor(
    failed: (target: string, error: string) => void,
    maxUsers: () => number,
    start: typeof startSimulatorThread = startSimulatorThread,
  ) {
    this.#failed = failed;
    this.#maxUsers = maxUsers;
    this.#start = start;
  }

  /** Returns the used heap of each that is up, bytes, by the name of its target. */
  heaps(): (readonly [target: string, bytes: number])[] {
    return [...this.#started].flatMap(([target, { up }]) =>
      up?.heapBytes === undefined ? [] : [[target, up.heapBytes] as const],
    );
  }

  async urlOf({ name, endpoint }: Target): Promise<string> {
    if (endpoint.kind !== 'simulator') throw new TypeError(`${name} is no simulator`);
    const known = this.#started.get(name);
    if (known !== undefined) return (await known.thread).url;
    const thread = this.#start(endpoint.options as unknown as SimulatorOptions, {
      ...boundOfDescriptors(),
      read: readSimulatorOptions,
      heapMiB: HEAP_MIB.base + Math.ceil(this.#maxUsers() * HEAP_MIB.user),
      onFailure: (error) => {
        forget();
        this.#failed(name, error.message);
      },
    });
    const started: Started = { options: endpoint.options, thread };
    const forget = (): void => {
      if (this.#started.get(name) === started) this.#started.delete(name);
    };
    this.#started.set(name, started);
    thread.catch(forget);
    started.up = await thread;
    return started.up.url;
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
