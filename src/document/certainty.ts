import type { Subject } from '../analysis/level-point.ts';
import { isEitherWay } from '../analysis/limit-at-level.ts';
import { END_REASONS } from '../report/reason.ts';
import { loadAdvice } from '../report/what-went-wrong.ts';
import type { Summary } from '../schema/summary.ts';
import { heldBy, loadText } from './analysed.ts';
import { silentTargets, silentText } from './silent-targets.ts';
import { loadsText } from './stop-text.ts';
import { countText, msText, plural, shareText, someOf, wereText } from './text.ts';
import { isOnThisMachine } from './this-machine.ts';

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

/** Returns how sure the result of a run is, a sentence for each ground: what limits it most comes first. */
export function certaintyOf(summary: Summary, subjects: readonly Subject[]): string[] {
  const { ttfbMs, loadDelivered, inconclusiveBecause, run, streams } = summary;
  const { endReason, levels } = summary;
  const ended = streams.results.success + streams.results.failed;
  const error = ttfbMs.measurementErrorMs;
  return [
    ...(endReason === 'completed' || levels.length === 0
      ? []
      : [
          `The run did not come to the end of its plan (${END_REASONS[endReason]}): its last level was cut short, and no later one was held.`,
        ]),
    ...(inconclusiveBecause.length === 0
      ? []
      : [`Inconclusive because ${inconclusiveBecause.map((cause) => CAUSES[cause]).join(', and ')}.`]),
    ...silentTargets(summary).map((target) => `${silentText(summary, target)}.`),
    ...placeTexts(summary),
    ...onceTexts(subjects),
    ...samplingTexts(subjects),
    ended === 0
      ? noStreamText(summary)
      : `The result rests on ${plural(ended, 'stream')} that succeeded or failed.`,
    error === null
      ? 'The measurement error of timings is not known: soakd has no samples of its own lag.'
      : `The measurement error of timings is ${msText(error.p99)} (p99 of soakd's own lag over the whole run, n = ${countText(error.count)}): one timing of a hundred may be too long by more.${worstLevel(summary, error.p99)}`,
    windowsText(summary, subjects),
    loadDelivered.ratio === null
      ? 'No load was due.'
      : `${shareText(loadDelivered.ratio)} of the planned load was delivered; a pass needs ${shareText(loadDelivered.required)}${loadDelivered.ratio < loadDelivered.required ? `: ${loadAdvice(summary)}` : ''}.`,
    ...(run.gaps.length === 0
      ? []
      : [
          `The run was interrupted and resumed ${run.gaps.length === 1 ? 'once' : `${run.gaps.length} times`}; what happened in the gaps was not measured.`,
        ]),
  ];
}

/** What was loaded, and from where: a simulator is no server, and loopback no network. */
function placeTexts({ setup: { targets } }: Summary): string[] {
  const simulated = targets.filter(({ url }) => url === 'simulator').map(({ name }) => name);
  const local = targets.filter(({ url }) => url !== 'simulator' && isOnThisMachine(url));
  return [
    ...(simulated.length === 0
      ? []
      : [
          `${someOf(simulated, 3)} ${simulated.length === 1 ? 'is' : 'are'} the built-in simulator of soakd, on the same machine: ${simulated.length === targets.length ? 'the result says' : 'its values say'} nothing about a real server.`,
        ]),
    ...(local.length === 0
      ? []
      : [
          `The load came over loopback (${someOf(
            local.map(({ name }) => name),
            3,
          )}): there was no network in between, and server and soakd shared the CPUs of one machine.`,
        ]),
  ];
}

/** Levels of about the same length: a run follows its plan once a second. */
const SAME_LENGTH_S = 3;

/** A level that ran once says nothing of how much another run would differ. */
function onceTexts(subjects: readonly Subject[]): string[] {
  const all = subjects.map(({ levels }) => levels).filter((levels) => levels.length > 0);
  if (all.length === 0) return [];
  if (all.some((levels) => new Set(levels.map((l) => l.load)).size < levels.length)) return [];
  const seconds = all.flat().flatMap((l) => (l.seconds === null ? [] : [l.seconds - (l.drainSeconds ?? 0)]));
  if (seconds.length === 0) return [];
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)];
  const length = (s: number): string => msText(Math.round(s) * 1000);
  const lasted = most - least < SAME_LENGTH_S ? length(most) : `${length(least)} to ${length(most)}`;
  const levels = Math.max(...all.map((l) => l.length));
  return [
    `${levels === 1 ? 'The one level' : `Each of the ${levels} levels`} ran once, for ${lasted}: how much a second run would differ was not measured.`,
  ];
}

