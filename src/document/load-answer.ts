import type { Crossing, HeldLoad } from '../analysis/held-load.ts';
import type { LevelPoint, Subject, SubjectLimit } from '../analysis/level-point.ts';
import { type LevelValue, timingOfLimit, usedShare, valueAtLevel } from '../analysis/limit-at-level.ts';
import { valueText } from '../report/value-text.ts';
import { heldBy, loadText, observedText } from './analysed.ts';
import { crossedLevel, crossedText, placeText } from './crossing-text.ts';
import { marginText } from './margin-text.ts';
import { recommendedSentence } from './recommended.ts';
import { crossingStopText, intervalText } from './stop-text.ts';
import { someOf, wereText } from './text.ts';

/** Up to what load subjects hold, and what gives first: the same as the section on capacity, in sentences. */
export interface LoadAnswer {
  readonly upTo: string;
  /** The recommended load, and what stops it; empty: not known. */
  readonly recommended: string;
  readonly first: string;
  /** Largest load at which the limits of all subjects hold, and at every smaller one; `null`: none, or not known. */
  readonly load: number | null;
  /** Whether a limit is crossed at some level. */
  readonly isCrossed: boolean;
  /** The critical limit that is crossed first, and where: `TTFB p50 at 2,750 users`; `null`: none. */
  readonly critical: string | null;
}

interface Known {
  readonly subject: Subject;
  readonly held: HeldLoad;
}

/** Returns the answer for the targets of one run, which share its load, or for one table. */
export function loadAnswerOf(subjects: readonly Subject[]): LoadAnswer {
  const all = subjects.map((subject) => ({ subject, held: heldBy(subject) }));
  const known = all.flatMap(({ subject, held }): Known[] => ('reason' in held ? [] : [{ subject, held }]));
  const [weakest] = known.toSorted(
    (a, b) => (a.held.maximum ?? 0) - (b.held.maximum ?? 0) || rankOf(a) - rankOf(b),
  );
  if (weakest === undefined) {
    const reasons = all.flatMap(({ held }) => ('reason' in held ? [held.reason] : []));
    return {
      upTo: `Up to what load it holds is not known: ${[...new Set(reasons)].join('; ') || 'there are no targets'}.`,
      recommended: '',
      first: 'What gives first is not known.',
      load: null,
      isCrossed: false,
      critical: null,
    };
  }
  const several = subjects.length > 1;
  const crossings = known
    .flatMap(({ subject, held }) => held.crossings.map((crossing) => ({ subject, crossing })))
    .toSorted((a, b) => placeOf(a.crossing) - placeOf(b.crossing) || a.crossing.crossed - b.crossing.crossed);
  const [first] = crossings;
  const critical = crossings.find((c) => c.crossing.limit.severity === 'critical');
  return {
    upTo: `${upToText(weakest, several)}${unknownText(subjects, known)}`,
    recommended: recommendedSentence(known.map((k) => k.subject)),
    first: first === undefined ? nothingCrossedText(known, several) : firstText(first, several),
    load: weakest.held.maximum,
    isCrossed: first !== undefined,
    critical: critical === undefined ? null : criticalText(critical, several),
  };
}

const placeOf = ({ at, crossed }: Crossing): number => at ?? crossed;

/** State of the first level that is not held; a crossing says most. */
type NextState = 'crossed' | 'inconclusive' | 'unknown';
const RANKS: Readonly<Record<NextState, number>> = { crossed: 0, inconclusive: 1, unknown: 2 };

function nextOf({ subject, held }: Known): { readonly load: number; readonly state: NextState } | null {
  const loads = subject.levels
    .map((l) => l.load)
    .filter((l) => l > (held.maximum ?? Number.NEGATIVE_INFINITY));
  if (loads.length === 0) return null;
  const load = Math.min(...loads);
  const state = held.inconclusive.includes(load)
    ? 'inconclusive'
    : held.unknown.includes(load)
      ? 'unknown'
      : 'crossed';
  return { load, state };
}

function rankOf(known: Known): number {
  const next = nextOf(known);
  return next === null ? Object.keys(RANKS).length : RANKS[next.state];
}

