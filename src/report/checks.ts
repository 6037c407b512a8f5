import { formatDuration } from '../core/duration.ts';
import { formatCount, formatPercent } from '../core/number.ts';
import type { RunReason, RunVerdict } from '../core/run.ts';
import type { LevelMark } from '../schema/level-summary.ts';
import type { TargetSummary } from '../schema/streams-summary.ts';
import type { RunTarget, Summary, ThresholdSummary } from '../schema/summary.ts';
import { levelLoad } from './level-text.ts';
import { boundText } from './limits-text.ts';
import { loadText } from './load-text.ts';
import { qualityText } from './quality-text.ts';
import { END_REASONS, thresholdText } from './reason.ts';
import { standingOf } from './standing.ts';
import { drainText } from './table.ts';
import { valueText } from './value-text.ts';
import { failureText, levelsText, outageText } from './what-went-wrong.ts';

/** Check of a run, as CI systems show it. */
export interface Check {
  /** `null`: the run as a whole. */
  readonly target: string | null;
  /** What must hold, in a sentence: "TTFB p95 at most 2.5s". No two checks of a target share it. */
  readonly name: string;
  /**
   * `error`: undecided, so the run is not a pass although no limit was crossed. `skipped`: a default limit that was left out,
   * since its target had no data for it.
   */
  readonly result: 'pass' | 'fail' | 'error' | 'skipped';
  /** Reason for programs: `crossed`, `inconclusive`, `no-data`, …; empty on a pass. */
  readonly type: string;
  /** Reason in a sentence; empty on a pass. */
  readonly message: string;
  /** Facts beyond the message, one a line; on a pass, what was observed. */
  readonly facts: readonly string[];
}

/** Row of a table of targets. Durations in ms, `null` without data. */
export interface TargetRow {
  readonly name: string;
  readonly started: number;
  /** Success of those that succeeded or failed. */
  readonly success: number | null;
  readonly ttfbP95: number | null;
  readonly ttftP95: number | null;
  readonly gapP95: number | null;
  readonly verdict: RunTarget['verdict'];
  readonly verdictReason: string;
  /** Largest load at which its limits held: "50 users"; `null`: none, or not known. */
  readonly heldUpTo: string | null;
  /** First load at which a limit did not hold, and the start of its level; `null`: none is known. */
  readonly notHeldFrom: { readonly load: string; readonly startedAt: string } | null;
}

/** View of a run for CI outputs; the only place where they depend on the summary. */
export interface CheckedRun {
  readonly id: string;
  readonly scenario: string;
  /** ISO 8601 with a zone. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly verdict: RunVerdict;
  readonly endReason: RunReason;
  /** Reason for the verdict. */
  readonly why: string;
  readonly targets: readonly TargetRow[];
  /** Checks of the run first, then of each target. */
  readonly checks: readonly Check[];
  /** What was run, and how reliable its timings are: a line each. */
  readonly facts: readonly string[];
  /** Failed streams by kind. */
  readonly failures: readonly { readonly target: string; readonly text: string }[];
  /** Warnings, which do not affect the verdict. */
  readonly warnings: readonly { readonly target: string | null; readonly text: string }[];
}

/** End reasons of a run that carried out its plan. */
const PLANNED_ENDS: readonly RunReason[] = ['completed', 'budget_spent'];
/** Times that are listed of each threshold. */
const MAX_ALERTS = 3;
/** Kinds of failure that are listed of a run. */
const MAX_FAILURES = 20;
/** Levels that are listed. */
const MAX_LEVELS = 50;
/** Outages that are listed of a run. */
const MAX_OUTAGES = 20;

/** Returns the checks of a run. At least one check is not a pass if and only if the verdict is not a pass. */
export function checkedRun(summary: Summary): CheckedRun {
  const { run, verdict, endReason, thresholds, targets, drift, bottlenecks, bufferedTargets } = summary;
  const ofThresholds = [...thresholds.map((t) => ofThreshold(t, summary)), ...leftOut(targets)];
  const ofRun = [loadDelivered(summary), hasData(thresholds)].filter((c) => c !== undefined);
  const undecided = verdict !== 'pass' && [...ofThresholds, ...ofRun].every((c) => !isBad(c));
  return {
    id: run.id,
    scenario: run.scenario,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    durationMs: run.lastedMs,
    verdict,
    endReason,
    why: summary.verdictReason,
    targets: targets.map((target) => rowOf(target, summary)),
    checks: [endsAsPlanned(summary, undecided), ...ofRun, ...ofThresholds],
    facts: [`load: ${loadText(summary.setup)}`, ...levelLines(summary), qualityText(summary)],
    failures: summary.failures
      .slice(0, MAX_FAILURES)
      .map((f) => ({ target: f.target, text: failureText(f) })),
    warnings: [
      ...summary.outages.slice(0, MAX_OUTAGES).map((o) => ({ target: o.target, text: outageText(o, run) })),
      ...[...drift.found, ...bottlenecks].map(({ target, text }) => ({ target, text })),
      ...bufferedTargets.map(({ target, streams, of }) => ({
        target,
        text: `${streams} of ${of} long responses arrived all at once: a proxy or the target buffers them`,
      })),
    ],
  };
}

