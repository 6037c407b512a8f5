import { convertValues } from '../core/convert.ts';
import type { Layout } from '../core/layout.ts';
import { packValues, unpackValues } from '../core/packed-values.ts';
import type { GeneratorWindow, TargetWindow } from './records.ts';

/**
 * Converts windows to the layout in which a run is kept: a run that was resumed under another configuration counts other
 * targets, or has other limits.
 */
export class WindowConverter {
  readonly #from: Layout;
  readonly #to: Layout;

  constructor(from: Layout, to: Layout) {
    this.#from = from;
    this.#to = to;
  }

  /** @returns `undefined` for a target that the run did not count at its start */
  target(window: TargetWindow): TargetWindow | undefined {
    const { start, end } = this.#from.slots[window.target]!;
    const target = this.#to.targets.indexOf(this.#from.targets[window.target]!);
    if (target < 0) return undefined;
    const to = this.#to.slots[target]!;
    return { ...window, target, data: this.#converted(window.data, [start, end], [to.start, to.end]) };
  }

  generator(window: GeneratorWindow): GeneratorWindow {
    const { sharedStart, size } = this.#from;
    const to = this.#to;
    return {
      ...window,
      data: this.#converted(window.data, [sharedStart, size], [to.sharedStart, to.size]),
    };
  }

  #converted(data: Uint8Array, from: readonly [number, number], to: readonly [number, number]): Uint8Array {
    const values = new Float64Array(this.#from.size);
    unpackValues(data, values, ...from);
    return packValues(convertValues(this.#from, this.#to, values), ...to);
  }
}
