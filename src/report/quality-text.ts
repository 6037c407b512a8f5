import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import type { Summary } from './summary.ts';
import { levelLoad } from './table.ts';

/** Maximum of levels to name. */
const MAX_LEVELS = 6;
/** Load average over CPUs above which the machine was busy. */
const BUSY = 1.5;
const LOOPBACK = /^https?:\/\/(?:127\.|localhost|\[::1\])/;

/** Returns the measurement quality in a few sentences, with advice. */
export function qualityText(summary: Summary): string {
  const { measurementErrorMs: error } = summary.ttfbMs;
  const { windows, unreliable, limitMs, worstLagMs } = summary.measurementQuality;
  const size =
    error === null
      ? 'The measurement error is unknown: soakd has no samples of its own lag.'
      : `p99 of soakd's own lag over the whole run: ${formatDuration(error.p99)} (${number(error.count)} samples).`;
  if (unreliable === 0) return `${size}${windows === 0 ? '' : ' No window of 5 s was unreliable.'}`;
  const worst = worstLagMs === null ? '' : `, at worst ${formatDuration(worstLagMs)}`;
  const isOpen = summary.thresholds.some((t) => t.result === 'inconclusive');
  return [
    size,
    `${number(unreliable)} of ${number(windows)} windows of 5 s were unreliable${levelsText(summary)}: the p99 of the lag was above ${formatDuration(limitMs)}${worst}, or soakd had no samples.`,
    isOpen
      ? 'Thresholds within that lag of their limit are inconclusive.'
      : 'No threshold became inconclusive: the lag could not change any result.',
    `${busyText(summary)}${isOpen ? 'Lower the load, or give soakd more CPU.' : ''}`.trim(),
  ].join(' ');
}

/** Returns the unreliable windows by level: " (10 users: 3 of 4, 40 users: 0 of 4)". */
function levelsText({ levels }: Summary): string {
  if (levels.length < 2 || levels.length > MAX_LEVELS) return '';
  const parts = levels.map((level) => {
    const { windows, unreliable } = level.measurementQuality;
    const of = level.target ? `${level.target} ` : '';
    return `${of}${levelLoad(level)}: ${unreliable} of ${windows}`;
  });
  return ` (${parts.join(', ')})`;
}

function busyText({ setup: { machine, targets } }: Summary): string {
  const { loadAverage, cpuCores } = machine;
  const isShared = targets.every(({ url }) => url === 'simulator' || LOOPBACK.test(url));
  const busy =
    loadAverage < BUSY * cpuCores
      ? ''
      : `The load average was ${loadAverage.toFixed(1)} on ${cpuCores} CPUs. `;
  return isShared ? `${busy}The targets run on the same machine as soakd. ` : busy;
}
