import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import type { Summary } from './summary.ts';
import { levelText } from './table.ts';

/** Levels that are named. */
const MAX_LEVELS = 6;
/** Load average over CPUs above which something else kept the machine busy. */
const BUSY = 1.5;

/** Returns how far the timings can be trusted, in a few sentences with what to do. */
export function qualityText(summary: Summary): string {
  const { measurementErrorMs: error } = summary.ttfbMs;
  const { windows, unreliable, limitMs, worstLagMs } = summary.measurementQuality;
  const size =
    error === null
      ? 'The measurement error is unknown: soakd has no samples of its own lag.'
      : `99 % of the timings are at most ${formatDuration(error.p99)} too long, by ${number(error.count)} samples of soakd's own lag.`;
  if (unreliable === 0) return `${size}${windows === 0 ? '' : ' No window of 5 s was unreliable.'}`;
  const worst = worstLagMs === null ? '' : `, at worst ${formatDuration(worstLagMs)}`;
  return [
    size,
    `${number(unreliable)} of ${number(windows)} windows of 5 s were unreliable${levelsText(summary)}: soakd was late by more than ${formatDuration(limitMs)}${worst}, or it is not known by how much.`,
    'What passed and what failed holds in spite of that; what it leaves open is inconclusive.',
    `${busyText(summary)}Lower the load, or give soakd more CPU.`,
  ].join(' ');
}

/** At which levels they were: " (10 users: 3 of 4, 40 users: 0 of 4)". */
function levelsText({ levels }: Summary): string {
  if (levels.length < 2 || levels.length > MAX_LEVELS) return '';
  const parts = levels.map((level) => {
    const { windows, unreliable } = level.measurementQuality;
    return `${levelText(level)} ${level.rate === null ? 'users' : 'streams a second'}: ${unreliable} of ${windows}`;
  });
  return ` (${parts.join(', ')})`;
}

function busyText({ setup: { machine } }: Summary): string {
  const { loadAverage, cpuCores } = machine;
  if (loadAverage < BUSY * cpuCores) return '';
  return `The load average was ${loadAverage.toFixed(1)} on ${cpuCores} CPUs: other programs were busy as well. `;
}
