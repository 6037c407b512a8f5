import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import type { Summary } from './summary.ts';

/** Returns how far the timings can be trusted, in a sentence or two with what to do. */
export function qualityText({ ttfbMs: { measurementErrorMs: error }, measurementQuality }: Summary): string {
  const { windows, unreliable, limitMs, worstLagMs } = measurementQuality;
  const size =
    error === null
      ? 'The measurement error is unknown: the canary has no samples.'
      : `99 % of the timings are at most ${formatDuration(error.p99)} too long (${number(error.count)} canary samples).`;
  if (unreliable === 0) return `${size}${windows === 0 ? '' : ' No window was unreliable.'}`;
  const worst = worstLagMs === null ? '' : `, at worst ${formatDuration(worstLagMs)}`;
  return (
    `${size} ${number(unreliable)} of ${number(windows)} windows were unreliable: the lag of soakd was over ` +
    `${formatDuration(limitMs)} or unknown${worst}. Lower the load, or give soakd more CPU.`
  );
}
