import type { Part } from './piece.ts';

/** How a stage writes its levels under `users` or `rate`: one number, a list, or two numbers by name. */
export type Levels = 'one' | 'list' | readonly [string, string];

/** Further durations of a stage by their key, and whether 0 is valid. */
export type Durations = Readonly<Record<string, 'above 0' | 'from 0'>>;

type LevelFields<L> = L extends 'one'
  ? { readonly level: number }
  : L extends 'list'
    ? { readonly levels: readonly number[] }
    : L extends readonly [infer A extends string, infer B extends string]
      ? { readonly [K in A | B]: number }
      : never;

/** Fields of a stage, of its durations: those of the configuration with `Ms` after their key. */
type DurationFields<D> = { readonly [K in keyof D & string as `${K}Ms`]: number } & {
  readonly durationMs: number;
};

type Fields<L, D> = LevelFields<L> & DurationFields<D>;

/** What is wrong with a stage whose keys are valid, each by itself. */
export interface StageIssue {
  /** Key of the configuration. */
  readonly key: string;
  /** Absent: a description of the value of the key. */
  readonly found?: string;
  readonly expected: string;
  readonly advice: string;
}

/** Writes levels and durations of a stage for a person. */
export interface StageWords {
  /** Unit of levels, in the plural. */
  readonly unit: string;
  level(n: number): string;
  /** A level with its unit: "1 user". */
  withUnit(n: number): string;
  duration(ms: number): string;
}

/** A course of the load: all that soakd knows of it. */
export interface Shape<N extends string, L extends Levels, D extends Durations> {
  /** As the configuration writes it. */
  readonly name: N;
  readonly levels: L;
  readonly durations: D;
  /** Whether it has bursts: short rises that repeat or pass. */
  readonly bursts: boolean;
  issueOfLevels?(levels: LevelFields<L>): StageIssue | undefined;
  /** @param text writes a duration exactly */
  issueOfDurations?(durations: DurationFields<D>, text: (ms: number) => string): StageIssue | undefined;
  /** The highest level. */
  peak(stage: Fields<L, D>): number;
  /** Parts one after another without a gap, from 0 to the end of the stage; empty ones are left out later. */
  parts(stage: Fields<L, D>): Part[];
  text(stage: Fields<L, D>, words: StageWords): string;
}

export function shape<const N extends string, const L extends Levels, const D extends Durations>(
  record: Shape<N, L, D>,
): Shape<N, L, D> {
  return record;
}

/** Fields of a stage of a shape. */
export type StageOf<S> =
  S extends Shape<infer N, infer L, infer D> ? { readonly shape: N } & Fields<L, D> : never;
