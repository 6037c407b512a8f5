import type { Stage } from '../shapes/list.ts';
import type { Scenario } from './scenario.ts';

/**
 * Returns the plan of targets that are loaded one after another: all stages for the first target, a pause, all stages for
 * the next one. The pause belongs to the turn before it, whose open streams end in it.
 * @param targets names, in the order of their turns
 * @param pauseMs 0: no pause
 */
export function inTurns(stages: readonly Stage[], targets: readonly string[], pauseMs: number): Stage[] {
  return targets.flatMap((target, i): Stage[] => [
    ...stages.map((stage) => ({ ...stage, target })),
    ...(pauseMs > 0 && i < targets.length - 1
      ? [{ shape: 'hold', level: 0, durationMs: pauseMs, target } as const]
      : []),
  ]);
}

type Planned = Pick<Scenario, 'targets' | 'stages' | 'sequence'>;

/** Returns the stages that each target gets; without a sequence, all stages. */
export function stagesOfTurn({ targets, stages, sequence }: Planned): readonly Stage[] {
  if (sequence === undefined) return stages;
  const pauses = sequence.pauseMs > 0 ? targets.length - 1 : 0;
  return stages.slice(0, (stages.length - pauses) / targets.length).map(({ target: _, ...stage }) => stage);
}

/** Returns how long each target is loaded, ms; without a sequence, the length of the plan. */
export function turnMs(scenario: Planned): number {
  return stagesOfTurn(scenario).reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** Returns the plan with other stages for each target. */
export function withStages({ targets, sequence }: Planned, stages: readonly Stage[]): readonly Stage[] {
  if (sequence === undefined) return stages;
  return inTurns(
    stages,
    targets.map(({ name }) => name),
    sequence.pauseMs,
  );
}

/** Returns the targets that a stage loads: the one whose turn it is, else all of the scenario. */
export function targetsIn(
  { targets, stages }: Pick<Scenario, 'targets' | 'stages'>,
  stage: number,
): Scenario['targets'] {
  const turn = stages[stage]?.target;
  return turn === undefined ? targets : targets.filter(({ name }) => name === turn);
}