/** Returns the levels with their times; none for a single level. */
function levelLines(summary: Summary): string[] {
  const { levels } = summary;
  if (levels.length < 2) return [];
  const drain = drainText(summary);
  const lines = levels.slice(0, MAX_LEVELS).map((level, index) => {
    const of = level.target ? ` on ${level.target}` : '';
    const lasted = drain !== '' && index === levels.length - 1 ? `, ${drain}` : '';
    return `level: ${levelLoad(level)}${of} from ${level.startedAt} to ${level.endedAt}${lasted}`;
  });
  return levels.length > MAX_LEVELS ? [...lines, `and ${levels.length - MAX_LEVELS} more levels`] : lines;
}

function check(name: string, result: Check['result'], why: Partial<Check> = {}): Check {
  return { target: null, name, result, type: '', message: '', facts: [], ...why };
}

/** @param undecided the verdict is not a pass, and no other check says why */
function endsAsPlanned({ endReason, verdict, verdictReason }: Summary, undecided: boolean): Check {
  const name = 'the run ends as planned';
  if (!PLANNED_ENDS.includes(endReason))
    return check(name, 'error', { type: endReason, message: `${verdict}: ${END_REASONS[endReason]}` });
  if (!undecided) return check(name, 'pass');
  return check(name, 'error', { type: verdict, message: `${verdict}: ${verdictReason}` });
}

/** Absent where no load was due. */
function loadDelivered({ loadDelivered: { ratio, required } }: Summary): Check | undefined {
  if (ratio === null) return undefined;
  const name = `at least ${formatPercent(required)} of the planned load is delivered`;
  if (ratio >= required)
    return check(name, 'pass', { facts: [`observed: ${formatPercent(ratio)} of the planned load`] });
  const message = `inconclusive: ${formatPercent(ratio)} of the planned load was delivered`;
  return check(name, 'error', { type: 'load-delivered', message });
}

/** Present only if it fails: a run without data for any limit cannot pass. */
function hasData(thresholds: readonly ThresholdSummary[]): Check | undefined {
  if (thresholds.length > 0) return undefined;
  const message = 'inconclusive: no limit has data';
  return check('at least one limit has data', 'error', { type: 'no-data', message });
}

/** Returns whether a check keeps a run from a pass. */
export function isBad({ result }: Pick<Check, 'result'>): boolean {
  return result === 'fail' || result === 'error';
}

/** Returns default limits that were left out for want of data: they are no verdicts, and no reader takes them for passed. */
function leftOut(targets: Summary['targets']): Check[] {
  return targets.flatMap(({ name: target, notEvaluated = [] }) =>
    notEvaluated.map((limit): Check => {
      const { measure, count, required } = limit;
      const found = count === 0 ? 'nothing was observed' : `${count} observations, but it needs ${required}`;
      const message = `not evaluated: ${found}`;
      return { ...check(`${measure} ${boundText(limit)}`, 'skipped', { type: 'no-data', message }), target };
    }),
  );
}

function ofThreshold(threshold: ThresholdSummary, summary: Summary): Check {
  const { result, target, measure, observed, unit, count, alerts } = threshold;
  const name = `${measure} ${boundText(threshold)}`;
  const value = observed === null ? 'nothing' : valueText(observed, unit);
  const found = `observed: ${value} (${formatCount(count)} ${count === 1 ? 'observation' : 'observations'})`;
  if (result === 'pass') return { ...check(name, 'pass', { facts: [found] }), target };
  const text = thresholdText(threshold) + levelsText(threshold, summary);
  const isFail = result === 'fail';
  return {
    target,
    name,
    result: isFail ? 'fail' : 'error',
    type: isFail ? 'crossed' : result,
    message: isFail ? text : `inconclusive: ${text}`,
    facts: [found, ...markTexts(threshold, summary), ...alertTimes(alerts)],
  };
}

/** Returns the load of the last held level, and load and start of the first crossed one. */
function markTexts({ crossedFrom, heldUpTo }: ThresholdSummary, { levels }: Summary): string[] {
  if (!crossedFrom || levels.length < 2) return [];
  return [
    heldUpTo ? `held up to: ${levelLoad(levels[heldUpTo.level]!)}` : 'held at no level before it was crossed',
    `crossed from: ${levelLoad(levels[crossedFrom.level]!)}, a level that began at ${crossedFrom.startedAt}`,
  ];
}

function alertTimes(alerts: ThresholdSummary['alerts']): string[] {
  const lines = alerts.slice(0, MAX_ALERTS).map(({ from, to }) => {
    const lasted = to === null ? 0 : Math.max(0, Date.parse(to) - Date.parse(from));
    return `the alert of this limit would have fired at ${from} ${to === null ? 'to the end of the run' : `for ${formatDuration(lasted)}`}`;
  });
  const more = alerts.length - MAX_ALERTS;
  return more > 0 ? [...lines, `and ${more} times more`] : lines;
}

function rowOf(
  { name, streams, successRatio, ttfbMs, ttftMs, gapMs }: TargetSummary,
  summary: Summary,
): TargetRow {
  const { verdict, verdictReason, heldUpTo, notHeldFrom } = standingOf(name, summary);
  const load = ({ level }: LevelMark): string => levelLoad(summary.levels[level]!);
  return {
    name,
    started: streams.started,
    success: successRatio,
    ttfbP95: ttfbMs.p95,
    ttftP95: ttftMs.p95,
    gapP95: gapMs.p95,
    verdict,
    verdictReason,
    heldUpTo: heldUpTo && load(heldUpTo),
    notHeldFrom: notHeldFrom && { load: load(notHeldFrom), startedAt: notHeldFrom.startedAt },
  };
}
