import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import type { Stage } from '../core/scenario.ts';
import { stagesOfTurn } from '../core/sequence.ts';
import type { SetupSummary } from './setup-summary.ts';

/** Maximum of stages and steps to name. */
const MAX_NAMED = 6;

/** Returns the load that was planned: "10, then 40, then 120 users, 20s each". */
export function loadText(setup: SetupSummary): string {
  const { model, targets, warmUpMs, sequence } = setup;
  const unit = model.kind === 'closed' ? 'users' : 'streams a second';
  const inTurns = sequence ?? undefined;
  const { stages: all } = setup;
  const stages = inTurns === undefined ? all : stagesOfTurn({ targets, stages: all, sequence: inTurns });
  const shown = stages.slice(0, MAX_NAMED).map((stage) => shapeText(stage, unit));
  const more = stages.length > MAX_NAMED ? `, and ${stages.length - MAX_NAMED} more stages` : '';
  const shared =
    inTurns !== undefined
      ? `, for ${targets.length} targets one after another ${inTurns.pauseMs === 0 ? 'without a pause' : `with pauses of ${formatDuration(inTurns.pauseMs)}`}`
      : targets.length > 1
        ? `, each stream on one of ${targets.length} targets`
        : '';
  const each = inTurns === undefined ? '' : ' of each';
  const warmUp = warmUpMs > 0 ? `, the first ${formatDuration(warmUpMs)}${each} left out` : '';
  return `${shown.join(', then ')}${more}${shared}${warmUp}`;
}

function shapeText(stage: Stage, unit: string): string {
  const lasts = ` for ${formatDuration(stage.durationMs)}`;
  switch (stage.shape) {
    case 'hold':
      return `${load(stage.level)} ${unitOf(stage.level, unit)}${lasts}`;
    case 'ramp':
      return `${load(stage.from)} to ${load(stage.to)} ${unit}${lasts}`;
    case 'steps': {
      const { levels, durationMs } = stage;
      const more = levels.length > MAX_NAMED ? ', …' : '';
      const named = levels.slice(0, MAX_NAMED).map(load).join(', then ');
      return `${named}${more} ${unit}, ${formatDuration(durationMs / levels.length)} each`;
    }
    case 'spike':
      return `${load(stage.base)} ${unit} with a spike of ${load(stage.peak)}${lasts}`;
    case 'sine':
      return `${load(stage.min)} to ${load(stage.max)} ${unit} in waves${lasts}`;
  }
}

function unitOf(n: number, unit: string): string {
  return n === 1 ? unit.replace('users', 'user').replace('streams', 'stream') : unit;
}

function load(n: number): string {
  return Number.isInteger(n) ? number(n) : String(Number(n.toPrecision(4)));
}
