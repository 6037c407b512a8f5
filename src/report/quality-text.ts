import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import type { Summary } from '../schema/summary.ts';
import { levelLoad } from './level-text.ts';
import { drainText } from './table.ts';
import { cpusText } from './value-text.ts';

/** Maximum of levels to name. */
const MAX_LEVELS = 6;
/** Load average over CPUs above which the machine was busy. */
const BUSY = 1.5;
const LOOPBACK = /^https?:\/\/(?:127\.|localhost|\[::1\])/;

/** Returns the measurement quality in a few sentences, with advice. */
export function qualityText(summary: Summary): string {
  const { measurementErrorMs: error } = summary.ttfbMs;
  const { windows, unreliable } = summary.measurementQuality;
  const size =
    error === null
      ? 'The measurement error is unknown: soakd has no samples of its own lag.'
      : `p99 of soakd's own lag over the whole run: ${formatDuration(error.p99)} (${number(error.count)} samples).`;
  if (unreliable === 0) return `${size}${windows === 0 ? '' : ' No window of 5 s was unreliable.'}`;
  const isOpen = summary.thresholds.some((t) => t.result === 'inconclusive');
  return [
    size,
    `${number(unreliable)} of ${number(windows)} windows of 5 s were unreliable${levelsText(summary)}: ${causeText(summary.measurementQuality)}.`,
    ...busyTexts(summary),
    isOpen
      ? 'Thresholds within that lag of their limit are inconclusive. Lower the load, or give soakd more CPU.'
      : 'No threshold became inconclusive: the lag could not change any result.',
  ].join(' ');
}

/** Returns why windows were unreliable: only what applies. */
function causeText({
  unreliable,
  limitMs,
  worstLagMs,
  worstLagAt,
  causes,
}: Summary['measurementQuality']): string {
  const at = worstLagAt ? ` at ${worstLagAt.slice(11, 19)} UTC` : '';
  const worst = worstLagMs === null ? '' : `, at worst ${formatDuration(worstLagMs)}${at}`;
  const late = `the p99 of the lag was above ${formatDuration(limitMs)}${worst}`;
  // Summaries before 0.3.0 know no causes.
  if (!causes) return `${late}, or soakd had no samples`;
  const texts = [
    [causes.lag, late],
    [causes.samples, 'soakd had too few samples of its lag'],
    [causes.freeze, 'soakd was frozen'],
    [causes.death, 'an engine thread died'],
  ] as const;
  const found = texts.filter(([n]) => n > 0);
  return found.map(([n, text]) => (n === unreliable ? text : `in ${number(n)} ${text}`)).join(', ');
}

/** Returns the unreliable windows by level: " (10 users: 3 of 4, 40 users: 0 of 4)". */
function levelsText(summary: Summary): string {
  const { levels } = summary;
  if (levels.length < 2 || levels.length > MAX_LEVELS) return '';
  const parts = levels.map((level, index) => {
    const { windows, unreliable } = level.measurementQuality;
    const of = level.target ? `${level.target} ` : '';
    const drain = index === levels.length - 1 ? drainText(summary) : '';
    return `${of}${levelLoad(level)}: ${unreliable} of ${windows}${drain === '' ? '' : ` in ${drain}`}`;
  });
  return ` (${parts.join(', ')})`;
}

/** Returns that the machine was busy, and what follows. */
function busyTexts({ setup: { machine, targets } }: Summary): string[] {
  const { loadAverage, cpuCores } = machine;
  const isShared = targets.every(({ url }) => url === 'simulator' || LOOPBACK.test(url));
  const shared = 'the targets run on the same machine as soakd';
  if (loadAverage < BUSY * cpuCores) return isShared ? [`${shared.replace('the', 'The')}.`] : [];
  const busy = `The load average was ${loadAverage.toFixed(1)} on ${cpusText(cpuCores)}`;
  return [
    isShared
      ? `${busy}, and ${shared}: timings include waits for its CPU.`
      : `${busy}: the machine of soakd was busy, so soakd itself had to wait for CPU.`,
  ];
}
