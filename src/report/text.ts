import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import type { Summary } from '../schema/summary.ts';
import { capacityText, stepTable } from './capacity-text.ts';
import { detailLines } from './details.ts';
import { highestHeld, openMeanOf } from './level-summary.ts';
import { levelLoad } from './level-text.ts';
import { limitsText, listed } from './limits-text.ts';
import { loadText } from './load-text.ts';
import { qualityText } from './quality-text.ts';
import { END_REASONS } from './reason.ts';
import { standingOf, undeliveredText } from './standing.ts';
import { drainText, levelTable, matrix, targetTable } from './table.ts';
import { isSequence } from './turns.ts';
import { cut, type MoreIn, wrapped } from './value-text.ts';
import { problemsOf } from './what-went-wrong.ts';

/** Maximum of changes to show. */
const MAX_EVENTS = 5;
/** Maximum of gaps to show. */
const MAX_GAPS = 5;
/** Maximum of targets to name. */
const MAX_HELD = 10;
/** Maximum of loads up to which limits held. */
const MAX_GROUPS = 3;

/** Where the reader of a text finds what the text leaves out. */
const MORE_BY_FLAG: MoreIn = { verbose: '--verbose', json: '--json' };

/**
 * Returns the summary as text in lines of at most 110 columns: the verdict, a table of targets, one of levels, the
 * problems and the measurement quality.
 * @param verbose adds outcomes, all timings, passed thresholds and settings
 * @param more commands or flags that show the rest
 */
export function summaryText(summary: Summary, { verbose = false, more = MORE_BY_FLAG } = {}): string {
  const { run, setup, verdict, verdictReason, endReason, levels } = summary;
  const ended =
    endReason === 'completed' || verdict === 'aborted' ? [] : [`  Ended early: ${END_REASONS[endReason]}.`];
  const table = levelTable(levels);
  const drain = drainText(summary);
  return [
    '',
    ...capacityLines(summary),
    `  ${verdict.toUpperCase()}: ${verdictReason}`,
    ...wrapped(
      `Scenario ${run.scenario}, ${formatDuration(run.lastedMs)} from ${run.startedAt}, soakd ${setup.soakd.version}, run ${run.id}`,
      '  ',
      '  ',
    ),
    ...ended,
    ...resumeLines(run),
    ...heldLines(summary),
    ...wrapped(
      `Load: ${loadText(setup)}.${drain === '' ? '' : ` The last level lasted ${drain}.`}${verbose ? '' : ` ${more.verbose} shows URLs, timeouts, settings and all timings.`}`,
      '  ',
      '  ',
    ),
    ...limitLines(summary),
    ...eventLines(run),
    '',
    ...targetTable(summary),
    ...(table.length === 0 ? [] : ['', ...table]),
    ...matrix(summary, more),
    ...rateLines(summary),
    ...problemLines(summary, more),
    '',
    ...wrapped(qualityText(summary), '  ', '  '),
    ...(verbose ? ['', ...detailLines(summary)] : []),
    '',
  ].join('\n');
}

/** Returns the result and the steps of a search for the capacity; nothing of an ordinary run, or one of before 0.3.0. */
function capacityLines({ capacity }: Summary): string[] {
  if (!capacity) return [];
  return [
    ...wrapped(`CAPACITY: ${capacityText(capacity)}`, '  ', '  '),
    '',
    ...stepTable(capacity),
    '',
    ...wrapped(
      'The search crosses thresholds on purpose. The text below covers all steps together.',
      '  ',
      '  ',
    ),
  ];
}

/** Returns how often the run was resumed, and its gaps; nothing where it never was. */
function resumeLines({ gaps }: Summary['run']): string[] {
  if (gaps.length === 0) return [];
  const seconds = gaps.map(({ fromAt, toAt }) =>
    Math.max(1, Math.round((Date.parse(toAt) - Date.parse(fromAt)) / 1000)),
  );
  const length = (s: number): string => formatDuration(s * 1000);
  const all = length(seconds.reduce((sum, s) => sum + s, 0));
  const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
  const shown = gaps
    .slice(0, MAX_GAPS)
    .map(({ fromAt }, i) => `${length(seconds[i]!)} at ${fromAt.slice(11, 19)}`);
  const more = gaps.length > MAX_GAPS ? ', …' : '';
  const [times, parts] =
    gaps.length === 1
      ? ['once', ` from ${gaps[0]!.fromAt.slice(11, 19)} UTC`]
      : [`${number(gaps.length)} times`, ` (${shown.join(', ')}${more} UTC)`];
  const streams = `${number(lost)} open ${lost === 1 ? 'stream was' : 'streams were'} lost`;
  return wrapped(
    `Resumed ${times}: ${all} without soakd${parts}, which the plan excludes; ${streams}.`,
    '  ',
    '  ',
  );
}

function problemLines(summary: Summary, more: MoreIn): string[] {
  const problems = problemsOf(summary, more);
  if (problems.length === 0) return [];
  const title = summary.verdict === 'pass' ? 'Notes' : 'What went wrong';
  return ['', `  ${title}`, ...problems.flatMap((text) => wrapped(text, '  - ', '    '))];
}

/** Returns the limits of the run; nothing where none was evaluated. */
function limitLines(summary: Summary): string[] {
  const text = limitsText(summary);
  return text === '' ? [] : wrapped(`Limits: ${text}.`, '  ', '  ');
}

