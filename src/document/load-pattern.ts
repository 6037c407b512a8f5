import { stagesOfTurn } from '../core/sequence.ts';
import type { Summary } from '../schema/summary.ts';
import { piecesOf, shapeOf } from '../shapes/list.ts';
import { levelIn } from '../shapes/piece.ts';

/** How a load moved from stage to stage: which bursts were tested, and which were not. In users, or streams per second. */
export interface LoadPattern {
  /** Whether a stage is a spike or comes in waves. */
  readonly hasSpikes: boolean;
  /** Whether the load fell before its end, to more than 0: that shows how a target recovers. */
  readonly falls: boolean;
  /** The largest rise at once; `null`: the load only rose slowly. */
  readonly jump: { readonly from: number; readonly to: number } | null;
}

/**
 * Returns how the load of a run moves, of a sequence that of each target.
 * @param levels of the run: later stages do not count
 */
export function patternOf(
  { targets, stages: planned, sequence }: Pick<Summary['setup'], 'targets' | 'stages' | 'sequence'>,
  levels: readonly { readonly stage: number }[],
): LoadPattern {
  const last = Math.max(0, ...levels.map(({ stage }) => stage));
  // The load of a sequence falls between its turns, for no target.
  const stages = sequence ? stagesOfTurn({ targets, stages: planned, sequence }) : planned.slice(0, last + 1);
  const jumps: { from: number; to: number }[] = [];
  let falls = false;
  let at = 0;
  const move = (to: number): void => {
    if (to > at) jumps.push({ from: at, to });
    if (to < at && to > 0) falls = true;
    at = to;
  };
  for (const piece of piecesOf(stages)) {
    const [from, to] = [levelIn(piece, piece.fromMs), levelIn(piece, piece.toMs)];
    move(from);
    // A sine always falls: to its lowest level, and there from its highest.
    if (piece.kind === 'sine' ? piece.amplitude > 0 : to < from && to > 0) falls = true;
    at = to;
  }
  const hasSpikes = stages.some((stage) => shapeOf(stage).bursts);
  return { hasSpikes, falls, jump: largest(jumps) };
}

/** Returns the same for the loads of a table, where all users of a level start at once. */
export function patternOfLevels(loads: readonly number[]): LoadPattern {
  const jumps = loads.map((to) => ({ from: 0, to }));
  return { hasSpikes: false, falls: loads.some((l, i) => i > 0 && l < loads[i - 1]!), jump: largest(jumps) };
}

function largest(jumps: readonly { from: number; to: number }[]): LoadPattern['jump'] {
  return jumps.length === 0 ? null : jumps.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
}

/**
 * Writes which burst the load had: `up to 20 users joined at once (from 20 users to 40 users)`.
 * @param text writes a load
 * @param isRate whether loads are streams per second, which do not start at once
 */
export function jumpText(
  { jump }: LoadPattern,
  text: (load: number) => string,
  isRate = false,
): string | null {
  if (jump === null) return null;
  if (isRate) return `the rate rose at once from ${text(jump.from)} to ${text(jump.to)}`;
  if (jump.from === 0) return `up to ${text(jump.to)} started at once`;
  return `up to ${text(jump.to - jump.from)} joined at once (from ${text(jump.from)} to ${text(jump.to)})`;
}
