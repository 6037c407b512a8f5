import { HOLD } from './hold.ts';
import type { Part, Piece } from './piece.ts';
import { RAMP } from './ramp.ts';
import { SAWTOOTH } from './sawtooth.ts';
import type { Durations, Levels, StageIssue, StageOf, StageWords } from './shape.ts';
import { SINE } from './sine.ts';
import { SPIKE } from './spike.ts';
import { STEPS } from './steps.ts';

/** Every shape, in the order in which messages list them; the first one is the default. */
const LIST = [HOLD, RAMP, STEPS, SPIKE, SINE, SAWTOOTH] as const;

/**
 * One stretch of a scenario's load. Levels are virtual users in the closed model, streams a second in the
 * open one.
 */
export type Stage = {
  /** The only target that is loaded in it; absent: all, by weight. */
  readonly target?: string;
} & StageOf<(typeof LIST)[number]>;

/** A shape, for code that knows none by name. */
export interface AnyShape {
  readonly name: Stage['shape'];
  readonly levels: Levels;
  readonly durations: Durations;
  readonly bursts: boolean;
  issueOfLevels?(levels: object): StageIssue | undefined;
  issueOfDurations?(durations: object, text: (ms: number) => string): StageIssue | undefined;
  peak(stage: Stage): number;
  parts(stage: Stage): Part[];
  text(stage: Stage, words: StageWords): string;
}

export const SHAPES = LIST as unknown as readonly AnyShape[];

const BY_NAME: ReadonlyMap<string, AnyShape> = new Map(SHAPES.map((shape) => [shape.name, shape]));

export function shapeOf({ shape }: Stage): AnyShape {
  return BY_NAME.get(shape)!;
}

/** Returns the highest level that a stage reaches: virtual users, or streams a second. */
export function peakOf(stage: Stage): number {
  return shapeOf(stage).peak(stage);
}

/** Returns the pieces of all stages, one after another without a gap. */
export function piecesOf(stages: readonly Stage[]): Piece[] {
  let startMs = 0;
  return stages.flatMap((stage, index) => {
    const fromMs = startMs;
    startMs += stage.durationMs;
    return shapeOf(stage)
      .parts(stage)
      .filter((part) => part.toMs > part.fromMs)
      .map((part) => ({ ...part, fromMs: fromMs + part.fromMs, toMs: fromMs + part.toMs, stage: index }));
  });
}
