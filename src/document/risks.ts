import type { HeldLoad } from '../analysis/held-load.ts';
import type { Subject } from '../analysis/level-point.ts';
import { type Analysed, analysedIn, heldBy, loadText } from './analysed.ts';
import type { ReportInput } from './input.ts';
import { recommendedFor, recommendedStop, recommendedText } from './recommended.ts';
import { type Risk, seen, untested } from './risk.ts';
import { risksOfRun } from './risks-of-run.ts';
import { risksOfTable } from './risks-of-table.ts';
import { hasEnded, silentTargets } from './silent-targets.ts';

/** Returns the risks that follow from the data: each is a fact of a run or a table, none is a guess. */
export function risksIn(input: ReportInput): Risk[] {
  return [
    ...input.runs.flatMap(risksOfRun),
    ...input.tables.flatMap(risksOfTable),
    ...analysedIn(input).flatMap(loadRisks),
  ];
}

/** What the limits say of the load of a target. One that never answered, or of which no stream ended, has no load. */
function loadRisks({ name, subject, run }: Analysed): Risk[] {
  if (run !== null) {
    if (!hasEnded(run.summary) || silentTargets(run.summary).includes(subject.name)) return [];
  }
  const held = heldBy(subject);
  if ('reason' in held)
    return [
      untested(
        name,
        `the capacity is not known: ${held.reason}`,
        'hold levels of constant load with a limit',
      ),
    ];
  const [first] = held.crossings;
  const highest = loadText(Math.max(...subject.levels.map((l) => l.load)), subject);
  if (held.isAtLeast)
    return [
      ...stopRisks({ name, subject, run }, held),
      untested(
        name,
        `no limit was crossed up to ${highest}, so what gives first is not known`,
        'raise the load until a limit is crossed',
      ),
    ];
  return [
    ...stopRisks({ name, subject, run }, held),
    ...(first === undefined
      ? []
      : [
          seen(
            name,
            `${first.limit.measure} crosses its ${first.limit.severity} limit at ${loadText(first.crossed, subject)}${first.held === null ? ', the lowest level' : ''}`,
            held.maximum === null
              ? 'hold lower loads to learn what it takes'
              : `to hold more than ${loadText(held.maximum, subject)}, fix what gives first`,
          ),
        ]),
  ];
}

/** The load to keep to is the recommended one, as in all other sections, and its reason the limit that stops it. */
function stopRisks(
  { name, subject, run }: Pick<Analysed, 'name' | 'subject' | 'run'>,
  held: HeldLoad,
): Risk[] {
  const sharing = subject.sharedBy > 1 && run !== null ? run.subjects : [subject];
  const why = recommendedStop(sharing);
  const load = recommendedFor(sharing)?.load ?? null;
  // Of targets that share a load the weakest says it for all.
  if (why === null || why.subject !== subject) return [];
  if (load === null && held.maximum === null) return [];
  return [seen(name, why.text, keepText(subject, sharing, load))];
}

function keepText(subject: Subject, sharing: readonly Subject[], load: number | null): string {
  if (load !== null)
    return subject.sharedBy > 1
      ? `keep the load at ${recommendedText(sharing)} or below`
      : `keep each server at ${recommendedText(sharing)} or below`;
  return subject.sharedBy > 1
    ? 'hold lower loads, or each target by itself, to learn what it takes'
    : 'hold lower loads to find one with a margin of 20 %';
}