/**
 * Returns the targets whose limits all hold, with the load up to which they held, then the load up to which the limits of the
 * others held; nothing for a single target.
 */
function heldLines(summary: Summary): string[] {
  const { verdict, targets, levels, setup } = summary;
  if (targets.length < 2) return [];
  const all = targets.map((target) => ({ ...target, ...standingOf(target.name, summary) }));
  const others = levels.length < 2 ? [] : all.filter((t) => t.notHeldFrom !== null);
  if (verdict === 'pass' && others.length === 0) return [];
  const held = all.filter((t) => t.verdict === 'pass' && !others.includes(t));
  const more = held.length > MAX_HELD ? ` and ${held.length - MAX_HELD} more` : '';
  const names = held.slice(0, MAX_HELD).map(({ name }) => cut(name, 40));
  return wrapped(
    [
      held.length === 0
        ? 'No target held all its limits.'
        : `All limits held on ${names.join(', ')}${more}${isSequence(setup) ? '' : mostText(held, summary)}.`,
      ...notHeldTexts(others, levels),
    ].join(' '),
    '  ',
    '  ',
  );
}

type Standing = Summary['targets'][number] & ReturnType<typeof standingOf>;

/** Returns up to what load the limits of the other targets held, and the level from which on they did not. */
function notHeldTexts(others: readonly Standing[], levels: Summary['levels']): string[] {
  const textOf = ({ heldUpTo, notHeldFrom }: Standing): string => {
    const from = `from ${levelLoad(levels[notHeldFrom!.level]!)} upwards (a level that began at ${notHeldFrom!.startedAt.slice(11, 19)} UTC)`;
    return heldUpTo === null
      ? `no load held; limits were crossed ${from}`
      : `all limits held up to ${levelLoad(levels[heldUpTo.level]!)}, and were crossed ${from}`;
  };
  const groups = [...Map.groupBy(others, textOf)];
  const shown = groups.slice(0, MAX_GROUPS).map(([text, same]) => {
    const named = same.slice(0, MAX_HELD).map(({ name }) => cut(name, 28));
    if (same.length > MAX_HELD) named.push(`${same.length - MAX_HELD} more`);
    return `${listed(named)}: ${text}.`;
  });
  return groups.length > MAX_GROUPS ? [...shown, `And ${groups.length - MAX_GROUPS} more.`] : shown;
}

/**
 * The highest constant load, and how many streams targets had open there: users of a plan are those of all its targets.
 * A ramp that rises to a load has fewer streams open than the load. Of equal loads the longest level counts.
 */
function mostText(held: Summary['targets'], { levels, loadDelivered }: Summary): string {
  const { ratio, required } = loadDelivered;
  if (ratio !== null && ratio < required) return `, but ${undeliveredText(ratio)}`;
  const most = highestHeld(levels);
  if (most === undefined) return '';
  const open = held.slice(0, MAX_HELD).map(({ name }) => number(openMeanOf(most, name)));
  return ` at ${levelLoad(most)} over all targets, the highest constant load of the run (on average ${listed(open)} streams open)`;
}

const streamsText = (n: number): string => `${number(n)} ${n === 1 ? 'stream' : 'streams'}`;

/** Goodput and tokens, where there are any. */
function rateLines({ goodput, outputTokens, outputTokensPerSecond, tpotMs, streams }: Summary): string[] {
  const parts: string[] = [];
  if (goodput !== null)
    parts.push(`${number(goodput.within)} of ${number(goodput.finished)} streams met the objective`);
  if (outputTokens > 0)
    parts.push(
      `${outputTokensPerSecond.toFixed(1)} output tokens per second, ${formatDuration(tpotMs.p50 ?? 0)} per token (p50)`,
    );
  const { cancelled, lost } = streams.results;
  if (cancelled > 0) parts.push(`${streamsText(cancelled)} cancelled by soakd, excluded from all ratios`);
  if (lost > 0) parts.push(`${streamsText(lost)} lost by soakd, excluded from all ratios`);
  if (streams.dropped > 0)
    parts.push(
      `${number(streams.dropped)} ${streams.dropped === 1 ? 'start' : 'starts'} dropped: no user was free`,
    );
  return parts.length === 0 ? [] : ['', ...wrapped(`${parts.join('; ')}.`, '  ', '  ')];
}

/** Outages and gaps have lines of their own; what soakd learned of a target changes nothing. */
const NOT_CHANGES: readonly string[] = ['start', 'outage', 'gap', 'learn'];

/** Returns the changes made during the run. */
function eventLines({ events, startedAt }: Summary['run']): string[] {
  const changes = events.filter(({ action }) => !NOT_CHANGES.includes(action));
  const shown = changes.slice(-MAX_EVENTS).flatMap(({ at, action, by, detail }) => {
    const after = formatDuration(Math.max(0, Date.parse(at) - Date.parse(startedAt)));
    return wrapped(`${action} (${by}): ${detail}`, `  ${after.padStart(8)}  `, ' '.repeat(12));
  });
  const more = changes.length - MAX_EVENTS;
  const omitted = `${number(more)} earlier ${more === 1 ? 'change' : 'changes'} not shown`;
  return more > 0 ? [`            ${omitted}`, ...shown] : shown;
}
