import type { HeldLoad } from '../analysis/held-load.ts';
import { type Analysed, analysedIn, heldBy, loadText } from './analysed.ts';
import type { ReportInput } from './input.ts';
import { recommendedFor, recommendedText } from './recommended.ts';
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
      untested(
        name,
        `no limit was crossed up to ${highest}, so what gives first is not known`,
        'raise the load until a limit is crossed',
      ),
    ];
  if (first === undefined) return [];
  return [
    seen(
      name,
      `${first.limit.measure} crosses its ${first.limit.severity} limit at ${loadText(first.crossed, subject)}${first.held === null ? ', the lowest level' : ''}`,
      keepText({ subject, run }, held),
    ),
  ];
}

/** The load to keep to is the recommended one, as in all other sections. */
function keepText({ subject, run }: Pick<Analysed, 'subject' | 'run'>, held: HeldLoad): string {
  const sharing = subject.sharedBy > 1 && run !== null ? run.subjects : [subject];
  const load = recommendedFor(sharing)?.load ?? null;
  if (load !== null)
    return subject.sharedBy > 1
      ? `keep the load at ${recommendedText(sharing)} or below, or fix what gives first`
      : `keep each server at ${recommendedText(sharing)} or below, or fix what gives first`;
  if (subject.sharedBy > 1) return 'hold lower loads, or each target by itself, to learn what it takes';
  return held.maximum === null
    ? 'hold lower loads to learn what it takes'
    : 'hold lower loads to find one with 20 % headroom';
}
