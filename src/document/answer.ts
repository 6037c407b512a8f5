import type { Subject } from '../analysis/level-point.ts';
import { capacityText, provenLoad, whyOf } from '../report/capacity-text.ts';
import { END_REASONS, thresholdText, worstFirst } from '../report/reason.ts';
import type { CapacityResult } from '../schema/capacity.ts';
import type { Summary, ThresholdSummary } from '../schema/summary.ts';
import { thresholdById } from '../thresholds/table.ts';
import { heldBy } from './analysed.ts';
import { type LoadAnswer, loadAnswerOf } from './load-answer.ts';
import { countText, msText, plural } from './text.ts';

/** The sentences that a report begins with. */
export interface Answer extends LoadAnswer {
  readonly held: string;
  /** What one of the users of the load is; `null`: not known, or the load is streams per second. */
  readonly users: string | null;
}

/** Returns the sentences in their order: a run that went beyond what holds begins with what holds. */
export function sentencesOf({ held, upTo, recommended, first, users, load, isCrossed }: Answer): string[] {
  const loads = [users === null ? upTo : `${upTo} ${users}`, recommended];
  const all = load !== null && isCrossed ? [...loads, held, first] : [held, ...loads, first];
  return all.filter((sentence) => sentence !== '');
}

/** Returns whether a run held, up to what load, and what gives first. */
export function answerOf(summary: Summary, subjects: readonly Subject[]): Answer {
  if (summary.capacity !== null && summary.capacity !== undefined) return answerOfSearch(summary.capacity);
  const answer = loadAnswerOf(subjects);
  const held = heldText(summary, answer);
  const users = usersText(summary.setup, answer.load);
  const failed = summary.verdict === 'fail' && !answer.isCrossed;
  const hasLevels = answer.load !== null;
  return failed && hasLevels
    ? {
        held,
        users,
        ...answer,
        first: `${answer.first} What failed over the whole run was not crossed for certain at any one level.`,
      }
    : { held, users, ...answer };
}

/** Returns the same for a search for the capacity. */
function answerOfSearch(capacity: CapacityResult): Answer {
  const { limitedBy } = capacity;
  const load = provenLoad(capacity);
  const first =
    limitedBy === null
      ? 'What gives first is not known.'
      : limitedBy === 'generator'
        ? 'soakd itself was the limit, so what gives first on the target is not known.'
        : limitedBy === 'maxUsers' || limitedBy === 'maxRate'
          ? 'Nothing gave up to the largest load allowed.'
          : `First to give: ${whyOf(capacity)}.`;
  return {
    held: 'The run searched for the capacity, so it crossed limits on purpose.',
    upTo: `Found: ${capacityText(capacity)}`,
    recommended: '',
    users: null,
    first,
    load: load === 0 ? null : load,
    isCrossed: true,
    critical: null,
  };
}

/** Returns the same for a table that someone wrote. */
export function answerOfTable(subject: Subject): Answer {
  const answer = loadAnswerOf([subject]);
  const upTo = answer.upTo.replace(/^It holds /, 'By its table it holds ');
  return { held: tableHeldText(subject), users: null, ...answer, upTo };
}

function tableHeldText(subject: Subject): string {
  const { name, limits } = subject;
  if (limits.length === 0) return `Whether ${name} held is not decided: no limit is known.`;
  const held = heldBy(subject);
  if ('reason' in held) return `Whether ${name} held is not decided: ${held.reason}.`;
  const [first] = held.crossings;
  if (first !== undefined)
    return `By its table ${name} did not hold at all of its levels: ${first.limit.measure} crossed its limit.`;
  return held.inconclusive.length + held.unknown.length === 0
    ? `By its table ${name} held every limit at every level.`
    : `By its table ${name} crossed no limit, but not at every level is that certain.`;
}

/** Writes what a user of a closed model is: a reader may take it for a person who asks now and then. */
function usersText({ model }: Summary['setup'], load: number | null): string | null {
  if (model.kind !== 'closed') return null;
  const { thinkTimeMs } = model;
  if (thinkTimeMs.kind !== 'fixed' || thinkTimeMs.value > 0)
    return 'A user holds one stream at a time, with a think time after each.';
  const example =
    load === null || load < 2 ? '' : `: ${countText(load)} users are ${countText(load)} simultaneous streams`;
  return `A user holds one stream all the time${example}.`;
}

function heldText(summary: Summary, { isCrossed, load, critical }: LoadAnswer): string {
  const { verdict, verdictReason, thresholds, endReason, streams, run } = summary;
  const ended = streams.results.success + streams.results.failed;
  const lasted = `${plural(ended, 'stream')} in ${msText(run.measuredMs)}`;
  const failed = worstFirst(thresholds.filter((t) => t.result === 'fail'));
  if (verdict === 'aborted')
    return `Whether it held is not decided: the run was aborted (${END_REASONS[endReason]}) after ${lasted}.`;
  if (ended === 0 && verdict !== 'fail')
    return 'Whether it held is not known: no stream ended, so nothing was measured.';
  if (verdict === 'fail') {
    const why = failed.length === 0 ? verdictReason : thresholdText(failed[0]!);
    return load !== null && isCrossed
      ? `The run is a FAIL because it went beyond that: ${why}, over all levels together (${lasted}).${severityText(failed, critical)}`
      : `It did not hold: ${why} (${lasted}).${severityText(failed, critical)}`;
  }
  if (verdict === 'inconclusive') return `Whether it held is not decided: ${verdictReason} (${lasted}).`;
  return isCrossed
    ? `It held over the run as a whole, though not at every level: ${verdictReason} (${lasted}).`
    : `It held: ${verdictReason} (${lasted}).`;
}

/**
 * Writes that a crossed warning fails a run, where no critical limit did over the whole run.
 * @param critical a critical limit that is crossed at a level, and where
 */
function severityText(failed: readonly ThresholdSummary[], critical: string | null): string {
  const severities = failed.map((t) => thresholdById(t.threshold)?.severity);
  return failed.length === 0 || severities.includes('critical')
    ? ''
    : ` ${failed.length === 1 ? 'This limit is a warning' : 'These limits are warnings'}: a crossed warning fails a run, as a critical limit does.${critical === null ? '' : ` A critical limit is crossed too: ${critical}.`}`;
}