function upToText(weakest: Known, several: boolean): string {
  const { subject, held } = weakest;
  const next = nextOf(weakest);
  const shared = several && subject.sharedBy > 1 ? ` shared by ${subject.sharedBy} targets` : '';
  const limits = held.notByLevel.length === 0 ? '' : ', by the limits with values by level';
  const interval = intervalText(held.maximum, held.maximumInterval, subject);
  const maximum = held.maximum === null ? null : `${loadText(held.maximum, subject)}${shared}${interval}`;
  if (next === null)
    return `It holds at each level up to the highest, ${maximum}${limits}; more was not tried.`;
  const why = `${loadText(next.load, subject)} ${whyText(weakest, several)}`;
  if (maximum !== null) return `It holds up to ${maximum}${limits}: at ${why}.`;
  return next.state === 'crossed'
    ? `No level holds all limits${shared === '' ? '' : ` of a load${shared}`}: at the lowest, ${why}.`
    : `Up to what load it holds is not known: at the lowest level, ${why}.`;
}

function whyText({ subject, held }: Known, several: boolean): string {
  return held.maximumStop === null
    ? ''
    : crossingStopText(held.maximumStop, several ? ` of ${subject.name}` : '');
}

function unknownText(subjects: readonly Subject[], known: readonly Known[]): string {
  const others = subjects.filter((subject) => known.every((k) => k.subject !== subject));
  return others.length === 0
    ? ''
    : ` Nothing by level is known of ${someOf(
        others.map((s) => s.name),
        3,
      )}.`;
}

function firstText(
  { subject, crossing }: { readonly subject: Subject; readonly crossing: Crossing },
  several: boolean,
): string {
  const { unreliable, windows } = crossedLevel(crossing, subject);
  const doubt =
    unreliable === 0
      ? ''
      : `; ${unreliable} of ${windows} measurement windows of that level ${wereText(unreliable)} unreliable`;
  const of = several ? ` of ${subject.name}` : '';
  return `First to give: ${crossing.limit.measure}${of}, ${placeText(crossing, subject)}, with ${crossedText(crossing, subject)}${doubt}.`;
}

function criticalText(
  { subject, crossing }: { readonly subject: Subject; readonly crossing: Crossing },
  several: boolean,
): string {
  const of = several ? ` of ${subject.name}` : '';
  return `${crossing.limit.measure}${of} at ${loadText(crossing.crossed, subject)}`;
}

/** A value of a limit at a level, and the share of the limit that it uses. */
interface Used {
  readonly subject: Subject;
  readonly level: LevelPoint;
  readonly limit: SubjectLimit;
  readonly value: LevelValue;
  readonly share: number;
}

function nothingCrossedText(known: readonly Known[], several: boolean): string {
  const [unsure] = known.filter(({ held }) => held.inconclusive.length > 0);
  if (unsure !== undefined) {
    const { subject, held } = unsure;
    const loads = held.inconclusive.map((load) => loadText(load, subject));
    return `What gives first is not certain: no limit is crossed for certain, and ${several ? `of ${subject.name} ` : ''}values at ${someOf(loads, 3)} lie within their measurement error of a limit.`;
  }
  const { subject, level, limit, value, share } = known
    .flatMap(usedOf)
    .reduce((a, b) => (b.share > a.share ? b : a));
  const bound = `${limit.crossedWhen === '<' ? 'at least' : 'at most'} ${valueText(limit.limit, limit.unit)}`;
  return `Nothing gave at these loads; closest to its limit came ${limit.measure}${several ? ` of ${subject.name}` : ''}, ${valueText(value.value, limit.unit)} of ${bound} at ${loadText(level.load, subject)} (${observedText(value.n, timingOfLimit(limit)?.timing)}): ${marginText(share)}${limit.crossedWhen === '<' ? ' of what may fail' : ''}.`;
}

function usedOf({ subject, held }: Known): Used[] {
  return subject.levels.flatMap((level) =>
    held.limits.flatMap((limit): Used[] => {
      const value = valueAtLevel(limit, level);
      return value === null ? [] : [{ subject, level, limit, value, share: usedShare(limit, value.value) }];
    }),
  );
}
