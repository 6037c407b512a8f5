import type { Model, Scenario } from '../core/scenario.ts';
import { targetsIn } from '../core/sequence.ts';
import { arrivalPacerOf, type UserPacer, userPacerOf } from '../load/pacer.ts';
import type { Piece } from '../shapes/piece.ts';

/** Returns the levels of a plan, and its stages. */
export function paceOf({ kind }: Model, pieces: readonly Piece[]): Pick<UserPacer, 'level' | 'stage'> {
  // The open model's pacer only returns the level here; the workers draw the arrivals.
  return kind === 'closed' ? userPacerOf(pieces) : arrivalPacerOf(pieces);
}

/** Returns a level of a stage by target: by weight over the targets that the stage loads, 0 for others. */
export function byTarget(
  scenario: Pick<Scenario, 'targets' | 'stages'>,
  stage: number,
  names: readonly string[],
  level: number,
): number[] {
  const loaded = targetsIn(scenario, stage);
  const total = loaded.reduce((sum, t) => sum + t.weight, 0);
  return names.map((name) => (level * (loaded.find((t) => t.name === name)?.weight ?? 0)) / total);
}

/** Returns a stage of a plan, and the target whose turn it is, as a run has them. */
export function placeIn(
  { stages }: Pick<Scenario, 'stages'>,
  stage: number,
): { readonly stage: number; readonly turn?: string } {
  const turn = stages[stage]?.target;
  return turn === undefined ? { stage } : { stage, turn };
}
