import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import { formatDuration } from '../core/duration.ts';
import type { Scenario } from '../core/scenario.ts';
import { targetsIn } from '../core/sequence.ts';
import type { Piece } from '../shapes/piece.ts';

/** Warm-ups that are over, and the values that they leave out. */
export interface WarmUpState {
  /** Targets whose warm-up is over. */
  readonly over: readonly string[];
  /** For each target, its values at the end of its warm-up; absent before the first end, and without a warm-up. */
  readonly values: Float64Array | undefined;
}

export interface EndedWarmUp {
  readonly targets: readonly string[];
  /** Whether it is the first of the run. */
  readonly isFirst: boolean;
  /** Description of its end, for a person. */
  readonly detail: string;
}

type Planned = Pick<Scenario, 'targets' | 'stages' | 'sequence' | 'warmUpMs'>;

/** The warm-up of a run: once at its start; in a sequence at the start of each turn, for the target of that turn. */
export class WarmUps {
  readonly #scenario: Planned;
  readonly #layout: StreamLayout;
  readonly #over: Set<string>;
  #values: Float64Array | undefined;

  /** @param kept of an earlier process; absent: the run begins */
  constructor(scenario: Planned, layout: StreamLayout, kept?: WarmUpState) {
    this.#scenario = scenario;
    this.#layout = layout;
    this.#over = new Set(
      kept?.over ?? (scenario.warmUpMs > 0 ? [] : scenario.targets.map(({ name }) => name)),
    );
    this.#values = kept?.values;
  }

  get state(): WarmUpState {
    return { over: [...this.#over], values: this.#values };
  }

  /** Targets whose warm-up is not over. */
  get left(): string[] {
    return this.#scenario.targets.map(({ name }) => name).filter((name) => !this.#over.has(name));
  }

  /** Returns whether a stage loads targets that are still warming up. */
  isWarmingUp(stage: number): boolean {
    return targetsIn(this.#scenario, stage).some(({ name }) => !this.#over.has(name));
  }

  /** Returns when warm-ups end that are not over, ms from the start of the plan. */
  ends(pieces: readonly Piece[]): { readonly targets: readonly string[]; readonly atMs: number }[] {
    const { stages, sequence, warmUpMs } = this.#scenario;
    const { left } = this;
    if (left.length === 0) return [];
    if (sequence === undefined) return [{ targets: left, atMs: warmUpMs }];
    return left.flatMap((name) => {
      const first = pieces.findIndex((p) => stages[p.stage]?.target === name);
      if (first === -1) return [];
      // A turn that was skipped ends its warm-up, too.
      const next = pieces.slice(first).find((p) => stages[p.stage]?.target !== name);
      const atMs = Math.min(pieces[first]!.fromMs + warmUpMs, next?.fromMs ?? Number.POSITIVE_INFINITY);
      return [{ targets: [name], atMs }];
    });
  }

  /**
   * Ends the warm-ups whose time is over.
   * @param nowMs from the start of the plan
   * @param values reads the values of the run
   * @returns `undefined` where none ended
   */
  end(pieces: readonly Piece[], nowMs: number, values: () => Float64Array): EndedWarmUp | undefined {
    const targets = this.ends(pieces)
      .filter(({ atMs }) => nowMs >= atMs)
      .flatMap((ended) => ended.targets);
    if (targets.length === 0) return undefined;
    const isFirst = this.#values === undefined;
    this.#values = this.#leftOut(values(), targets);
    for (const name of targets) this.#over.add(name);
    return { targets, isFirst, detail: this.#detail(targets, this.#values) };
  }

  /** Returns what a run leaves out that ends now; `undefined`: nothing. @param values of the run */
  leftOut(values: Float64Array): Float64Array | undefined {
    const { left } = this;
    return left.length === 0 ? this.#values : this.#leftOut(values, left);
  }

  /** Returns the time that was left out so far, ms. */
  get lengthMs(): number {
    const { sequence, warmUpMs } = this.#scenario;
    return (sequence === undefined ? 1 : Math.max(1, this.#over.size)) * warmUpMs;
  }

  #detail(targets: readonly string[], values: Float64Array): string {
    const { sequence, warmUpMs } = this.#scenario;
    const view = new StreamView(this.#layout, values);
    const places = targets.map((name) => this.#layout.targets.indexOf(name));
    const count = places.flatMap((t) => Object.values(view.results(t))).reduce((sum, n) => sum + n, 0);
    const whose = sequence === undefined ? '' : ` of ${targets.join(', ')}`;
    return `${formatDuration(warmUpMs)}${whose} over; verdict, drift and summary leave out the ${count} streams that ended in it`;
  }

  #leftOut(values: Float64Array, targets: readonly string[]): Float64Array {
    // What is counted once for all targets is left out up to the end of the first warm-up.
    if (this.#values === undefined) {
      const first = new Float64Array(values.length);
      first.set(values.subarray(this.#layout.sharedStart), this.#layout.sharedStart);
      return withSlots(this.#layout, first, values, targets);
    }
    return withSlots(this.#layout, this.#values, values, targets);
  }
}

/** Returns `values` with the counts of some targets from `other`. */
export function withSlots(
  { targets: names, slots }: StreamLayout,
  values: Float64Array,
  other: Float64Array,
  targets: readonly string[],
): Float64Array {
  const mixed = values.slice();
  for (const name of targets) {
    const slot = slots[names.indexOf(name)];
    if (slot !== undefined) mixed.set(other.subarray(slot.start, slot.end), slot.start);
  }
  return mixed;
}
