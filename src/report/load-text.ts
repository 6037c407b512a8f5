import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import { stagesOfTurn } from '../core/sequence.ts';
import type { SetupSummary } from '../schema/setup.ts';
import { type Stage, shapeOf } from '../shapes/list.ts';

/** Maximum of stages to name. */
const MAX_NAMED = 6;

/** Returns the load that was planned: "10, then 40, then 120 users, 20s each". */
export function loadText(setup: SetupSummary): string {
  const { model, targets, warmUpMs, sequence } = setup;
  const unit = model.kind === 'closed' ? 'users' : 'streams a second';
  const inTurns = sequence ?? undefined;
  const { stages: all } = setup;
  const stages = inTurns === undefined ? all : stagesOfTurn({ targets, stages: all, sequence: inTurns });
  // Of many stages the last one is named too: it is often the highest.
  const isLong = stages.length > MAX_NAMED;
  const shown = stages.slice(0, isLong ? MAX_NAMED - 1 : MAX_NAMED).map((stage) => shapeText(stage, unit));
  const more = isLong ? `, … then ${shapeText(stages.at(-1)!, unit)} (${stages.length} stages)` : '';
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
  return shapeOf(stage).text(stage, {
    unit,
    level: load,
    withUnit: (n) => `${load(n)} ${unitOf(n, unit)}`,
    duration: formatDuration,
  });
}

function unitOf(n: number, unit: string): string {
  return n === 1 ? unit.replace('users', 'user').replace('streams', 'stream') : unit;
}

function load(n: number): string {
  return Number.isInteger(n) ? number(n) : String(Number(n.toPrecision(4)));
}
