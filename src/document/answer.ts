import type { Subject } from '../analysis/level-point.ts';
import type { CapacityResult } from '../core/capacity.ts';
import { capacityText, provenLoad, whyOf } from '../report/capacity-text.ts';
import { END_REASONS, thresholdText, worstFirst } from '../report/reason.ts';
import type { Summary } from '../report/summary.ts';
import { heldBy } from './analysed.ts';
import { type LoadAnswer, loadAnswerOf } from './load-answer.ts';
import { msText, plural } from './text.ts';

/** The three sentences that a report begins with. */
export interface Answer extends LoadAnswer {
  readonly held: string;
}

/** Returns whether a run held, up to what load, and what gives first. */
export function answerOf(summary: Summary, subjects: readonly Subject[]): Answer {
  if (summary.capacity !== null && summary.capacity !== undefined) return answerOfSearch(summary.capacity);
  const answer = loadAnswerOf(subjects);
  const held = heldText(summary, answer.isCrossed);
  const failed = summary.verdict === 'fail' && !answer.isCrossed;
  const hasLevels = answer.load !== null;
  return failed && hasLevels
    ? {
        held,
        ...answer,
        first: `${answer.first} What failed over the whole run was not crossed for certain at any one level.`,
      }
    : { held, ...answer };
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
    first,
    load: load === 0 ? null : load,
    isCrossed: true,
  };
}

/** Returns the same for a table that someone wrote. */
export function answerOfTable(subject: Subject): Answer {
  return { held: tableHeldText(subject), ...loadAnswerOf([subject]) };
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

/** @param isCrossed whether some level crosses a limit, which the whole run may hold */
function heldText(summary: Summary, isCrossed: boolean): string {
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
  return isCrossed
    ? `It held over the run as a whole, though not at every level: ${verdictReason} (${lasted}).`
    : `It held: ${verdictReason} (${lasted}).`;
}
