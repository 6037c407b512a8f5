import type { Config } from '../../core/scenario.ts';
import { deepFreeze } from '../freeze.ts';
import type { ReadConfig, ReaderEvent } from './messages.ts';

/** Puts a configuration together that arrives in slices. */
export class ArrivingConfig {
  readonly #known: Map<string, readonly string[]>;
  #head: Extract<ReaderEvent, { type: 'read' }> | undefined;
  #lists: readonly ArrivingList[] = [];

  /** @param known an earlier configuration: prompts that are the same there are its list and no copy of it */
  constructor(known: Config) {
    this.#known = new Map(known.targets.map(({ name, prompts }) => [name, prompts]));
  }

  /** @returns the configuration once all of it has arrived */
  add(event: Exclude<ReaderEvent, { type: 'failed' }>): ReadConfig | undefined {
    if (event.type === 'read') {
      this.#head = event;
      const { targets } = event.config;
      this.#lists = Array.from({ length: event.lists }, (_, list) => {
        const { name } = targets[event.listOf.indexOf(list)]!;
        return new ArrivingList(this.#known.get(name) ?? []);
      });
    } else this.#lists[event.list]!.add(event.prompts, event.isLast);
    const head = this.#head;
    if (head === undefined || this.#lists.some(({ whole }) => whole === undefined)) return undefined;
    const { config, access, listOf } = head;
    // A copy that came from a thread has a prototype: a scenario must not be found by the name `constructor`.
    const scenarios: Config['scenarios'] = Object.assign(Object.create(null), config.scenarios);
    const targets = config.targets.map((target, i) => ({
      ...target,
      prompts: this.#lists[listOf[i]!]!.whole!,
    }));
    return { config: deepFreeze({ ...config, scenarios, targets }), access };
  }
}

/** A list of prompts of which slices arrive. */
class ArrivingList {
  readonly #known: readonly string[];
  /** Prompts that were the same as in the known list, from its start on; what follows is in `#own`. */
  #same = 0;
  #own: string[] | undefined;
  /** Frozen; absent until all have arrived. */
  whole: readonly string[] | undefined;

  constructor(known: readonly string[]) {
    this.#known = known;
  }

  add(prompts: readonly string[], isLast: boolean): void {
    if (this.#own === undefined && prompts.every((prompt, i) => this.#known[this.#same + i] === prompt))
      this.#same += prompts.length;
    else {
      this.#own ??= this.#known.slice(0, this.#same);
      for (const prompt of prompts) this.#own.push(prompt);
    }
    if (!isLast) return;
    const isKnown = this.#own === undefined && this.#same === this.#known.length;
    this.whole = isKnown ? this.#known : Object.freeze(this.#own ?? this.#known.slice(0, this.#same));
  }
}