/** What the sampling error leaves open of the loads. */
export function samplingTexts(subjects: readonly Subject[]): string[] {
  const parts = subjects.flatMap((subject) => {
    const held = heldBy(subject);
    if ('reason' in held) return [];
    const { maximum, conservative, maximumInterval: ofMaximum, conservativeInterval: ofRecommended } = held;
    if (ofMaximum === null || ofRecommended === null) return [{ isKnown: false, texts: [], unsure: [] }];
    const of = subjects.length > 1 ? ` of ${subject.name}` : '';
    const loads = [
      { name: 'largest', load: maximum, ...ofMaximum },
      { name: 'recommended', load: conservative, ...ofRecommended },
    ].filter(({ load, low, high }) => load !== null && (low !== load || high !== load));
    const unsure = loads.filter(({ low }) => low === null).map(({ name }) => name);
    return [
      {
        isKnown: true,
        texts: loads.flatMap(({ name, load, low, high }) =>
          low === null ? [] : [`the ${name} load${of} may be ${loadsText(low, high ?? load!, subject)}`],
        ),
        unsure: unsure.length === 0 ? [] : [{ loads: unsure.join(' and '), subject: subject.name }],
      },
    ];
  });
  if (parts.length === 0) return [];
  if (parts.some((p) => !p.isKnown))
    return ['The sampling error is not known: numbers of observations, or their spread, are missing.'];
  const texts = [
    ...unsureTexts(
      parts.flatMap((p) => p.unsure),
      subjects.length > 1,
    ),
    ...parts.flatMap((p) => p.texts),
  ];
  return [
    texts.length === 0
      ? 'By the sampling error (95 %) the loads do not change: values near a limit rest on enough streams.'
      : `By the sampling error (95 %, each stream taken as independent) ${someOf(texts, 4)}: so few streams ended at these loads that values beyond a limit, or beyond its margin of 20 %, are not excluded.`,
  ];
}

/** Names the loads for which no level has enough streams: once for all targets that lack the same. */
function unsureTexts(
  unsure: readonly { readonly loads: string; readonly subject: string }[],
  isNamed: boolean,
): string[] {
  return [...Map.groupBy(unsure, ({ loads }) => loads)].map(([loads, same]) => {
    const names = same.map(({ subject }) => subject);
    return `no level has enough streams to be sure of the ${loads} load${isNamed ? ` of ${someOf(names, 3)}` : ''}`;
  });
}

/** How many windows were unreliable, in which levels, and whether the result depends on them. */
function windowsText({ measurementQuality: quality, levels }: Summary, subjects: readonly Subject[]): string {
  const { windows, unreliable, limitMs } = quality;
  if (windows === 0) return 'No measurement window ended in the run.';
  if (unreliable === 0)
    return windows === 1
      ? `The one measurement window of 5 s was reliable: the p99 of soakd's own lag was at most ${msText(limitMs)} in it.`
      : `All ${plural(windows, 'measurement window')} of 5 s were reliable: the p99 of soakd's own lag was at most ${msText(limitMs)} in each.`;
  const places = levels.flatMap((level) => {
    const { unreliable: bad, windows: all } = level.measurementQuality;
    const range = level.users ?? level.rate;
    if (bad === 0 || range === null) return [];
    const unit = level.users === null ? 'rate' : 'users';
    return [{ load: range.to, text: `${bad} of ${all} at ${loadText(range.to, { unit })}` }];
  });
  const where =
    places.length === 0
      ? ''
      : ` By level: ${someOf(
          places.map((p) => p.text),
          5,
        )}.${matterText(
          places.map((p) => p.load),
          subjects,
        )}`;
  return `${unreliable} of ${windows} measurement windows of 5 s ${wereText(unreliable)} unreliable, since ${causesText(quality)}.${where}`;
}

/** Why windows were unreliable; with how many each, where there are several causes. */
function causesText({ unreliable, limitMs, worstLagMs, causes }: Summary['measurementQuality']): string {
  const worst = worstLagMs === null ? '' : `; in the worst of them its p99 was ${msText(worstLagMs)}`;
  const late = `the machine of soakd was too busy: the p99 of soakd's own lag was above ${msText(limitMs)}${worst}`;
  // Summaries before 0.3.0 know no causes.
  if (!causes) return late;
  const texts = [
    [causes.samples, 'soakd had too few samples of its own lag'],
    [causes.freeze, 'soakd was frozen'],
    [causes.death, 'an engine thread died'],
    [causes.lag, late],
  ] as const;
  return texts
    .filter(([n]) => n > 0)
    .map(([n, text]) => (n === unreliable ? text : `in ${n} ${text}`))
    .join(', ');
}

/** Lag makes timings longer: it can cross a limit too early, and no load that holds is too large by it. */
function matterText(loads: readonly number[], subjects: readonly Subject[]): string {
  const held = subjects.map(heldBy).flatMap((h) => ('reason' in h ? [] : [h]));
  const [subject] = subjects;
  if (held.length === 0 || subject === undefined) return '';
  if (held.some((h) => h.limits.some(isEitherWay))) return '';
  const ends = new Set(held.flatMap((h) => [h.maximumStop?.load, h.conservativeStop?.load]));
  const deciding = [...new Set(loads)].filter((load) => ends.has(load));
  return deciding.length === 0
    ? ' The loads above do not depend on them: lag makes timings longer, never shorter, and no limit or margin is first crossed at these levels.'
    : ` The result may depend on them: at ${someOf(
        deciding.map((load) => loadText(load, subject)),
        3,
      )} a limit or margin is first crossed, and a part of the timings there may be soakd's own lag.`;
}
