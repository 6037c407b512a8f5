import type { LevelPoint, Subject, SubjectLimit } from '../analysis/level-point.ts';
import { END_REASONS, thresholdText, worstFirst } from '../report/reason.ts';
import type { Summary } from '../report/summary.ts';
import { valueText } from '../report/value-text.ts';
import { crosses, limitValue } from './limit-value.ts';
import { countText, msText, numberText, plural, shareText } from './text.ts';

/** A limit that a level crossed, or the one that it came closest to. */
interface AtLevel {
  readonly subject: Subject;
  readonly point: LevelPoint;
  readonly limit: SubjectLimit;
  readonly value: number;
}

/** The three sentences that a report begins with. */
export interface Answer {
  readonly held: string;
  readonly upTo: string;
  readonly first: string;
  /** Largest load at which every limit with data held; `null`: none, or no level has data. */
  readonly load: number | null;
}

/** Returns whether a run held, up to what load, and what gives first. */
export function answerOf(summary: Summary, subjects: readonly Subject[]): Answer {
  return { held: heldText(summary), ...levelAnswer(subjects, summary) };
}

/** Returns the same for a table that someone wrote. */
export function answerOfTable(subject: Subject): Answer {
  const rest = levelAnswer([subject], null);
  const crossed = crossings([subject]);
  const held =
    subject.limits.length === 0
      ? `Whether ${subject.name} held is not decided: no limit is known.`
      : crossed.length === 0
        ? `By its table ${subject.name} held every limit at every level.`
        : `By its table ${subject.name} did not hold at every level: ${crossed[0]!.limit.measure} crossed its limit.`;
  return { held, ...rest };
}

function heldText(summary: Summary): string {
  const { verdict, verdictReason, thresholds, endReason, streams, run } = summary;
  const ended = streams.results.success + streams.results.failed;
  const lasted = `${plural(ended, 'stream')} in ${msText(run.measuredMs)}`;
  const failed = worstFirst(thresholds.filter((t) => t.result === 'fail'));
  if (verdict === 'aborted')
    return `Whether it held is not decided: the run was aborted (${END_REASONS[endReason]}) after ${lasted}.`;
  if (ended === 0 && verdict !== 'fail')
    return 'Whether it held is not known: no stream ended, so nothing was measured.';
  if (verdict === 'fail')
    return `It did not hold: ${failed.length === 0 ? verdictReason : thresholdText(failed[0]!)} (${lasted}).`;
  if (verdict === 'inconclusive') return `Whether it held is not decided: ${verdictReason} (${lasted}).`;
  return `It held: ${verdictReason} (${lasted}).`;
}

function loadText(subject: Subject, load: number): string {
  return subject.unit === 'users' ? plural(load, 'user') : `${numberText(load)} streams per second`;
}

/** Levels that have data, by load, then by the order of the plan. */
function byLoad({ levels }: Subject): LevelPoint[] {
  return levels.filter((p) => p.load > 0 && p.streams !== 0).sort((a, b) => a.load - b.load);
}

/** Returns what was crossed, the lowest load first, and of one load what was crossed by most. */
function crossings(subjects: readonly Subject[]): AtLevel[] {
  return atLevels(subjects)
    .filter(({ limit, value }) => crosses(limit, value))
    .sort((a, b) => a.point.load - b.point.load || excess(b) - excess(a));
}

function atLevels(subjects: readonly Subject[]): AtLevel[] {
  return subjects.flatMap((subject) =>
    byLoad(subject).flatMap((point) =>
      subject.limits.flatMap((limit) => {
        const value = limitValue(point, limit);
        return value === null ? [] : [{ subject, point, limit, value }];
      }),
    ),
  );
}

/** Share of the limit that a value uses; of a limit from below, that of what may be lost. */
function excess({ limit: { limit, crossedWhen }, value }: AtLevel): number {
  if (crossedWhen !== '<') return limit === 0 ? Number.POSITIVE_INFINITY : value / limit;
  return limit === 1 ? 1 + (1 - value) : (1 - value) / (1 - limit);
}

function levelAnswer(subjects: readonly Subject[], summary: Summary | null): Omit<Answer, 'held'> {
  const points = subjects.flatMap(byLoad);
  const known = atLevels(subjects);
  const top = points.reduce<LevelPoint | null>((a, b) => (a === null || b.load > a.load ? b : a), null);
  const [some] = subjects;
  if (top === null || some === undefined)
    return {
      upTo: 'Up to what load it holds is not known: no level of constant load has a stream that ended.',
      first: 'What gives first is not known.',
      load: null,
    };
  if (known.length === 0)
    return {
      upTo: `Up to what load it holds is not known: no limit has data at the levels, the highest of which was ${loadText(some, top.load)}.`,
      first: 'What gives first is not known.',
      load: null,
    };
  const [crossed] = crossings(subjects);
  if (crossed === undefined) {
    const closest = known.reduce((a, b) => (excess(b) > excess(a) ? b : a));
    return {
      upTo: `Every limit with data held at each level up to the highest, ${loadText(some, top.load)}${sharedText(some)}; more was not tried.`,
      first: `Nothing gave at these loads; closest to its limit came ${atText(closest)}, ${percentOf(excess(closest))} of it.`,
      load: top.load,
    };
  }
  const below = points.filter((p) => p.load < crossed.point.load).map((p) => p.load);
  const load = below.length === 0 ? null : Math.max(...below);
  const upTo =
    load === null
      ? `No level held: a limit was crossed at the lowest, ${loadText(some, crossed.point.load)}${sharedText(some)}.`
      : `Every limit with data held up to ${loadText(some, load)}${sharedText(some)}, and one was crossed at the next level, ${loadText(some, crossed.point.load)}.`;
  return { upTo, first: `First to give: ${atText(crossed)}${doubtText(crossed, summary)}.`, load };
}

const sharedText = ({ sharedBy }: Subject): string => (sharedBy > 1 ? ` shared by ${sharedBy} targets` : '');
const percentOf = (share: number): string =>
  Number.isFinite(share) ? shareText(Math.max(0, share)) : 'above';

function atText({ subject, point, limit, value }: AtLevel): string {
  const n = point.streams === null ? '' : `, n = ${countText(point.streams)}`;
  const is = crosses(limit, value) ? 'against a limit of' : 'of at most';
  const bound = limit.crossedWhen === '<' && !crosses(limit, value) ? 'of at least' : is;
  return `${limit.measure} of ${subject.name}, ${valueText(value, limit.unit)} ${bound} ${valueText(limit.limit, limit.unit)} at ${loadText(subject, point.load)}${n}`;
}

/** What the timings of the level may be too long by can be all of what is above the limit. */
function doubtText({ point, limit, value }: AtLevel, summary: Summary | null): string {
  if (summary === null) return '';
  const { unreliable, windows } = point;
  const errorMs = errorOf(point, limit);
  return [
    ...(errorMs !== null && !crosses(limit, value - errorMs)
      ? [`; that is within the measurement error of ${msText(errorMs)}, so it is not certain`]
      : []),
    ...(unreliable === 0
      ? []
      : [`; ${unreliable} of ${windows} measurement windows of that level were unreliable`]),
  ].join('');
}

function errorOf({ timings }: LevelPoint, { threshold, unit }: SubjectLimit): number | null {
  const timing = threshold.split('-')[0]! as keyof LevelPoint['timings'];
  return unit === 'ms' && Object.hasOwn(timings, timing) ? (timings[timing]?.errorMs ?? null) : null;
}
