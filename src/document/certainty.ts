import type { Summary } from '../report/summary.ts';
import { silentTargets, silentText } from './silent-targets.ts';
import { countText, msText, plural, shareText } from './text.ts';

const CAUSES: Readonly<Record<Summary['inconclusiveBecause'][number], string>> = {
  threshold: 'a limit lies within the measurement error',
  'no-data': 'a limit has no data, or there is none',
  'load-delivered': 'less of the planned load was delivered than a pass needs',
};

/** Streams that had not ended may still have had a first byte. */
function noStreamText({ ttfbMs: { count } }: Summary): string {
  return count === 0
    ? 'No stream succeeded or failed: there are no data.'
    : `No stream succeeded or failed: the only data are first bytes (n = ${countText(count)}) of streams that had not ended.`;
}

/** Levels have errors of their own, which differ from that of the run. */
function worstLevel({ levels }: Summary, p99: number): string {
  const worst = Math.max(0, ...levels.map((l) => l.ttfbMs.measurementErrorMs?.p99 ?? 0));
  return worst > p99 ? ` In single levels the p99 is up to ${msText(worst)}.` : '';
}

/** Returns how sure the result of a run is, a sentence for each ground. */
export function certaintyOf(summary: Summary): string[] {
  const { measurementQuality: quality, ttfbMs, loadDelivered, inconclusiveBecause, run, streams } = summary;
  const ended = streams.results.success + streams.results.failed;
  const error = ttfbMs.measurementErrorMs;
  return [
    ...(inconclusiveBecause.length === 0
      ? []
      : [`Inconclusive because ${inconclusiveBecause.map((cause) => CAUSES[cause]).join(', and ')}.`]),
    ...silentTargets(summary).map((target) => `${silentText(summary, target)}.`),
    ended === 0
      ? noStreamText(summary)
      : `The result rests on ${plural(ended, 'stream')} that succeeded or failed.`,
    error === null
      ? 'The measurement error of timings is not known: soakd has no samples of its own lag.'
      : `The measurement error of timings is ${msText(error.p99)} (p99 of soakd's own lag over the whole run, n = ${countText(error.count)}): one timing of a hundred may be too long by more.${worstLevel(summary, error.p99)}`,
    quality.windows === 0
      ? 'No measurement window ended in the run.'
      : quality.unreliable === 0
        ? quality.windows === 1
          ? 'The one measurement window of 5 s was reliable.'
          : `All ${plural(quality.windows, 'measurement window')} of 5 s were reliable.`
        : `${quality.unreliable} of ${quality.windows} measurement windows of 5 s were unreliable: the p99 of soakd's own lag was above ${msText(quality.limitMs)}${quality.worstLagMs === null ? '' : `; in the worst of them its p99 was ${msText(quality.worstLagMs)}`}. The machine of soakd was too busy then.`,
    loadDelivered.ratio === null
      ? 'No load was due.'
      : `${shareText(loadDelivered.ratio)} of the planned load was delivered; a pass needs ${shareText(loadDelivered.required)}.`,
    ...(run.gaps.length === 0
      ? []
      : [
          `The run was interrupted and resumed ${run.gaps.length === 1 ? 'once' : `${run.gaps.length} times`}; what happened in the gaps was not measured.`,
        ]),
  ];
}
