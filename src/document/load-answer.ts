import type { Crossing, HeldLoad } from '../analysis/held-load.ts';
import type { LevelPoint, Subject, SubjectLimit } from '../analysis/level-point.ts';
import { type LevelValue, timingOfLimit, usedShare, valueAtLevel } from '../analysis/limit-at-level.ts';
import { valueText } from '../report/value-text.ts';
import { heldBy, loadText, observedText } from './analysed.ts';
import { crossedLevel, crossedText, placeText } from './crossing-text.ts';
import { marginText } from './margin-text.ts';
import { recommendedText } from './recommended.ts';
import { someOf } from './text.ts';

/** Up to what load subjects hold, and what gives first: the same as the section on capacity, in sentences. */
export interface LoadAnswer {
  readonly upTo: string;
  readonly first: string;
  /** Largest load at which the limits of all subjects hold, and at every smaller one; `null`: none, or not known. */
  readonly load: number | null;
  /** Whether a limit is crossed at some level. */
  readonly isCrossed: boolean;
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
      first: 'What gives first is not known.',
      load: null,
      isCrossed: false,
    };
  }
  const several = subjects.length > 1;
  const [first] = known
    .flatMap(({ subject, held }) => held.crossings.map((crossing) => ({ subject, crossing })))
    .toSorted((a, b) => placeOf(a.crossing) - placeOf(b.crossing) || a.crossing.crossed - b.crossing.crossed);
  return {
    upTo: `${upToText(weakest, known, several)}${unknownText(subjects, known)}`,
    first: first === undefined ? nothingCrossedText(known, several) : firstText(first, several),
    load: weakest.held.maximum,
    isCrossed: first !== undefined,
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

/** A level that barely holds is no load to count with. */
function safeText(subjects: readonly Subject[]): string {
  const recommended = recommendedText(subjects);
  return recommended === 'none'
    ? ' (recommended: none, since no level has 20 % headroom)'
    : ` (recommended, with 20 % headroom: ${recommended})`;
}

function upToText(weakest: Known, known: readonly Known[], several: boolean): string {
  const { subject, held } = weakest;
  const next = nextOf(weakest);
  const shared = several && subject.sharedBy > 1 ? ` shared by ${subject.sharedBy} targets` : '';
  const limits = held.notByLevel.length === 0 ? 'All limits' : 'All limits with values by level';
  const maximum = held.maximum === null ? null : `${loadText(held.maximum, subject)}${shared}`;
  const recommended = safeText(known.map((k) => k.subject));
  if (next === null)
    return `${limits} hold at each level up to the highest, ${maximum}${recommended}; more was not tried.`;
  const why = whyText(weakest, next, several);
  if (maximum !== null)
    return `${limits} hold up to ${maximum}${recommended}; at the next level, ${loadText(next.load, subject)}, ${why}.`;
  const lowest = `at the lowest level, ${loadText(next.load, subject)}${shared},`;
  return next.state === 'crossed'
    ? `No level holds all limits: ${lowest} ${why}.`
    : `Up to what load it holds is not known: ${lowest} ${why}.`;
}

function whyText(
  { subject, held }: Known,
  { load, state }: NonNullable<ReturnType<typeof nextOf>>,
  several: boolean,
): string {
  const of = several ? ` of ${subject.name}` : '';
  if (state === 'inconclusive') return `a value${of} lies within its measurement error of a limit`;
  if (state === 'unknown') return `a limit${of} has no value`;
  const measures = held.crossings.filter((c) => c.crossed === load).map((c) => c.limit.measure);
  return `the limit of ${someOf([...new Set(measures)], 3)}${of} is crossed`;
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
    unreliable === 0 ? '' : `; ${unreliable} of ${windows} measurement windows of that level were unreliable`;
  const of = several ? ` of ${subject.name}` : '';
  return `First to give: ${crossing.limit.measure}${of}, ${placeText(crossing, subject)}, with ${crossedText(crossing, subject)}${doubt}.`;
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
